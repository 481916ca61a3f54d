"""Single patterns against real git: does `compile_pattern` mean what git means?

Git is asked twice, in independent ways: many patterns at once through `tests.oracle`, and
for some of them one pattern alone in the root of a repository with the path on the disk.
"""

from __future__ import annotations

import logging
import os
import re
import secrets
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

import pytest

from impact.pattern import compile_pattern
from impact.syntax import CLASSES, PatternError, Problem, parse_items
from tests.oracle import git_matches, plain_git_environment
from tests.strategies import Choices, accepted, any_text, path_like, pattern_text

PATHS = 40
"""How many paths each pattern is held against."""


@pytest.fixture
def seed(request: pytest.FixtureRequest) -> int:
    """The same in every run, but for a thorough one."""
    return secrets.randbits(32) if request.config.getoption("thorough") else 1


@pytest.fixture
def many(request: pytest.FixtureRequest) -> Callable[[int], int]:
    """``many(n)``: n, or five times as many in a thorough run."""
    return lambda n: 5 * n if request.config.getoption("thorough") else n


def questions(seed: int, count: int) -> Iterator[tuple[str, list[bytes]]]:
    """Accepted patterns that differ, each with paths that differ."""
    choices = Choices.seeded(seed)
    seen: set[str] = set()
    while len(seen) < count:
        pattern = pattern_text(choices)
        if pattern not in seen and accepted(pattern):
            seen.add(pattern)
            paths: set[bytes] = set()
            while len(paths) < PATHS:
                paths.add(path_like(choices, pattern))
            yield pattern, sorted(paths)


def disagreements(
    asked: Sequence[tuple[str, Sequence[bytes]]], answers: Sequence[Sequence[bool]]
) -> list[tuple[str, bytes, str]]:
    """Where git and impact differ."""
    return [
        (pattern, path, f"git: {git}")
        for (pattern, paths), row in zip(asked, answers, strict=True)
        for path, git in zip(paths, row, strict=True)
        if compile_pattern(pattern).matches(path) != git
    ]


def test_random_patterns_match_what_git_ignores(
    tmp_path: Path, seed: int, many: Callable[[int], int]
) -> None:
    asked = list(questions(seed, many(2000)))
    answers = git_matches(tmp_path, asked)
    differing = disagreements(asked, answers)
    matching = sum(map(sum, answers))
    pairs = sum(len(paths) for _, paths in asked)
    logging.getLogger(__name__).info(
        "seed %d: %d patterns, %d pairs, %d of them match, %d disagreements",
        *(seed, len(asked), pairs, matching, len(differing)),
    )
    assert pairs >= 40 * len(asked)
    assert pairs / 4 < matching < pairs * 3 / 4, "paths that all match or all do not say little"
    assert not differing, f"seed {seed}: {len(differing)} of {pairs}: {differing[:10]}"


def test_a_named_class_holds_the_bytes_that_it_holds_for_git(tmp_path: Path) -> None:
    bytes_asked = [b"x%cx" % byte for byte in range(1, 256) if byte != ord("/")]
    asked = [
        (f"/x[{sign}[:{name}:]]x", bytes_asked) for name in CLASSES for sign in ("", "!", "^")
    ]
    asked += [(f"/x[[:{name}:]b-f_]x", bytes_asked) for name in CLASSES]
    asked += [(f"/x[[:{name}:]-z]x", bytes_asked) for name in CLASSES]
    assert not disagreements(asked, git_matches(tmp_path, asked))


def test_every_byte_can_be_a_literal_a_member_and_an_end_of_a_range(tmp_path: Path) -> None:
    bytes_asked = [b"x%cx" % byte for byte in range(1, 256) if byte != ord("/")]
    texts = [
        text.format(chr(code))
        for code in range(1, 0x80)
        for text in (
            "/x{}x",
            "/x\\{}x",
            "/x[{}]x",
            "/x[!{}]x",
            "/x[\\{}]x",
            "/x[{}-~]x",
            "/x[!-{}]x",
        )
    ]
    asked = [(text, bytes_asked) for text in texts if accepted(text)]
    assert len(asked) > 600
    assert not disagreements(asked, git_matches(tmp_path, asked))


def test_small_patterns_match_what_git_ignores_without_exception(tmp_path: Path) -> None:
    """All patterns of at most four tokens, against all paths of at most three components."""
    tokens = ["a", "b", "*", "?", "/", "**", "[!a]"]
    texts = [""]
    for _ in range(4):
        texts += {text + token for text in texts for token in tokens} - {*texts}
    names = [b"a", b"b", b"ab", b"ba"]
    paths = [
        b"/".join(p) for p in ([(n,) for n in names] + [(n, m) for n in names for m in names])
    ]
    paths += [b"/".join((n, m, o)) for n in names[:3] for m in names[:3] for o in names[:3]]
    asked = [(text, paths) for text in texts if accepted(text)]
    assert len(asked) > 1000
    assert not disagreements(asked, git_matches(tmp_path, asked))


# -- the second way of asking --------------------------------------------------------------


class Disk:
    """A repository with one pattern in its .gitignore and real files and directories."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.git("init", "-q", "--template=", ".")
        for name, value in (("core.ignoreCase", "false"), ("core.excludesFile", os.devnull)):
            self.git("config", name, value)

    def git(self, *arguments: str, asked: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            ["git", *arguments],
            cwd=self.folder,
            env=plain_git_environment(self.folder),
            input=asked,
            stdout=subprocess.PIPE,
            check=False,
        )

    def write(self, path: bytes, directory: bool) -> bool:
        """Make the file or the directory; False where something else is there."""
        place = os.path.join(os.fsencode(self.folder), path)
        with suppress(OSError):
            if directory:
                os.makedirs(place, exist_ok=True)
            else:
                os.makedirs(os.path.dirname(place), exist_ok=True)
                with open(place, "ab"):
                    pass
        return os.path.isdir(place) if directory else os.path.isfile(place)

    def ignores(self, pattern: str, paths: Sequence[bytes]) -> set[bytes]:
        """Those of the paths that git ignores with this pattern alone."""
        (self.folder / ".gitignore").write_text(pattern + "\n", encoding="utf-8")
        asked = b"".join(b"./%b\0" % path for path in paths)
        answer = self.git("check-ignore", "--no-index", "--stdin", "-z", asked=asked)
        assert answer.returncode in (0, 1)
        return {path.removeprefix(b"./") for path in answer.stdout.split(b"\0") if path}


def test_one_pattern_alone_means_the_same_with_its_paths_on_the_disk(
    tmp_path: Path, seed: int, many: Callable[[int], int]
) -> None:
    """Files, directories, and repositories inside the repository as submodules are."""
    disk = Disk(tmp_path)
    directories_only = 0
    for number, (pattern, paths) in enumerate(questions(seed + 1, many(200))):
        files, directories = [], []
        for path in paths:
            if disk.write(path, False):
                files.append(path)
            under = b"d%d/" % number + path if b"/" not in pattern.encode()[:-1] else path
            if disk.write(under, True):
                directories.append(under)
                if number % 20 == 0:
                    disk.git("init", "-q", "--template=", "./" + os.fsdecode(under))
        ignored = disk.ignores(pattern, files + directories)
        compiled = compile_pattern(pattern)
        assert {f for f in files if compiled.matches(f)} == ignored & {*files}, pattern
        assert {d for d in directories if compiled.matches(d, True)} == ignored & {*directories}
        directories_only += sum(
            compiled.matches(d, True) != compiled.matches(d) for d in directories
        )
    assert directories_only > 20


# -- what is refused -----------------------------------------------------------------------

GLUED = "beside other characters ** means * to git, and before git 2.52 sometimes more"
REFUSALS = {
    r"a pattern cannot contain .*|gitignore has no braces; .*|a backslash makes .*": "listed",
    r"git keeps a tab .*|a pattern has one sign .*|this range runs backwards, .*": "listed",
    r".* matches nothing|gitignore reads a leading # .*|no path contains //": "no match",
    r"git's paths have no \.\.? component": "no match",
    r"git reads \*\*\* as \*\*|git drops blanks at the end of a pattern": "another pattern",
    re.escape(GLUED): "one or the other",
}
"""What each refusal says of git; nothing else is refused."""


def refused(seed: int, count: int) -> Iterator[tuple[str, list[Problem]]]:
    """Texts that impact refuses and git can be asked about, with what is wrong in them."""
    choices = Choices.seeded(seed)
    seen: set[str] = set()
    while len(seen) < count:
        text = any_text(choices)
        if text not in seen and not re.search("[\0\r\n\ud800]", text):
            try:
                parse_items(text)
            except PatternError as error:
                seen.add(text)
                yield text, error.problems


def said_of_git(problem: Problem) -> str:
    """What the message says of git, by its words."""
    (found,) = {to for words, to in REFUSALS.items() if re.fullmatch(words, problem.message)}
    return found


def test_what_a_refusal_says_of_git_is_true(
    tmp_path: Path, seed: int, many: Callable[[int], int]
) -> None:
    choices = Choices.seeded(seed)
    nothing, same = [], []
    for text, problems in refused(seed, many(1000)):
        said = [said_of_git(problem) for problem in problems]
        if re.search(r"[^/*]\*{2,}", text):
            continue  # behind such stars even // can match
        paths = sorted({path_like(choices, text) for _ in range(PATHS)})
        for problem, what in zip(problems, said, strict=True):
            if what == "no match" and "[" not in text[: problem.offset]:
                nothing.append((text, paths))
            elif what == "another pattern":
                kept, rest = text[: problem.offset], text[problem.offset :]
                other = kept + ("**" + rest.lstrip("*") if rest[0] == "*" else "")
                same += [(text, paths), (other, paths)]
    assert len(nothing) > 200
    assert len(same) > 100
    answers = git_matches(tmp_path, nothing + same)
    for (text, _), answer in zip(nothing, answers, strict=False):
        assert not any(answer), repr(text)
    of_same = answers[len(nothing) :]
    for (text, _), answer, other in zip(same[::2], of_same[::2], of_same[1::2], strict=True):
        assert answer == other, repr(text)


def test_stars_beside_other_characters_mean_one_thing_to_git_or_another(tmp_path: Path) -> None:
    """Why they are refused: behind a plain beginning they are more than a star.

    Until git 2.52: its commit 1940a02dc1 has them mean one thing everywhere.
    """
    paths = [b"ab/c", b"ab/x/c", b"ac", b"x/ab/c"]
    glued, star, behind_a_class = git_matches(
        tmp_path, [("a**/c", paths), ("a*/c", paths), ("[a]**/c", paths)]
    )
    assert star == behind_a_class == [True, False, False, False]
    told = subprocess.run(["git", "version"], capture_output=True, text=True, check=True)
    version = [int(number) for number in re.findall(r"\d+", told.stdout)[:2]]
    assert glued == (star if version >= [2, 52] else [True, True, True, False])
    for text in ("a**/c", "[a]**/c"):
        with pytest.raises(PatternError, match=re.escape(GLUED)):
            parse_items(text)
