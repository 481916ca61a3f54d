"""GitHub's own path filters: the table of its documentation, and what it does not say.

https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#filter-pattern-cheat-sheet
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from impact.model import Place
from impact.workflows.paths import native_filter
from impact.workflows.workflow import PathFilter, Written

HERE = Place(1, 1)


def written(*patterns: str, ignored: bool = False) -> PathFilter:
    event = Written("pull_request", HERE)
    return PathFilter(event, tuple(Written(one, HERE) for one in patterns), ignored)


def runs(path: str, *patterns: str, ignored: bool = False) -> bool:
    found = native_filter(written(*patterns, ignored=ignored))
    assert found is not None
    return found.runs(path)


@pytest.mark.parametrize(
    ("patterns", "matching", "others"),
    [
        ("*", "README.md server.rb", "docs/file.txt"),
        ("*.jsx?", "page.js page.jsx", "page.jsxx page.j src/page.js"),
        ("**", "all/the/files.md README.md", ""),
        ("*.js", "app.js index.js", "src/app.js app.jsx"),
        ("**.js", "index.js js/index.js src/js/app.js", "index.jsx"),
        ("docs/*", "docs/README.md docs/file.txt", "docs/a/b.md docs README.md"),
        ("docs/**", "docs/README.md docs/mona/octocat.txt", "docs docs.md a/docs/b.md"),
        ("docs/**/*.md", "docs/README.md docs/mona/hello.md docs/a/b/c.md", "docs/a.txt"),
        ("**/docs/**", "docs/hello.md dir/docs/my-file.txt a/docs/plan/space.doc", "mydocs/a"),
        ("**/README.md", "README.md js/README.md", "js/xREADME.md README.md/x"),
        ("**/*src/**", "a/src/app.js my-src/code/js/app.js", "src.js a/srcs/x"),
        ("**/*-post.md", "my-post.md path/their-post.md", "post.md"),
        (
            "**/migrate-*.sql",
            "migrate-10909.sql db/migrate-v1.0.sql db/a/migrate-v1.sql",
            "a.sql",
        ),
        ("*.md !README.md", "hello.md", "README.md docs/hello.md"),
        ("*.md !README.md README*", "hello.md README.md README.doc", "docs/README.md"),
        ("v[12].[0-9]+.[0-9]+", "v1.10.1 v2.0.0", "v3.0.0 v1.x.1"),
        (r"\*.md a\+b", "*.md a+b", "a.md aab"),
        ("!docs/** docs/a.md", "docs/a.md", "docs/b.md x"),
    ],
)
def test_what_the_documentation_says(patterns: str, matching: str, others: str) -> None:
    listed = patterns.split()
    assert [path for path in matching.split() if not runs(path, *listed)] == []
    assert [path for path in others.split() if runs(path, *listed)] == []


def test_ignored_paths_run_nothing() -> None:
    assert not runs("docs/a.md", "docs/**", ignored=True)
    assert runs("src/a.c", "docs/**", ignored=True)
    assert runs("docs/keep.md", "docs/**", "!docs/keep.md", ignored=True)


@pytest.mark.parametrize(
    "pattern", ["[z-a]", "[ab", "?a", "**/*/*/*/*/*/*a", "a++[", "a+a+a+a+a+a+a+b"]
)
def test_what_cannot_be_read_is_not_judged(pattern: str) -> None:
    assert native_filter(written(pattern)) is None


@given(st.lists(st.text("ab/.*?+[]!\\-", max_size=8), max_size=4), st.text("ab/.", max_size=9))
def test_any_text_is_read_or_not(patterns: list[str], path: str) -> None:
    found = native_filter(written(*patterns))
    if found is not None:
        assert found.runs(path) in (True, False)
