"""What is refused in a pattern: where, in which words, and with which fix."""

from __future__ import annotations

import re

import pytest
from hypothesis import given

from impact.syntax import (
    ANY,
    ANY_DIRECTORIES,
    ANYTHING,
    CLASSES,
    STAR,
    PatternError,
    Problem,
    parse_items,
)
from tests.strategies import pattern_attempts


def problems(text: str) -> list[Problem]:
    try:
        parse_items(text)
    except PatternError as error:
        return error.problems
    return []


LITERAL_BRACE = r"; a literal brace is \{"
BACKSLASH = "a backslash makes the next character plain, it separates nothing"
BRACES = "gitignore has no braces; this { is a plain character"
BLANKS = "git drops blanks at the end of a pattern"
TAB = "git keeps a tab at the end of a pattern, where nobody sees it"
KEEPS_A_BLANK = "; a backslash keeps a blank that is in the name"
GLUED = "beside other characters ** means * to git, and before git 2.52 sometimes more"
DIRECTORIES = ", or **/ for any directories"
UNCLOSED = "this [ is never closed, so git matches nothing"
BRACKET = r"write \[ for the character, as in "
BACKWARDS = "this range runs backwards, so git matches only its first character"
DOT = "git's paths have no . component"
DOTS = "git's paths have no .. component"
FROM_ROOT = "write the path from the repository's root"
ALL = "write '**' for every path"


@pytest.mark.parametrize(
    ("text", "offset", "message", "fix"),
    [
        ("", 0, "an empty pattern matches nothing", "remove it"),
        ("/", 0, "/ alone matches nothing", ALL),
        ("a\0", 1, "a pattern cannot contain NUL", "remove it"),
        ("é\n", 1, "a pattern cannot contain a line feed", "remove it"),
        ("a\r", 1, "a pattern cannot contain a carriage return", "remove it"),
        ("\ufeffa", 0, "a pattern cannot contain a byte order mark", "remove it"),
        ("a\udcff", 1, "a pattern cannot contain half a character", "remove it"),
        ("#a", 0, "gitignore reads a leading # as a comment", r"write '\#a'"),
        (
            "!it's",
            0,
            "a pattern has one sign at most; a second ! would be part of the name",
            r"write '\!it''s' for a name that begins with !",
        ),
        (" ", 0, "a pattern of blanks matches nothing", "remove it"),
        ("\t", 0, TAB, "remove it"),
        ("é ", 1, BLANKS, "write 'é'" + KEEPS_A_BLANK),
        ("a  ", 1, BLANKS, "write 'a'" + KEEPS_A_BLANK),
        ("a \t", 1, TAB, "write 'a'" + KEEPS_A_BLANK),
        ("a\\  ", 3, BLANKS, "write 'a\\ '" + KEEPS_A_BLANK),
        ("a\\\\ ", 3, BLANKS, r"write 'a\\'" + KEEPS_A_BLANK),
        ("/a///b/", 2, "no path contains //", "write '/a/b/'"),
        ("./src", 0, DOT, "write '/src'"),
        ("a/./b", 2, DOT, "write 'a/b'"),
        ("./a/./b", 0, DOT, "write '/a/b'"),
        ("a/.", 2, DOT, "write 'a'"),
        ("./", 0, DOT, ALL),
        ("../a", 0, DOTS, FROM_ROOT),
        ("é/..", 2, DOTS, FROM_ROOT),
        ("{a,b}", 0, BRACES, "write one pattern each: 'a', 'b'" + LITERAL_BRACE),
        ("é.{x/y,z}", 2, BRACES, "write one pattern each: 'é.x/y', 'é.z'" + LITERAL_BRACE),
        (r"a\{{b", 3, BRACES, r"write 'a\{\{b' for the character"),
        ("a**", 1, GLUED, "write 'a*'" + DIRECTORIES),
        ("**/é**b", 4, GLUED, "write '**/é*b'" + DIRECTORIES),
        (r"\***", 2, GLUED, r"write '\**'" + DIRECTORIES),
        ("a***b", 1, GLUED, "write 'a*b'" + DIRECTORIES),
        ("a/***/b", 2, "git reads *** as **", "write 'a/**/b'"),
        ("***", 0, "git reads *** as **", "write '**'"),
        ("[z-a]", 3, BACKWARDS, "write [a-z]"),
        ("é[bz-a]", 5, BACKWARDS, "write [a-z]"),
        ("[é-a]", 3, BACKWARDS, "a class holds bytes; write one pattern for each character"),
        ("é[a", 1, UNCLOSED, BRACKET + r"'é\[a'"),
        ("a[]", 1, UNCLOSED, BRACKET + r"'a\[]'"),
        ("[!]/", 0, UNCLOSED, BRACKET + r"'\[!]/'"),
        (r"a[][\[b", 1, UNCLOSED, BRACKET + r"'a\[]\[\[b'"),
        (
            "é[[:word:]]",
            2,
            "git knows no class [:word:] and matches nothing",
            "the classes are " + ", ".join(CLASSES),
        ),
        (
            "é[/]",
            1,
            "this class matches nothing",
            "a class matches one byte that is not a slash",
        ),
        (r"é\src\main", 1, BACKSLASH, "write 'é/src/main'"),
        (r"a\/", 1, BACKSLASH, "write 'a/'"),
        ("é\\", 1, "a pattern that ends in a backslash matches nothing", "write 'é/'"),
        (
            "\\",
            0,
            "a pattern that ends in a backslash matches nothing",
            r"write '\\' for the character",
        ),
    ],
)
def test_a_refusal_says_where_why_and_what_to_write(
    text: str, offset: int, message: str, fix: str
) -> None:
    assert problems(text)[0] == Problem(offset, message, fix)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a**{b,c}[z", [(1, GLUED), (3, BRACES), (8, UNCLOSED)]),
        ("//..", [(0, "no path contains //"), (2, DOTS)]),
        ("./a/./../b", [(0, DOT), (6, DOTS)]),
        (
            "a\n\0",
            [(1, "a pattern cannot contain a line feed"), (2, "a pattern cannot contain NUL")],
        ),
    ],
)
def test_all_that_is_wrong_is_told_in_the_order_of_the_text(
    text: str, found: list[tuple[int, str]]
) -> None:
    assert [(problem.offset, problem.message) for problem in problems(text)] == found


@given(pattern_attempts())
def test_a_problem_lies_within_the_text(text: str) -> None:
    for problem in problems(text):
        assert 0 <= problem.offset < max(1, len(text))


@given(pattern_attempts())
def test_a_pattern_that_a_fix_shows_does_not_have_the_problem(text: str) -> None:
    before = [problem.message for problem in problems(text)]
    for problem in problems(text):
        for shown in re.findall(r"'((?:[^']|'')*)'", problem.fix or ""):
            after = [p.message for p in problems(shown.replace("''", "'"))]
            assert after.count(problem.message) < before.count(problem.message), shown


@pytest.mark.parametrize(
    ("text", "items", "only_directories"),
    [
        ("a", (ANY_DIRECTORIES, {"a"}), False),
        ("a/", (ANY_DIRECTORIES, {"a"}), True),
        ("/a", ({"a"},), False),
        ("a/b", ({"a"}, {"/"}, {"b"}), False),
        ("*?", (ANY_DIRECTORIES, STAR, ANY), False),
        ("**", (ANY_DIRECTORIES, STAR), False),
        ("/**", (ANYTHING,), False),
        ("**/**/a/**", (ANY_DIRECTORIES, {"a"}, {"/"}, ANYTHING), False),
        (r"/\*\ ", ({"*"}, {" "}), False),
        ("/[]a-c^-]", ({*"]abc^-"},), False),
        (r"/[\]\a-\c[:digit:]]", ({*"]abc0123456789"},), False),
        ("/[[:alpha]", ({*"[:alph"},), False),
    ],
)
def test_the_items_of_a_pattern(
    text: str, items: tuple[object, ...], only_directories: bool
) -> None:
    wanted = tuple(
        frozenset(map(ord, item)) if isinstance(item, set) else item for item in items
    )
    assert parse_items(text) == (wanted, only_directories)
