"""A name without a slash matches in several directories.

A pattern floats where it has no slash but at its end: git takes it for a name anywhere. The
finding is about names without wildcards that match in more than one directory. Where that
is meant, `**/` in front says so, and means the same.

Why it is bad: the author often had the one at the root in mind, and every other one wakes
the surface as well, or is kept from it.

Tracked: filters.yml, package.json, web/package.json, web/examples/package.json

Example::

    version: 1
    surfaces:
      root: [package.json]
      web: [/web/]

Use instead::

    version: 1
    surfaces:
      root: [/package.json]
      web: [/web/]
"""

from __future__ import annotations

from collections.abc import Iterator

from impact.checks.subject import Subject, quoted
from impact.findings import Finding
from impact.model import Rule
from impact.naming import signed
from impact.pattern import compile_pattern
from impact.quoting import quote
from impact.tracked import escaped, is_pattern

ID = "floating-pattern"
_SHOWN = 3


def check(subject: Subject) -> Iterator[Finding]:
    """Yield a finding for every such pattern."""
    for written in subject.coverage.rules:
        rule = written.rule
        parents = _parents(subject, rule)
        if len(parents) < 2:
            continue
        shown = ", ".join(quote(parent) or "the root" for parent in parents[:_SHOWN])
        more = f" and {len(parents) - _SHOWN:,} more" if len(parents) > _SHOWN else ""
        message = (
            f"{signed(rule)} has no slash in front, so it matches in {len(parents):,} "
            f"directories: {shown}{more}"
        )
        # The one at the root was most likely meant.
        named = parents[:1] if "" in parents else parents[:_SHOWN]
        spelt = [escaped(parent).rstrip("/") + "/" + rule.pattern for parent in named]
        some = " or ".join(quoted(text, rule.include) for text in spelt if is_pattern(text))
        anywhere = quoted("**/" + rule.pattern, rule.include)
        fix = f"write {some}, or {anywhere} if all are meant" if some else f"write {anywhere}"
        yield subject.of_rule(ID, written, message, fix)


def _parents(subject: Subject, rule: Rule) -> list[str]:
    """The directories in which a name matches, those nearest to the root first."""
    body = rule.pattern.removesuffix("/")
    pattern = compile_pattern(rule.pattern)
    name = pattern.literal
    if "/" in body or not pattern.floating or len(name) != len(pattern.items) - 1:
        return []
    found = set()
    for number in subject.tracked.matching(rule.pattern):
        path = b"/" + subject.tracked.paths[number] + b"/"
        at = path.find(b"/" + name + b"/")
        found.add(path[1 : at + 1].decode("utf-8", "surrogateescape"))
    return sorted(found, key=lambda parent: (parent.count("/"), parent))
