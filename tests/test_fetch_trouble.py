"""A server in trouble: undetermined within the deadline, with the reason, and nothing left.

And credentials: whose are shown, to whom, and where they never appear.
"""

from __future__ import annotations

import base64
import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from impact import events
from impact.model import ChangeSet
from impact.vcs.compare import compare
from impact.vcs.git import Git
from impact.vcs.remote import find_remote
from impact.vcs.server import Limits, Server
from tests import github_events as github
from tests.clones import LIMITS, Upstream
from tests.github_events import ZERO
from tests.program import Program
from tests.repositories import Repository, lines

pytest_plugins = ["tests.repositories", "tests.git_server", "tests.clones", "tests.program"]

TOKEN = "ghs_a-Secret+Token/0123456789"
SHOWN = base64.b64encode(f"x-access-token:{TOKEN}".encode()).decode()


@pytest.fixture
def pull_request(upstream: Upstream, temporary: Path) -> Upstream:
    """`topic` added a file, twenty commits ago `main` went its own way."""
    repository = upstream.repository
    repository.git("branch", "topic")
    for number in range(20):
        repository.commit(**{f"main-{number}.txt": "main\n" * 100})
    repository.git("checkout", "--quiet", "topic")
    repository.commit(**{"topic.txt": "topic\n"})
    return upstream


def ask(upstream: Upstream, made: Repository | None, limits: Limits = LIMITS) -> ChangeSet:
    """What the pull request changed."""
    base, head = upstream.repository.id("main"), upstream.repository.id("topic")
    comparisons = events.compared("pull_request", github.pull_request(base, head))
    with upstream.history(made, head, limits) as history:
        return compare(history, comparisons, "pull_request")


def why(upstream: Upstream, made: Repository | None, limits: Limits = LIMITS) -> str:
    """Why nobody knows what it changed; nothing of ours is left, and no process runs."""
    found = ask(upstream, made, limits)
    assert found == ChangeSet((), found.reason, determined=False, event="pull_request")
    assert processes(upstream.url) == []
    first, *others = found.reason.split("; ")
    return first if first in others or not others else found.reason


def processes(text: str) -> list[str]:
    """The command lines of running processes that have a text in them."""
    if Path("/proc/self/cmdline").exists():  # a small image has no ps
        said = []
        for file in Path("/proc").glob("[0-9]*/cmdline"):
            with suppress(OSError):
                said.append(file.read_bytes().replace(b"\0", b" ").decode(errors="replace"))
    else:
        done = subprocess.run(["ps", "-A", "-o", "args="], capture_output=True, text=True)
        said = done.stdout.splitlines()
    return [line for line in said if text in line]


CLONES = ["depth 1", "none"]


@pytest.mark.parametrize("kind", CLONES)
def test_a_server_that_refuses_ids(pull_request: Upstream, kind: str) -> None:
    made = pull_request.checkout(pull_request.repository.id("topic"), kind)
    pull_request.repository.git("checkout", "--quiet", "--detach", "main~1")
    pull_request.repository.commit(**{"hidden.txt": "x\n"})
    pull_request.repository.git("branch", "--force", "main", "main~1")
    pull_request.server.refuses_ids = True
    hidden = pull_request.repository.id("HEAD")
    pull_request.repository.git("checkout", "--quiet", "main")
    head = pull_request.repository.id("topic")
    comparisons = events.compared("pull_request", github.pull_request(hidden, head))
    with pull_request.history(made, head) as history:
        found = compare(history, comparisons)
    assert not found.determined
    assert f"fetching from {pull_request.url} failed: " in found.reason
    assert "Server does not allow request for unadvertised object" in found.reason


@pytest.mark.parametrize("kind", CLONES)
def test_a_server_that_hangs(pull_request: Upstream, kind: str) -> None:
    made = pull_request.checkout(pull_request.repository.id("topic"), kind)
    pull_request.server.hangs = True
    assert why(pull_request, made, Limits(seconds=0.5)) == (
        f"fetching from {pull_request.url} took more than 0.5 seconds"
    )


@pytest.mark.parametrize("kind", CLONES)
def test_a_server_that_cuts_the_connection(pull_request: Upstream, kind: str) -> None:
    made = pull_request.checkout(pull_request.repository.id("topic"), kind)
    pull_request.server.cuts = 600
    reason = why(pull_request, made)
    assert reason.startswith(f"fetching from {pull_request.url} failed: ")


@pytest.mark.parametrize("kind", CLONES)
@pytest.mark.parametrize("token", [None, "ghs_another"])
def test_a_server_that_wants_other_credentials(
    pull_request: Upstream, kind: str, token: str | None
) -> None:
    made = pull_request.checkout(pull_request.repository.id("topic"), kind)
    pull_request.server.token = TOKEN
    head = pull_request.repository.id("topic")
    payload = github.pull_request(pull_request.repository.id("main"), head)
    with pull_request.history(made, head, token=token) as history:
        found = compare(history, events.compared("pull_request", payload))
    words = f"fetching from {pull_request.url} failed: could not read Username for"
    assert not found.determined
    assert words in found.reason
    assert found.reason.endswith("; is there a token that can read it?")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_run_that_is_cancelled(
    pull_request: Upstream, program: Program, number: signal.Signals
) -> None:
    """Nothing of it goes on or stays."""
    made = pull_request.checkout(pull_request.repository.id("topic"), "depth 1")
    assert made is not None
    made.commit(**{"filters.yml": "version: 1\nsurfaces: {a: [/a]}\n"})
    pull_request.server.hangs = True
    temporary = made.path.parent / "runner"
    temporary.mkdir()
    environment = program.whole_environment({"RUNNER_TEMP": temporary})
    # Whatever the tests were started from: with `nohup`, say, or in the background.
    code = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
    code += "signal.signal(signal.SIGHUP, signal.SIG_DFL)\n"
    code += "from impact.cli.main import main; raise SystemExit(main())"
    command = [sys.executable, "-c", code, "detect", "--base", "1" * 40]
    with subprocess.Popen(command, cwd=made.path, env=environment) as running:
        while not pull_request.server.requests:
            assert running.poll() is None
            time.sleep(0.02)
        assert list(temporary.iterdir()) != []
        running.send_signal(number)
        assert running.wait() == 130
    assert list(temporary.iterdir()) == []
    assert processes(pull_request.url) == []


def test_no_temporary_directory(
    pull_request: Upstream, program: Program, tmp_path: Path
) -> None:
    made = pull_request.checkout(pull_request.repository.id("topic"), "depth 1")
    assert made is not None
    made.commit(**{"filters.yml": "version: 1\nsurfaces: {a: [/a]}\n"})
    missing = tmp_path / "missing"
    ran = program("detect", "--base", "1" * 40, at=made.path, RUNNER_TEMP=missing)
    assert ran.code == 0
    assert ran.out.startswith("changes unknown: there is no temporary repository: [Errno 2] ")


def test_a_server_that_is_not_there(pull_request: Upstream) -> None:
    made = pull_request.checkout(pull_request.repository.id("topic"), "depth 1")
    assert made is not None
    made.git("remote", "set-url", "origin", "http://127.0.0.1:1/repository")
    reason = why(pull_request, made)
    assert reason.startswith("fetching from http://127.0.0.1:1/repository failed: unable to")


def test_a_repository_that_is_not_there(pull_request: Upstream) -> None:
    made = pull_request.checkout(pull_request.repository.id("topic"), "depth 1")
    assert made is not None
    made.git("remote", "set-url", "origin", pull_request.server.url + "/nowhere")
    url = pull_request.server.url + "/nowhere"
    assert why(pull_request, made) == (
        f"fetching from {url} failed: repository '{url}/' not found"
    )


def test_a_url_that_is_malformed(pull_request: Upstream) -> None:
    made = pull_request.checkout(pull_request.repository.id("topic"), "depth 1")
    assert made is not None
    made.git("config", "remote.origin.url", "http://[::1")
    assert why(pull_request, made).startswith("fetching from http://[::1 failed: ")


@pytest.mark.parametrize("url", ["ext::sh -c 'touch mark'", "--upload-pack=touch mark"])
def test_a_url_that_is_none(pull_request: Upstream, url: str) -> None:
    made = pull_request.checkout(pull_request.repository.id("topic"), "depth 1")
    assert made is not None
    made.git("config", "remote.origin.url", url)
    assert "; " not in why(pull_request, made)
    assert not list(made.path.parent.rglob("mark"))


def test_without_a_url_the_server_of_the_run_is_asked(pull_request: Upstream) -> None:
    made = pull_request.checkout(pull_request.repository.id("topic"), "depth 1")
    assert made is not None
    made.git("config", "remote.origin.url", "")
    assert lines(ask(pull_request, made).changes) == ["A topic.txt"]


def test_the_bound_on_the_depth(pull_request: Upstream) -> None:
    made = pull_request.checkout(pull_request.repository.id("topic"), "depth 1")
    base, head = (pull_request.repository.id(name) for name in ("main", "topic"))
    assert why(pull_request, made, Limits(depth=20)) == (
        f"the merge base of {base} and {head} is not within 20 commits of them (max-depth)"
    )
    assert lines(ask(pull_request, made, Limits(depth=21)).changes) == ["A topic.txt"]


@pytest.mark.parametrize(
    "settings",
    [
        {"uploadpack.allowFilter": "false"},
        {"uploadpackfilter.allow": "false"},
        {"uploadpackfilter.tree.allow": "false"},
        {"uploadpackfilter.blob:none.allow": "false"},
    ],
    ids=lambda settings: next(iter(settings)),
)
@pytest.mark.parametrize("kind", CLONES)
def test_a_server_without_filters(
    pull_request: Upstream, kind: str, settings: dict[str, str]
) -> None:
    """More is fetched, and the answer is the same."""
    made = pull_request.checkout(pull_request.repository.id("topic"), kind)
    pull_request.server.settings.update(settings)
    assert lines(ask(pull_request, made).changes) == ["A topic.txt"]


def test_a_remote_on_the_disk(pull_request: Upstream) -> None:
    for url in (pull_request.repository.path.as_uri(), "../repository"):
        made = pull_request.checkout(pull_request.repository.id("topic"), "depth 1")
        assert made is not None
        made.git("remote", "set-url", "origin", url)
        assert lines(ask(pull_request, made).changes) == ["A topic.txt"]
        assert pull_request.server.requests == []


@pytest.mark.parametrize("trouble", ["hangs", "cuts", "token", "timeout"])
def test_a_server_in_trouble_has_not_said_that_a_commit_is_gone(
    pull_request: Upstream, trouble: str
) -> None:
    """A branch was forced back: only the commit before, which one fetch away, tells."""
    repository = pull_request.repository
    repository.git("checkout", "--quiet", "topic")
    before = repository.commit(**{"more.txt": "more\n"})
    repository.git("reset", "--quiet", "--hard", "HEAD~1")
    after = repository.id("topic")
    made = pull_request.checkout(after, "full")
    server = pull_request.server
    server.hangs = trouble == "hangs"
    server.cuts = 10 if trouble == "cuts" else None
    server.token = TOKEN if trouble == "token" else None
    payload = github.push(before, after, "refs/heads/topic", forced=True)
    limits = Limits(seconds=0.5 if trouble == "hangs" else 30)
    fetches = trouble != "timeout"
    with pull_request.history(made, after, limits, token=None, fetches=fetches) as history:
        found = compare(history, events.compared("push", payload))
    assert not found.determined
    assert "; " not in found.reason.partition("; is there a token")[0].partition("; fetch")[0]
    server.hangs, server.cuts, server.token = False, None, None
    with pull_request.history(made, after) as history:
        found = compare(history, events.compared("push", payload))
    assert lines(found.changes) == ["D more.txt", "A topic.txt"]


def test_a_branch_that_an_earlier_run_left_behind(pull_request: Upstream) -> None:
    """The workspace of a machine that is used again, and then fetched into at depth 1."""
    repository = pull_request.repository
    made = pull_request.checkout(repository.id("topic"), "full")
    assert made is not None
    repository.git("checkout", "--quiet", "main")
    repository.commit(**{"a.txt": "changed\n"})
    repository.git("checkout", "--quiet", "topic")
    repository.git("merge", "--quiet", "--no-ff", "--message", "Merge", "main")
    after = repository.commit(**{"a.txt": "a\n"})
    made.git("fetch", "--quiet", "--depth=1", "origin", f"+{after}:refs/remotes/pull/1")
    made.git("checkout", "--quiet", "--detach", after)
    payload = github.push(github.ZERO, after, "refs/heads/topic")
    with pull_request.history(made, after) as history:
        found = compare(history, events.compared("push", payload))
    assert lines(found.changes) == ["M a.txt", "A topic.txt"]


def test_a_merge_that_an_earlier_job_left_behind(upstream: Upstream) -> None:
    """Two pull requests of one head: the merge of the first is checked out."""
    repository = upstream.repository
    repository.git("branch", "release")
    repository.commit(**{"main.txt": "main\n"})
    repository.git("checkout", "--quiet", "-b", "topic")
    head = repository.commit(**{"topic.txt": "topic\n"})
    merges = []
    for base in ("main", "release"):
        repository.git("checkout", "--quiet", "--detach", base)
        repository.git("merge", "--quiet", "--no-ff", "--message", "Merge", "topic")
        merges.append(repository.id("HEAD"))
    payload = github.pull_request(repository.id("release"), head, commits=2)
    for kind in ("full", "depth 1"):
        made = upstream.checkout(merges[0], kind)
        for run, expected in (
            (merges[1], ["A main.txt", "A topic.txt"]),
            (merges[0], ["A topic.txt"]),
        ):
            with upstream.history(made, run) as history:
                found = compare(history, events.compared("pull_request", payload))
            assert lines(found.changes) == expected


@pytest.mark.parametrize("fetched", [True, False])
def test_an_old_branch_in_a_clone_with_all_of_the_history(
    upstream: Upstream, fetched: bool
) -> None:
    """A commit and its revert: next to the old branch nothing changed."""
    repository = upstream.repository
    made = upstream.checkout(repository.id("main"), "full")
    assert made is not None
    repository.commit(**{"a.txt": "other\n"})
    repository.git("checkout", "--quiet", "-b", "topic")
    repository.git("revert", "--no-edit", "main")
    head = repository.commit(**{"z.txt": "z\n"})
    if fetched:
        made.git("fetch", "--quiet", "origin", head)
    payload = github.push(ZERO, head, "refs/heads/topic")
    with upstream.history(made, head) as history:
        found = compare(history, events.compared("push", payload))
    assert lines(found.changes) == ["M a.txt", "A z.txt"]


@pytest.mark.parametrize("branch", ["\ud800", "x y", "-x", "a:b", "*", "", "a..b"])
def test_a_default_branch_with_an_impossible_name(pull_request: Upstream, branch: str) -> None:
    head = pull_request.repository.id("topic")
    payload = github.push(github.ZERO, head, "refs/heads/topic")
    payload["repository"]["default_branch"] = branch
    for kind in CLONES:
        made = pull_request.checkout(head, kind)
        with pull_request.history(made, head) as history:
            found = compare(history, events.compared("push", payload))
        assert not found.determined
        assert found.reason == f"{'refs/heads/' + branch!r} is no name of a branch"


# Only what is missing, and no more often than it takes.


def test_a_clone_whose_edge_names_what_it_lacks(pull_request: Upstream) -> None:
    """As ``--shallow-exclude`` and ``--shallow-since`` make one, where a merge is the edge."""
    repository = pull_request.repository
    old = repository.id("main")
    repository.git("checkout", "--quiet", "-b", "side", "main")
    repository.commit(**{"side.txt": "side\n"})
    repository.git("checkout", "--quiet", "-B", "topic", "main")
    repository.git("merge", "--quiet", "--no-ff", "--message", "Merge", "side")
    head = repository.commit(**{"topic.txt": "topic\n"})
    repository.git("checkout", "--quiet", "main")
    base = repository.commit(**{"later.txt": "later\n"})
    repository.git("tag", "edge", old)
    made = repository.sibling("made")
    made.git("remote", "add", "origin", pull_request.url)
    made.git("fetch", "--quiet", "--no-tags", "--shallow-exclude=edge", "origin", head)
    made.git("checkout", "--quiet", "--detach", head)
    edge = (made.path / ".git" / "shallow").read_text().split()
    missing = [name for name in edge if not made.has(name)]
    assert missing
    assert len(missing) < len(edge)
    payload = github.pull_request(base, head)
    with pull_request.history(made, head) as history:
        found = compare(history, events.compared("pull_request", payload))
    assert lines(found.changes) == ["A side.txt", "A topic.txt"]


def test_a_clone_that_has_everything_fetches_nothing(pull_request: Upstream) -> None:
    made = pull_request.checkout(pull_request.repository.id("topic"), "full")
    found = ask(pull_request, made)
    assert lines(found.changes) == ["A topic.txt"]
    assert found.notes == ()
    assert pull_request.server.requests == []


def test_the_first_parent_of_a_merge_is_one_request(pull_request: Upstream) -> None:
    repository = pull_request.repository
    base, head = repository.id("main"), repository.id("topic")
    repository.git("checkout", "--quiet", "--detach", "main")
    repository.git("merge", "--quiet", "--no-ff", "--message", "Merge", "topic")
    commit = repository.id("HEAD")
    comparisons = events.compared("pull_request", github.pull_request(base, head))
    for kind in CLONES:
        made = pull_request.checkout(commit, kind)
        with pull_request.history(made, commit) as history:
            found = compare(history, comparisons)
        assert lines(found.changes) == ["A topic.txt"]
        # What the server can do, and the commits.
        assert [r.line.split()[0] for r in pull_request.server.requests] == ["GET", "POST"]
        what = "what this clone lacks" if made else "everything"
        assert found.notes == (f"{what} was fetched from {pull_request.url}, in one fetch",)
        pull_request.server.requests.clear()


@pytest.mark.parametrize(
    ("commits", "more", "fetches"),
    [
        (1, 0, "in 2 fetches"),  # 2 and 32 commits
        (25, 0, "in one fetch"),
        (1, 60, "in 4 fetches"),  # 2, 32, 64, 128
    ],
)
def test_deepening_begins_at_the_commits_of_the_pull_request_and_doubles(
    pull_request: Upstream, commits: int, more: int, fetches: str
) -> None:
    pull_request.repository.git("checkout", "--quiet", "main")
    for _ in range(more):
        pull_request.repository.commit()
    base, head = (pull_request.repository.id(name) for name in ("main", "topic"))
    payload = github.pull_request(base, head, commits=commits)
    with pull_request.history(None) as history:
        found = compare(history, events.compared("pull_request_target", payload))
    assert lines(found.changes) == ["A topic.txt"]
    assert found.notes == (f"everything was fetched from {pull_request.url}, {fetches}",)


def test_no_blob_is_fetched(pull_request: Upstream) -> None:
    repository = pull_request.repository
    repository.write("large.bin", "")
    (repository.path / "large.bin").write_bytes(os.urandom(2_000_000))
    before = repository.id("topic")
    after = repository.commit()
    with pull_request.history(None, after) as history:
        found = compare(history, events.compared("push", github.push(before, after)))
    assert lines(found.changes) == ["A large.bin"]
    assert pull_request.server.sent < 20_000


def test_twenty_thousand_changed_files(upstream: Upstream, temporary: Path) -> None:
    repository = upstream.repository
    before = repository.id("HEAD")
    for number in range(20_000):
        repository.write(f"part-{number % 100}/file-{number}.txt", f"{number}\n")
    after = repository.commit()
    payload = github.push(before, after)
    for kind in CLONES:
        made = upstream.checkout(after, kind)
        with upstream.history(made, after) as history:
            found = compare(history, events.compared("push", payload))
        assert len(found.changes) == 20_000
        assert lines(found.changes)[0] == "A part-0/file-0.txt"


# How many files GitHub counts.


@pytest.mark.parametrize(
    ("counted", "notes"),
    [
        (3, ()),
        (4, ()),  # the rename is two paths here
        (
            2,
            (
                "GitHub counts 2 changed files in this pull request, and 4 changed paths "
                "were found",
            ),
        ),
        (
            3000,
            (
                "GitHub counts 3,000 changed files in this pull request, and 4 changed "
                "paths were found",
            ),
        ),
    ],
)
def test_the_number_of_changed_files(
    upstream: Upstream, counted: int, notes: tuple[str, ...]
) -> None:
    repository = upstream.repository
    base = repository.id("HEAD")
    repository.git("checkout", "--quiet", "-b", "topic")
    repository.git("mv", "a.txt", "renamed.txt")
    head = repository.commit(**{"new.txt": "new\n", "dir__b.txt": "other\n"})
    payload = github.pull_request(base, head, changed_files=counted)
    with upstream.history(repository) as history:
        found = compare(history, events.compared("pull_request", payload))
    assert found.notes == notes


# Credentials.


@dataclass(frozen=True)
class Watched:
    """``log``: the arguments of every git; ``log.found``: where the token was seen."""

    folder: Path
    log: Path


@pytest.fixture
def watched(pull_request: Upstream, monkeypatch: pytest.MonkeyPatch) -> Watched:
    """Every git says with what it was called, git's own helpers among them."""
    folder = pull_request.repository.path.parent / "bin"
    folder.mkdir()
    log = pull_request.repository.path.parent / "log"
    real = shutil.which("git")
    (folder / "git").write_text(
        f"#!/bin/sh\n"
        f'printf "%s\\n" "$*" >> {log}\n{real} "$@"\nstatus=$?\n'
        f"place=$2; [ $place != / ] || place=\n"
        f'grep -rsFe "{TOKEN}" -e "{SHOWN}" $place /proc/$$/cmdline >> {log}.found\n'
        f"exit $status\n"
    )
    (folder / "git").chmod(0o755)
    monkeypatch.setenv("PATH", str(folder), prepend=os.pathsep)
    return Watched(folder, log)


def test_the_token_reads_where_the_checkout_has_nothing(pull_request: Upstream) -> None:
    made = pull_request.checkout(pull_request.repository.id("topic"), "depth 1")
    pull_request.server.token = TOKEN
    for clone in (made, None):
        assert lines(ask(pull_request, clone).changes) == ["A topic.txt"]
        headers = {r.authorization for r in pull_request.server.requests}
        assert headers == {f"basic {SHOWN}"}
        pull_request.server.requests.clear()


@pytest.mark.parametrize("included", [False, True])
def test_the_credentials_of_the_checkout_come_first(
    pull_request: Upstream, included: bool
) -> None:
    """As actions/checkout leaves them: in the configuration, from v6 in an included file."""
    made = pull_request.checkout(pull_request.repository.id("topic"), "depth 1")
    assert made is not None
    name, value = (
        f"http.{pull_request.server.url}/.extraheader",
        f"AUTHORIZATION: basic {SHOWN}",
    )
    if included:
        file = made.path.parent / "credentials.config"
        made.git("config", "--file", str(file), name, value)
        made.git("config", f"includeIf.gitdir:{made.path}/.git.path", str(file))
    else:
        made.git("config", name, value)
    pull_request.server.token = TOKEN
    head = pull_request.repository.id("topic")
    payload = github.pull_request(pull_request.repository.id("main"), head)
    with pull_request.history(made, head, token="ghs_another") as history:
        found = compare(history, events.compared("pull_request", payload))
    assert lines(found.changes) == ["A topic.txt"]
    assert {r.authorization for r in pull_request.server.requests} == {f"basic {SHOWN}"}


def test_one_header_where_the_user_has_one_too(
    pull_request: Upstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two of them are an error to GitHub."""
    made = pull_request.checkout(pull_request.repository.id("topic"), "depth 1")
    settings = pull_request.repository.path.parent / "gitconfig"
    subprocess.run(
        ["git", "config", "--file", settings, "http.extraheader", "AUTHORIZATION: basic eA=="],
        check=True,
    )
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(settings))
    ask(pull_request, made)
    assert {r.authorization for r in pull_request.server.requests} == {"basic eA=="}
    pull_request.server.requests.clear()
    assert made is not None
    made.git(
        "config", f"http.{pull_request.server.url}/.extraheader", "AUTHORIZATION: basic eQ=="
    )
    ask(pull_request, made)
    assert {r.authorization for r in pull_request.server.requests} == {"basic eQ=="}


def test_the_token_is_for_its_server_alone(pull_request: Upstream) -> None:
    made = pull_request.checkout(pull_request.repository.id("topic"), "depth 1")
    assert made is not None
    head = pull_request.repository.id("topic")
    payload = github.pull_request(pull_request.repository.id("main"), head)
    for server in ("https://github.com", "https://127.0.0.1", "http://127.0.0.1.example"):
        with pull_request.history(made, head, token=TOKEN, server=server) as history:
            compare(history, events.compared("pull_request", payload))
        assert {r.authorization for r in pull_request.server.requests} == {None}
        pull_request.server.requests.clear()


def test_a_redirect_does_not_take_the_token_along(
    pull_request: Upstream, tmp_path: Path
) -> None:
    from tests.git_server import serving

    with serving(tmp_path) as another:
        pull_request.server.token = TOKEN
        pull_request.server.redirects = another.url.replace("127.0.0.1", "localhost")
        assert "returned error: 302" in why(pull_request, None)
        assert another.requests == []


def test_a_password_is_shown_to_no_process(pull_request: Upstream) -> None:
    """git gives the URL to its helper as an argument: it may have nothing secret in it."""
    made = pull_request.checkout(pull_request.repository.id("topic"), "depth 1")
    assert made is not None
    url = pull_request.url.replace("http://", "http://user%40x:p%2Fss@")
    remote = find_remote(replace_url(made, url), None)
    assert remote is not None
    assert remote.url == remote.shown == pull_request.url
    shown = base64.b64encode(b"user@x:p/ss").decode()
    assert (f"http.{pull_request.url}.extraheader", f"AUTHORIZATION: basic {shown}") in (
        remote.settings
    )


URL_SECRETS = ["s3c%2Fret", "s3c/ret"]
"""As it stands in a URL, and as it is."""


@pytest.mark.parametrize(
    ("url", "rewritten"),
    [
        ("http://user:s3c%2Fret@HOST/repository", ""),
        ("http::http://user:s3c%2Fret@HOST/repository", ""),
        ("http://s3c%2Fret:x-oauth-basic@HOST/repository", ""),
        ("http://HOST/repository?token=s3c%2Fret", ""),
        ("http://HOST/repository", "http://user:s3c%2Fret@HOST/"),
        ("http://user:s3c%2Fret@HOST/repository", "http://user:s3c%2Fret@HOST/"),
        ("", "http://user:s3c%2Fret@HOST/"),
    ],
)
def test_a_password_of_a_url_is_shown_to_no_process(
    pull_request: Upstream,
    watched: Watched,
    monkeypatch: pytest.MonkeyPatch,
    url: str,
    rewritten: str,
) -> None:
    """``rewritten``: what the user's configuration puts in place of ``http://HOST/``."""
    host = pull_request.server.url.removeprefix("http://")
    settings = watched.folder / "gitconfig"
    if rewritten:
        name = f"url.{rewritten.replace('HOST', host)}.insteadOf"
        git_config = ["git", "config", "--file", settings, name, f"http://{host}/"]
        subprocess.run(git_config, check=True)
        monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(settings))
    head = pull_request.repository.id("topic")
    made = pull_request.checkout(head, "depth 1") if url else None
    if made is not None:
        made.git("remote", "set-url", "origin", url.replace("HOST", host))
    watched.log.write_text("")
    pull_request.server.looks = True
    payload = github.pull_request(pull_request.repository.id("main"), head)
    with pull_request.history(made, head, token=None) as history:
        found = compare(history, events.compared("pull_request", payload))
    assert lines(found.changes) == ["A topic.txt"]
    # Those of this server: other tests have processes of their own.
    helpers = [
        line
        for request in pull_request.server.requests
        for line in request.processes.splitlines()
        if host in line
    ]
    assert any("remote-http" in line for line in helpers)
    said = "\n".join([watched.log.read_text(), *helpers])
    assert " fetch " in said
    shown = {request.authorization for request in pull_request.server.requests}
    if "token" not in url:
        user = "s3c/ret:x-oauth-basic" if "x-oauth" in url else "user:s3c/ret"
        expected = base64.b64encode(user.encode()).decode()
        assert shown == {f"basic {expected}"}
    for secret in URL_SECRETS:
        assert secret not in said
        assert secret not in repr(found)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://x:s3c/ret@host.example/o/r", "https://host.example/o/r"),
        ("https://host.example:8080/@scope/r", "https://host.example:8080/@scope/r"),
        ("https://x:s3c%2Fret@host.example:8080/@s/r", "https://host.example:8080/@s/r"),
        ("ssh://git:s3c%2Fret@host.example/o/r", "ssh://host.example/o/r"),
        ("git://git:s3c%2Fret@host.example/o/r", "git://host.example/o/r"),
        ("https://s3c%2Fret@host.example/o/r", "https://host.example/o/r"),
    ],
)
def test_a_url_is_shown_without_a_password(
    pull_request: Upstream, url: str, shown: str
) -> None:
    made = pull_request.repository.sibling("made")
    made.git("remote", "add", "origin", url)
    remote = find_remote(Git.open(made.path), None)
    assert remote is not None
    assert remote.shown == shown
    for secret in URL_SECRETS:
        assert secret not in remote.url
        assert secret not in repr(remote)
        assert secret not in remote.redacted(f"fatal: {url}")


@pytest.mark.parametrize("user", ["git", "an%20organisation"])
@pytest.mark.parametrize("configured", [True, False])
def test_a_user_in_the_url_does_not_take_the_place_of_credentials(
    pull_request: Upstream, user: str, configured: bool
) -> None:
    made = pull_request.checkout(pull_request.repository.id("topic"), "depth 1")
    assert made is not None
    made.git("remote", "set-url", "origin", pull_request.url.replace("//", f"//{user}@"))
    pull_request.server.token = TOKEN
    if configured:
        header = f"AUTHORIZATION: basic {SHOWN}"
        made.git("config", f"http.{pull_request.server.url}/.extraheader", header)
    head = pull_request.repository.id("topic")
    payload = github.pull_request(pull_request.repository.id("main"), head)
    token = "ghs_another" if configured else TOKEN
    with pull_request.history(made, head, token=token) as history:
        found = compare(history, events.compared("pull_request", payload))
    assert lines(found.changes) == ["A topic.txt"]


def test_a_token_that_a_server_repeats_is_not_told(pull_request: Upstream) -> None:
    remote = find_remote(None, Server(pull_request.server.url, "repository", TOKEN))
    assert remote is not None
    assert remote.redacted(f"ERR x-access-token:{TOKEN}, or {TOKEN}, or {SHOWN}") == (
        "ERR ***, or ***, or ***"
    )


def test_another_server_has_not_said_that_a_commit_is_gone(pull_request: Upstream) -> None:
    """The checkout came from a mirror, which need not have what was pushed."""
    repository = pull_request.repository
    mirror = repository.sibling("mirror")
    mirror.git("fetch", "--quiet", str(repository.path), "+refs/heads/*:refs/mirror/*")
    mirror.git("update-ref", "refs/heads/main", "refs/mirror/main")
    before = repository.git("commit-tree", "-p", "main", "-m", "Gone", "main^{tree}")
    head = repository.id("topic")
    payload = github.push(before, head, "refs/heads/topic")
    for url, reason in (
        (pull_request.url, None),
        (
            f"{pull_request.server.url}/mirror",
            f"{pull_request.server.url}/mirror has no commit {before}",
        ),
    ):
        made = pull_request.checkout(head, "depth 1")
        assert made is not None
        made.git("remote", "set-url", "origin", url)
        with pull_request.history(made, head) as history:
            found = compare(history, events.compared("push", payload))
        assert found.determined == (reason is None)
        assert reason in (None, found.reason)


def replace_url(made: Repository, url: str) -> Git:
    made.git("remote", "set-url", "origin", url)
    return Git.open(made.path)


@pytest.mark.parametrize(
    ("url", "used"),
    [
        ("git@ci.example:an-owner/repository.git", "https://ci.example/an-owner/repository"),
        ("ssh://git@ci.example/an-owner/repository", "https://ci.example/an-owner/repository"),
        ("git@ci.example:another/repository.git", "git@ci.example:another/repository.git"),
        ("git@other.example:an-owner/repository", "git@other.example:an-owner/repository"),
    ],
)
def test_a_checkout_by_ssh_is_read_with_the_token(
    pull_request: Upstream, url: str, used: str
) -> None:
    """Its key is in a program's arguments, and no program of a checkout is run."""
    made = pull_request.checkout(pull_request.repository.id("topic"), "depth 1")
    assert made is not None
    server = Server("https://ci.example", "an-owner/repository", TOKEN)
    remote = find_remote(replace_url(made, url), server)
    assert remote is not None
    assert remote.url == used
    assert bool(remote.settings) == used.startswith("https")


def test_the_token_goes_through_no_proxy_of_the_checkout(pull_request: Upstream) -> None:
    made = pull_request.checkout(pull_request.repository.id("topic"), "depth 1")
    assert made is not None
    made.config("http.proxy", "http://127.0.0.1:1")
    made.config("http.sslVerify", "false")
    made.config("http.sslCAInfo", "/a/file")
    git = Git.open(made.path)
    with_token = find_remote(git, Server(pull_request.server.url, "repository", TOKEN))
    without = find_remote(git, None)
    assert with_token is not None
    assert without is not None
    names = [name.rpartition(".")[2] for name, _ in with_token.settings]
    assert names == ["sslcainfo", "extraheader", "extraheader", "followRedirects"]
    names = [name.rpartition(".")[2] for name, _ in without.settings]
    assert sorted(names) == ["proxy", "sslcainfo", "sslverify"]


def test_a_password_in_the_url(pull_request: Upstream) -> None:
    made = pull_request.checkout(pull_request.repository.id("topic"), "depth 1")
    assert made is not None
    whole = pull_request.url.replace("http://", "http://x-access-token:ghs_pass@")
    made.git("remote", "set-url", "origin", whole)
    pull_request.server.token = "ghs_pass"
    found = ask(pull_request, made)
    assert lines(found.changes) == ["A topic.txt"]
    assert found.notes == (
        f"what this clone lacks was fetched from {pull_request.url}, in 2 fetches",
    )
    pull_request.server.token = "ghs_new"
    reason = why(pull_request, made)
    assert reason.startswith(f"fetching from {pull_request.url} failed: ")
    assert "ghs_pass" not in reason


@pytest.mark.parametrize("right", [True, False])
@pytest.mark.parametrize("kind", CLONES)
def test_the_token_appears_nowhere(
    pull_request: Upstream, watched: Watched, kind: str, right: bool
) -> None:
    """Not in an argument of any git, nor in a file of the private repository."""
    log = watched.log
    made = pull_request.checkout(pull_request.repository.id("topic"), kind)
    log.with_name("log.found").write_text("")
    pull_request.server.token = TOKEN if right else "ghs_other"
    head = pull_request.repository.id("topic")
    payload = github.pull_request(pull_request.repository.id("main"), head)
    with pull_request.history(made, head, token=TOKEN) as history:
        found = compare(history, events.compared("pull_request", payload))
    assert found.determined is right
    for secret in (TOKEN, SHOWN):
        assert secret not in repr(found)
        assert secret not in repr(history.__dict__)
        assert secret not in log.read_text()
    assert " fetch " in log.read_text()
    assert (log.parent / "log.found").read_text() == ""
