"""Checks the links of the documents: each leads to a document, and to a heading in it."""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PLACES = ("README.md", "docs/*.md", "packages/*/README.md")
DOCUMENTS = sorted(document for place in PLACES for document in ROOT.glob(place))


def anchors(document: Path) -> set[str]:
    """The anchors of a document's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)", document.read_text(encoding="utf-8"), re.M)
    return {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings}


problems = []
for document in DOCUMENTS:
    text = document.read_text(encoding="utf-8")
    for link in re.findall(r"\]\(((?!https?:)[^)]+)\)", text):
        name, _, anchor = link.partition("#")
        target = (document.parent / name).resolve() if name else document
        where = f"{document.relative_to(ROOT)}: the link {link}"
        if not target.exists():
            problems.append(f"{where} leads nowhere; mend it")
        elif target not in DOCUMENTS:
            # Nothing would check this link when somebody moves its target.
            problems.append(f"{where} leads to no document; write `{target.name}` instead")
        elif anchor and anchor not in anchors(target):
            problems.append(f"{where} names no heading of {target.name}")
if problems:
    sys.exit("\n".join(problems))
print(f"{len(DOCUMENTS)} documents, all links well")
