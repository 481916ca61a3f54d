"""What a user is told when the filters file, git or the environment is wrong.

`broken_filters/` has one file for each mistake, ``NAME.yml``, with exactly what impact
prints about it beside it, ``NAME.txt``; `make goldens` writes those anew.  What no text
file can hold (other encodings, special files) is made here.

Whatever is wrong, nothing is decided: no output, and no verdict anywhere.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from impact.checks import IDS
from tests.actions_runner import Command, read_commands
from tests.program import Program, Ran

pytest_plugins = ["tests.program", "tests.repositories"]

BROKEN = Path(__file__).parent / "broken_filters"
GOOD = "version: 1\nsurfaces:\n  docs: [/docs/]\n"
NOBODY = 65534


def refused(program: Program, ran: Ran, code: int = 2, annotated: bool = False) -> str:
    """What a run said that must have decided nothing; ``annotated``: to a runner too."""
    assert ran.code == code, ran
    names = [command.name for command in read_commands(ran.raw_out)]
    assert names == ["error"] * len(names)
    assert bool(names) == bool(ran.out) == annotated
    assert "Traceback" not in ran.err
    outputs = program.directory / "outputs"
    assert not outputs.exists() or outputs.read_bytes() == b""
    return ran.err


def detect(program: Program, *options: str, **environment: str | None) -> str:
    """What a detection in CI says that has to fail."""
    outputs = program.write("outputs", "")
    command = ("detect", "--format", "github", *options)
    ran = program(*command, GITHUB_OUTPUT=outputs, **environment)
    return refused(program, ran, annotated=True)


def listed(program: Program, *options: str) -> str:
    """The same, of a given list of paths: about the filters alone."""
    program.write("changes", "docs/a.md\n")
    return detect(program, "--files-from", "changes", *options)


# The filters file: mistakes in the text.


@pytest.mark.parametrize("name", sorted(file.stem for file in BROKEN.glob("*.yml")))
def test_each_mistake_is_told_to_the_letter(
    program: Program, golden: Callable[[str, str], None], name: str
) -> None:
    program.write("filters.yml", (BROKEN / f"{name}.yml").read_bytes())
    golden(listed(program), f"broken_filters/{name}.txt")


def test_every_mistake_has_its_text_and_every_text_its_mistake() -> None:
    names = {suffix: {f.stem for f in BROKEN.glob("*" + suffix)} for suffix in (".yml", ".txt")}
    assert names[".yml"] == names[".txt"]
    assert sum(len(list(BROKEN.glob(f"*{s}"))) for s in names) == len(list(BROKEN.iterdir()))


@pytest.mark.parametrize("command", [["explain", "docs/a.md"], ["check"], ["detect"]])
def test_every_command_refuses_alike(program: Program, command: list[str]) -> None:
    program.write("filters.yml", (BROKEN / "twenty-mistakes.yml").read_bytes())
    expected = (BROKEN / "twenty-mistakes.txt").read_text()
    assert refused(program, program(*command)) == expected
    assert expected.count("\n") == 21


def test_no_more_than_a_hundred_mistakes_are_listed(program: Program) -> None:
    lines = "".join(f"    - ./{number}\n" for number in range(150))
    program.write("filters.yml", f"version: 1\nsurfaces:\n  docs:\n{lines}")
    told = listed(program).splitlines()
    assert told[99] == (
        "filters.yml:103:7: error: git's paths have no . component; write '/99' [pattern]"
    )
    assert told[100:] == [
        "filters.yml:104:7: error: there are more errors than the 100 above; "
        "fix those first [too-many]",
        "impact: 101 errors in the filters; nothing is decided",
    ]


BYTES = {
    "utf-16": (
        GOOD.encode("utf-16"),
        "1:1: error: byte 0xff is not UTF-8; save the file as UTF-8 text [encoding]",
    ),
    "utf-16 without a mark": (
        GOOD.encode("utf-16-le"),
        "1:2: error: a control character (U+0000), which YAML does not allow; "
        "remove it; is this a text file in UTF-8? [yaml]",
    ),
    "latin-1": (
        b"version: 1\nsurfaces:\n  docs: [/\xc3\xa9t\xe9/]\n",
        "3:13: error: byte 0xe9 is not UTF-8; save the file as UTF-8 text [encoding]",
    ),
    "binary": (
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
        "1:1: error: byte 0x89 is not UTF-8; save the file as UTF-8 text [encoding]",
    ),
    "NUL": (
        b"version: 1\nsurfaces:\n  docs: [/a\0b]\n",
        "3:12: error: a control character (U+0000), which YAML does not allow; "
        "remove it; is this a text file in UTF-8? [yaml]",
    ),
    "escape": (
        b"version: 1\nsurfaces:\n  docs: [/\x1b[31m]\n",
        "3:11: error: a control character (U+001B), which YAML does not allow; "
        "remove it; is this a text file in UTF-8? [yaml]",
    ),
    "5 MB": (
        GOOD.encode() + b"#" * 5_000_000,
        "1:1: error: the file is larger than 2 MiB, the most that a filters file can have; "
        "is it the right file? --filters names another [size]",
    ),
    "tab after carriage returns": (
        b"version: 1\r\nsurfaces:\r\n\tdocs: [/docs/]\r\n",
        "3:1: error: not valid YAML: a tab where YAML takes only spaces; "
        "indent with spaces [yaml]",
    ),
    "mark within": (
        "version: 1\nsurfaces:\n  docs: ['\ufeff/docs/']\n".encode(),
        "3:11: error: a pattern cannot contain a byte order mark; remove it [pattern]",
    ),
    "unknown key after wide characters": (
        "version: 1\nsurfaces: {a: {paths: ['/日本'], é: 1}}\n".encode(),
        "2:32: error: unknown key é; the keys here are description, paths, depends-on, jobs, "
        "advisory [unknown-key]",
    ),
}


@pytest.mark.parametrize(("data", "message"), BYTES.values(), ids=BYTES)
def test_bytes_that_are_no_filters_file(program: Program, data: bytes, message: str) -> None:
    program.write("filters.yml", data)
    assert listed(program) == (
        f"filters.yml:{message}\nimpact: 1 error in the filters; nothing is decided\n"
    )


@pytest.mark.parametrize(
    "data",
    [
        GOOD.encode("utf-8-sig"),
        GOOD.replace("\n", "\r\n").encode(),
        b"%YAML 1.2\n---\n" + GOOD.encode() + b"...\n",
        GOOD.encode() + b"#" * 2_000_000,
    ],
    ids=["mark", "carriage returns", "directive", "2 MB"],
)
def test_unusual_files_that_are_fine(program: Program, data: bytes) -> None:
    program.write("filters.yml", data)
    (path,) = program("explain", "--format", "json", "docs/a").json["paths"]
    (rule,) = path["surfaces"]["docs"]["considered"]
    assert (rule["pattern"], rule["decides"]) == ("/docs/", True)


@pytest.mark.parametrize("text", ["1.10", "2024-01-01", "null", "~", "0x1F", "1e3", "1_000"])
def test_what_other_tools_convert_stays_text(program: Program, text: str) -> None:
    program.write("filters.yml", f"version: 1\nsurfaces:\n  docs: [{text}]\n")
    (path,) = program("explain", "--format", "json", text).json["paths"]
    (rule,) = path["surfaces"]["docs"]["considered"]
    assert (rule["pattern"], rule["decides"]) == (text, True)


def test_the_documented_format_loads(program: Program) -> None:
    program.write(
        "filters.yml",
        """\
version: 1
patterns:                        # named lists, taken in by `- use: NAME` (no cycles)
  delivery: [/.github/workflows/ci.yml, /.github/workflows/release.yml]
surfaces:
  typescript:
    description: SDK build and contract tests
    paths:
      - /packages/typescript/
      - '!/packages/typescript/**/*.md'
      - /scripts/generate-sdk.sh
      - use: delivery
      - {path: /openapi.json, status: [modified, deleted]}
    depends-on: [openapi]        # wakes when openapi wakes
    jobs: [ci-ts, release.yml:publish-ts]
    advisory: false
  openapi: [/api/]
  docs: [/docs/]
  extension-sql: [/extension/, /migrations/]    # short form: a list is `paths`
always: [/Makefile]
inert: ['*.md', /LICENSE]
unmatched: wake-all
labels: {full-ci: all, ts: [typescript]}
expect:
  - {path: scripts/generate-sdk.sh, wakes: [typescript], sleeps: [extension-sql]}
  - {path: docs/intro.md, only: [docs]}
  - {path: openapi.json, status: modified, only: [typescript]}
  - {path: api/spec.json, only: [openapi, typescript]}
  - {path: packages/typescript/README.md, sleeps: all}
  - {path: Makefile, wakes: all}
  - {path: nobody/claims/this, wakes: all}
""",
    )
    assert program("check", "--ignore=filters-self").out == "no findings\n"


# The filters file: where it is, and what.


def test_no_file(program: Program) -> None:
    assert listed(program) == (
        f"impact: no filters file: filters.yml or .github/filters.yml at {program.directory}; "
        "write one, or name another with --filters\n"
    )


def test_both_default_files(program: Program) -> None:
    program.write("filters.yml", GOOD)
    program.write(".github/filters.yml", GOOD)
    assert listed(program) == (
        ".github/filters.yml:1:1: error: both filters.yml and .github/filters.yml exist, and "
        "only one can be right; delete one [two-files]\n"
        "impact: 1 error in the filters; nothing is decided\n"
    )
    ran = program("check", "--filters", "filters.yml", "--ignore=filters-self")
    assert ran.out == "no findings\n"


def test_a_named_file_that_is_missing(program: Program) -> None:
    program.write("sub/x", "")
    program.write("filters.yml", GOOD)
    ran = program("check", "--filters", "other.yml", at="sub")
    assert refused(program, ran) == (
        "impact: there is no filters file sub/other.yml; "
        "--filters takes a path from the current directory\n"
    )


@pytest.mark.parametrize("target", ["real.yml", "missing.yml"])
def test_a_symbolic_link(program: Program, target: str) -> None:
    program.write("real.yml", GOOD)
    (program.directory / "filters.yml").symlink_to(target)
    assert listed(program) == (
        "filters.yml:1:1: error: the filters file is a symbolic link, so its changes would go "
        "unseen; put the file itself there, or name it with --filters [unreadable]\n"
        "impact: 1 error in the filters; nothing is decided\n"
    )


def no_regular_file(name: str) -> str:
    return (
        f"{name}:1:1: error: the filters file is no regular file [unreadable]\n"
        "impact: 1 error in the filters; nothing is decided\n"
    )


def test_a_directory(program: Program) -> None:
    (program.directory / "filters.yml").mkdir()
    assert listed(program) == no_regular_file("filters.yml")


def test_a_pipe_that_nobody_writes_to_is_not_waited_for(program: Program) -> None:
    os.mkfifo(program.directory / "filters.yml")
    assert listed(program) == no_regular_file("filters.yml")


def test_a_device(program: Program) -> None:
    assert listed(program, "--filters", "/dev/zero") == no_regular_file("/dev/zero")


@pytest.fixture
def everyones(program: Program) -> Iterator[Program]:
    """The program in a directory that every user may enter, run by one without rights."""
    place = Path(tempfile.mkdtemp())
    place.chmod(0o755)
    yield Program(place, place, program.server, user=NOBODY if os.geteuid() == 0 else None)
    shutil.rmtree(place)


def test_a_file_without_permission(everyones: Program) -> None:
    everyones.write("filters.yml", GOOD).chmod(0)
    assert refused(everyones, everyones("check")) == (
        "filters.yml:1:1: error: the filters file cannot be read: permission denied "
        "[unreadable]\nimpact: 1 error in the filters; nothing is decided\n"
    )


def test_a_file_in_a_directory_without_permission(everyones: Program) -> None:
    everyones.write("closed/filters.yml", GOOD)
    (everyones.directory / "closed").chmod(0)
    ran = everyones("check", "--filters", "closed/filters.yml")
    (everyones.directory / "closed").chmod(0o755)
    assert refused(everyones, ran) == (
        "closed/filters.yml:1:1: error: the filters file cannot be read: permission denied "
        "[unreadable]\nimpact: 1 error in the filters; nothing is decided\n"
    )


# The change set.


def test_a_file_of_changes_that_is_missing(program: Program) -> None:
    program.write("filters.yml", GOOD)
    assert detect(program, "--files-from", "nowhere") == (
        "impact: --files-from nowhere: No such file or directory\n"
    )
    assert detect(program, "--files-from", ".") == "impact: --files-from .: Is a directory\n"


LISTS = {
    "NUL bytes": (
        [],
        b"a\0b",
        "the list contains NUL bytes; give -z for NUL-separated names",
    ),
    "byte order mark": (
        [],
        b"\xef\xbb\xbfa\n",
        "the list begins with a byte order mark; save it without one",
    ),
    "carriage return": (
        [],
        b"a\nb\r\n",
        "line 2 of the list ends with a carriage return; end lines with a line feed alone, "
        "or give -z",
    ),
    "quotes without end": (
        [],
        b'a\n\n"b\n',
        "line 3 of the list is not quoted as git quotes names: the quotes do not end where "
        "the name does; use -z on both sides",
    ),
    "unknown escape": (
        [],
        b'"\\q"\n',
        "line 1 of the list is not quoted as git quotes names: git knows no escape \\q; "
        "use -z on both sides",
    ),
    "from the root of the disk": (
        [],
        b"/docs/a\n",
        "line 1 of the list: /docs/a is not a path from the repository's root as git prints "
        "it (no leading / or ./, no .., no //)",
    ),
    "dot": (
        ["-z"],
        b"a\0./b\0",
        "entry 2 of the list: ./b is not a path from the repository's root as git prints it "
        "(no leading / or ./, no .., no //)",
    ),
    "empty name": (
        ["-z"],
        b"a\0\0b\0",
        "entry 2 of the list: an empty name is not a path from the repository's root as git "
        "prints it (no leading / or ./, no .., no //)",
    ),
    "names for statuses": (
        ["--name-status"],
        b"docs/a.md\n",
        "line 1 of the list is not what git diff --name-status prints: docs/a.md with 0 "
        "paths; expected a status (A, M, D, T, U, X, R100 or C100), a tab and its path or two "
        "paths",
    ),
    "short format of git status": (
        ["--name-status"],
        b"A\ta\n?? b\n",
        "line 2 of the list is not what git diff --name-status prints: ?? b with 0 paths; "
        "expected a status (A, M, D, T, U, X, R100 or C100), a tab and its path or two paths",
    ),
    "a rename with one path": (
        ["--name-status"],
        b"R100\ta\n",
        "line 1 of the list is not what git diff --name-status prints: R100 with 1 path; "
        "expected a status (A, M, D, T, U, X, R100 or C100), a tab and its path or two paths",
    ),
    "a rename cut off": (
        ["--name-status", "-z"],
        b"M\0a\0R100\0b\0",
        "entry 3 of the list is not what git diff --name-status prints: R100 with 1 path; "
        "expected a status (A, M, D, T, U, X, R100 or C100), a tab and its path or two paths",
    ),
}


@pytest.mark.parametrize(("options", "data", "message"), LISTS.values(), ids=LISTS)
def test_lists_that_git_would_not_print(
    program: Program, options: list[str], data: bytes, message: str
) -> None:
    program.write("filters.yml", GOOD)
    program.write("changes", data)
    assert detect(program, "--files-from", "changes", *options) == f"impact: {message}\n"


# git and the event.


@pytest.fixture
def repository(program: Program) -> Program:
    """The program in a repository of one commit."""
    program.write("filters.yml", GOOD)
    identity = ["-c", "user.name=A", "-c", "user.email=a@example.com"]
    for command in (["init", "-q", "-b", "main"], ["add", "."], ["commit", "-q", "-m", "One"]):
        subprocess.run(
            ["git", *identity, *command],
            cwd=program.directory,
            env=program.environment,
            check=True,
        )
    return program


def test_no_repository(program: Program) -> None:
    program.write("filters.yml", GOOD)
    assert detect(program) == (
        f"impact: {program.directory} is in no git repository; --files-from needs none\n"
    )


def test_an_unknown_revision(repository: Program) -> None:
    unknown = "names no commit in this clone: not fetched, or misspelt\n"
    assert detect(repository, "--base", "nope") == f"impact: 'nope' {unknown}"
    assert detect(repository, "--base=-x") == f"impact: '-x' {unknown}"
    assert detect(repository, "--base", "HEAD", "--head", "HEAD~9") == (
        f"impact: 'HEAD~9' {unknown}"
    )


def test_git_is_missing(repository: Program) -> None:
    nothing = repository.write("bin/readme", "").parent
    assert detect(repository, PATH=str(nothing)) == (
        "impact: git was not found on PATH; install git 2.30 or later\n"
    )


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("echo git version 2.20.1", "git 2.20.1 is too old; install git 2.30 or later"),
        ("echo hello", "git hello is too old; install git 2.30 or later"),
        ("echo fatal: broken >&2; exit 128", "git version failed: broken"),
    ],
)
def test_another_git(repository: Program, script: str, message: str) -> None:
    fake = repository.write("bin/git", f"#!/bin/sh\n{script}\n")
    fake.chmod(0o755)
    assert detect(repository, PATH=str(fake.parent)) == f"impact: {message}\n"


@pytest.mark.parametrize(
    ("payload", "message"),
    [
        (b"{", "it is not JSON"),
        (b"", "it is not JSON"),
        (b"\xff\xfe{", "it is not JSON"),
        (b"[" * 100_000, "it is not JSON"),
        (b"[1]", "it is not a JSON object"),
        (None, "No such file or directory"),
    ],
)
def test_a_payload_that_cannot_be_read(
    repository: Program, payload: bytes | None, message: str
) -> None:
    """Named by the user it is an error; given by the runner, every surface wakes."""
    if payload is not None:
        repository.write("event.json", payload)
    options = ("--event", "push", "--event-path", "event.json")
    assert detect(repository, *options) == f"impact: --event-path event.json: {message}\n"
    plan = repository(
        "detect",
        "--format=json",
        GITHUB_EVENT_NAME="push",
        GITHUB_EVENT_PATH=repository.directory / "event.json",
    ).json
    assert not plan["determined"]
    assert plan["surfaces"]["docs"]["woken"]
    assert plan["reason"] == f"the payload of the event push cannot be used: {message}"


def test_no_payload(repository: Program) -> None:
    plan = repository("detect", "--format=json", GITHUB_EVENT_NAME="push").json
    assert plan["surfaces"]["docs"]["causes"] == [
        {
            "kind": "undetermined",
            "detail": "there is no payload of the event push; give --event-path",
        }
    ]
    assert detect(repository, "--event-path", "event.json") == (
        "impact: --event-path needs --event: the name of the event\n"
    )


# The command line.


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["detect", "-z"], "-z is about --files-from, which is not given"),
        (
            ["detect", "--allow-empty"],
            "--allow-empty is about --files-from, which is not given",
        ),
        (
            ["detect", "--name-status"],
            "--name-status is about --files-from, which is not given",
        ),
        (
            ["detect", "--files-from=-", "--base=main"],
            "--files-from names the changes itself; leave out --base, --merge-base and --head",
        ),
        (
            ["detect", "--files-from=-", "--force=dosc"],
            "--force: there is no surface dosc; there are: docs; did you mean docs?",
        ),
        (
            ["detect", "--files-from=-", "--surface=x"],
            "--surface: there is no surface x; there are: docs",
        ),
        (
            ["explain", "a", "--surface="],
            "--surface: there is no surface ''; there are: docs",
        ),
        (["explain", ""], "an empty path names nothing; . is this directory"),
        (["check", "--select=x"], f"there is no check x; there are: {', '.join(IDS)}"),
        (["check", "--ignore=x"], f"there is no check x; there are: {', '.join(IDS)}"),
        (
            ["check", "--select=dead-pattern"],
            "dead-pattern looks at tracked files, and $PWD is in no git repository",
        ),
        (
            ["detect", "--files-from=-", "--format=github"],
            "--format github writes to $GITHUB_OUTPUT, which is not set",
        ),
    ],
)
def test_usage(program: Program, arguments: list[str], message: str) -> None:
    program.write("filters.yml", GOOD)
    ran = program(*arguments, stdin=b"a\n")
    annotated = "--format=github" in arguments
    message = message.replace("$PWD", str(program.directory))
    assert refused(program, ran, annotated=annotated) == f"impact: {message}\n"


@pytest.mark.parametrize(
    "arguments", [[], ["nope"], ["detect", "--nope"], ["detect", "--form", "json"], ["explain"]]
)
def test_a_wrong_command_line_shows_the_usage(program: Program, arguments: list[str]) -> None:
    program.write("filters.yml", GOOD)
    usage, error = refused(program, program(*arguments)).split("error: ")
    assert usage.startswith("usage: impact")
    assert error.endswith(("see `impact --help`\n", "see `impact explain --help`\n"))


def test_a_path_outside(program: Program) -> None:
    program.write("filters.yml", GOOD)
    assert refused(program, program("explain", "../x")) == (
        f"impact: ../x lies outside the repository at {program.directory}\n"
    )


def test_a_directory_that_is_missing(program: Program) -> None:
    message = "error: -C a/nowhere: no such directory; see `impact --help`\n"
    program.write("a/x", "")
    assert refused(program, program("-C", "a", "-C", "nowhere", "check")).endswith(message)


def test_a_current_directory_that_was_removed(program: Program) -> None:
    gone = program.directory / "gone"
    gone.mkdir()
    done = subprocess.run(
        ["sh", "-c", f'rmdir "$PWD"; exec "{sys.executable}" -m impact check'],
        cwd=gone,
        env=program.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines()[-1] == (
        "impact: the current directory cannot be found: No such file or directory"
    )


# Streams.


def test_an_answer_that_cannot_be_written(program: Program) -> None:
    program.write("filters.yml", GOOD)
    outputs = program.write("outputs", "")
    environment = program.environment | {"GITHUB_OUTPUT": str(outputs)}
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "impact", "detect", "--files-from=-", "--format=github"],
            cwd=program.directory,
            env=environment,
            input=b"docs/a\n",
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert done.returncode == 2
    assert done.stderr == b"impact: the answer cannot be written: No space left on device\n"
    assert outputs.read_bytes() == b""


def test_a_reader_that_goes_away(program: Program) -> None:
    program.write("filters.yml", GOOD)
    reading, writing = os.pipe()
    os.close(reading)
    outputs = program.write("outputs", "")
    with os.fdopen(writing, "wb") as stream:
        ran = program(
            *("detect", "--files-from=-", "--format=github"),
            stdin=b"docs/a\n",
            stdout=stream.fileno(),
            GITHUB_OUTPUT=outputs,
        )
    assert (ran.code, ran.err) == (2, "")
    assert outputs.read_bytes() == b""


def test_standard_streams_that_are_closed(program: Program) -> None:
    program.write("filters.yml", GOOD)
    impact = f'exec "{sys.executable}" -m impact'
    for redirected, code in [
        ("detect --files-from=- --allow-empty <&-", 2),
        ("explain docs/a >&-", 0),
        ("explain docs/a --surface=x 2>&-", 2),
        ("explain docs/a --surface=x 2>/dev/full", 2),
    ]:
        done = subprocess.run(
            ["sh", "-c", f"{impact} {redirected}"],
            cwd=program.directory,
            env=program.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode, done.stdout) == (code, ""), redirected
        assert "Traceback" not in done.stderr


# A bug, and an interrupt.


def test_a_bug_is_reported_as_one(repository: Program) -> None:
    package = repository.write("broken/git/__init__.py", "raise RuntimeError('::boom\\n::x')\n")
    path = f"{package.parent.parent}{os.pathsep}{repository.environment['PYTHONPATH']}"
    outputs = repository.write("outputs", "")
    command = ("detect", "--format", "github", "--base", "1" * 40)
    server = {"GITHUB_SERVER_URL": "http://127.0.0.1:1", "GITHUB_REPOSITORY": "o/r"}
    ran = repository(*command, fresh=True, GITHUB_OUTPUT=outputs, PYTHONPATH=path, **server)
    lines = refused(repository, ran, 70, annotated=True).splitlines()
    said = "a bug in impact, not in your filters: RuntimeError: ::boom\\n::x"
    assert read_commands(ran.raw_out) == [Command("error", said, {"title": "impact"})]
    assert lines[0] == (
        "impact: a bug in impact, not in your filters: RuntimeError: ::boom\\n::x"
    )
    assert lines[1] == "  at __init__.py:1 in <module>"
    assert lines[3:] == [
        "  nothing is decided; please report this with the command that you ran"
    ]


def test_an_interrupt(program: Program) -> None:
    program.write("filters.yml", GOOD)
    outputs = program.write("outputs", "")
    process = subprocess.Popen(
        [sys.executable, "-m", "impact", "detect", "--files-from=-", "--format=github"],
        cwd=program.directory,
        env=program.environment | {"GITHUB_OUTPUT": str(outputs)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        # Tests that a shell started in the background ignore it, and so would their children.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    assert process.stdin is not None
    # More than a pipe holds: once it is gone, impact is reading and waits for the rest.
    os.write(process.stdin.fileno(), b"docs/a\n" * 20_000)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate()
    assert (process.returncode, out, err) == (130, b"", b"")
    assert outputs.read_bytes() == b""
