"""What a pattern was perhaps to say."""

from __future__ import annotations

import pytest

from impact.nearest import Nearest
from impact.tracked import Tracked

TRACKED = Tracked(
    [
        ".browserslistrc",
        ".github/workflows/ci.yml",
        "README.md",
        "Docs/Guide.md",
        "packages/web/package.json",
        "packages/web/src/[id].ts",
        "packages/api/package.json",
        "packages/api/src/main.ts",
        "scripts/build.sh",
        "tools/generate.sh",
        "tools/a {b}.sh",
        "caf\udce9/menu",
    ],
    ["vendor/library"],
)
NEAREST = Nearest(TRACKED)


@pytest.mark.parametrize(
    ("pattern", "near"),
    [
        # A name anywhere.
        (".browserlistrc", ".browserslistrc"),
        ("readme.md", "README.md"),
        ("pakages/", "packages/"),
        ("MENU", "menu"),
        ("unlike-any-other", None),
        ("*.tsx", None),
        # The case of letters.
        ("/docs/guide.md", "/Docs/Guide.md"),
        ("/readme.md", "/README.md"),
        ("docs/", "Docs/"),
        ("/DOCS/", "/Docs/"),
        # One name of a path, what follows as it is.
        ("/packages/wb/", "/packages/web/"),
        ("/package/*/package.json", "/packages/*/package.json"),
        ("/packages/*/pakage.json", None),
        ("/.github/workflow/ci.yml", "/.github/workflows/ci.yml"),
        ("/.github/workflows/ci.yaml", "/.github/workflows/ci.yml"),
        ("/script/build.sh/", None),
        ("/pakages/wb/", None),
        ("/packages/web/src/id.ts", "/packages/web/src/\\[id].ts"),
        ("/Packages/web/src/[id].ts", "/packages/web/src/\\[id].ts"),
        # Another place.
        ("/scripts/generate.sh", "/tools/generate.sh"),
        ("/src/main.ts", "/packages/api/src/main.ts"),
        ("/web/package.json", None),
        # What would not be a pattern that matches.
        ("/tools/a.sh", None),
        ("/vendor/librry", None),
    ],
)
def test_what_is_near(pattern: str, near: str | None) -> None:
    assert not TRACKED.matching(pattern)
    assert NEAREST.pattern(pattern) == near
    assert near is None or TRACKED.matching(near)
