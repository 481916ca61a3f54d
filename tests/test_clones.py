"""What each kind of clone answers to an event, on random histories: always the truth.

The truth is worked out on a model, without git: commits are objects that know their
parents and their whole tree, merge bases are found by their definition, and which commits
an event compares is written down a second time (`compared_by`).  git is asked only to store
the model on a server and to clone it.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import HealthCheck, event, note, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from impact import events
from impact.model import ChangeSet
from impact.vcs.compare import compare
from impact.vcs.git import Git
from impact.vcs.history import History
from impact.vcs.server import Limits, Server
from impact.vcs.store import Store
from tests.git_server import SETTINGS, GitServer
from tests.oracle import plain_git_environment
from tests.repositories import Repository

pytest_plugins = ["tests.git_server", "tests.repositories"]

EXAMPLES = 24
"""Of a hundred, in which a test has its profile's number of examples."""

MAIN = "main"
ZERO = "0" * 40
UNKNOWN = "1234567890" * 4

File = tuple[str, str]
"""Mode and contents."""
Tree = dict[str, File]


@dataclass(frozen=True, eq=False)
class Commit:
    """A commit of the model, equal to itself only.  A parent has a lower number."""

    number: int
    parents: tuple[Commit, ...]
    tree: Tree
    date: int

    def __repr__(self) -> str:
        return f"c{self.number}"


@dataclass(frozen=True)
class Truth:
    """What changed, each path with its status, and between which commits."""

    changes: frozenset[tuple[str, str]]
    bases: frozenset[Commit]
    head: Commit


# -- the definitions -----------------------------------------------------------------------


def ancestors(*tips: Commit) -> set[Commit]:
    """The commits and all that they descend from."""
    found: set[Commit] = set()
    rest = [*tips]
    while rest:
        commit = rest.pop()
        if commit not in found:
            found.add(commit)
            rest += commit.parents
    return found


def merge_bases(one: Commit, other: Commit) -> set[Commit]:
    """The common ancestors that are no proper ancestor of another common ancestor."""
    common = ancestors(one) & ancestors(other)
    return common - ancestors(*(parent for commit in common for parent in commit.parents))


def difference(before: Tree, after: Tree) -> set[tuple[str, str]]:
    """Each path that is not the same in both, with what happened to it."""
    found = set()
    for path in before.keys() | after.keys():
        old, new = before.get(path), after.get(path)
        if old is None or new is None:
            found.add((path, "added" if old is None else "deleted"))
        elif old != new:
            links = "120000" in (old[0], new[0]) and old[0] != new[0]
            found.add((path, "type-changed" if links else "modified"))
    return found


def compared_by(
    name: str, payload: Mapping[str, Any], head: Commit | None, main: Commit, had: set[Commit]
) -> Truth | None:
    """What an event compares, as the design has it in a table; None: undetermined.

    ``head``: what is checked out.  ``main``: the default branch as it is now.  ``had``:
    the commits that can be had.
    """

    def two_dots(base: Commit, tip: Commit) -> Truth | None:
        return sum_of({base}, tip)

    def three_dots(base: Commit, tip: Commit, fork: Commit | None = None) -> Truth | None:
        if not {base, fork or tip} <= had:
            return None
        return sum_of(merge_bases(base, fork or tip), tip)

    def sum_of(bases: set[Commit], tip: Commit) -> Truth | None:
        if not bases or bases == {tip} or not {*bases, tip} <= had:
            return None
        changes = set().union(*(difference(base.tree, tip.tree) for base in bases))
        return Truth(frozenset(changes), frozenset(bases), tip)

    if name in ("pull_request", "pull_request_target"):
        pull = payload["pull_request"]
        base, tip = pull["base"]["sha"], pull["head"]["sha"]
        if name == "pull_request" and payload["action"] == "closed" and pull["merged"]:
            landed = pull["merge_commit_sha"]
            before = base if landed is tip else landed.parents[0]
            new = ancestors(tip) - ancestors(before)
            return three_dots(before, tip) if len(new) >= pull["commits"] else None
        if name == "pull_request" and head is not None and head.parents[1:2] == (tip,):
            return two_dots(head.parents[0], head)
        return three_dots(base, tip)
    if name == "merge_group":
        group = payload["merge_group"]
        return three_dots(main, group["head_sha"], fork=group["base_sha"])
    if name != "push" or payload["after"] == ZERO or payload["ref"].startswith("refs/tags/"):
        return None
    before, after = payload["before"], payload["after"]
    if payload["ref"] == "refs/heads/main":
        return two_dots(before, after) if before in had else None
    branch = three_dots(main, after)
    if before not in had:
        return branch
    pushed = two_dots(before, after)
    if branch is None or pushed is None:
        return None
    return Truth(pushed.changes | branch.changes, pushed.bases | branch.bases, after)


# -- the model in git ----------------------------------------------------------------------


def stored(folder: Path, commits: Iterable[Commit], refs: Mapping[str, Commit]) -> list[str]:
    """Make a bare repository of the commits; their marks and ids, a line each.

    Commits of which no ref knows are there as well, as they are after a force push.
    https://git-scm.com/docs/git-fast-import
    """
    stream: list[str] = []

    def data(text: str) -> str:
        return f"data {len(text.encode())}\n{text}"

    for commit in sorted(commits, key=lambda commit: commit.number):
        stream += ["reset refs/import", ""] if not commit.parents else []
        stream += ["commit refs/import", f"mark :{commit.number}"]
        stream += [f"committer A <a@example.com> {commit.date} +0000", data(str(commit))]
        words = ["from", *["merge"] * len(commit.parents[1:])]
        stream += [
            f"{word} :{parent.number}"
            for word, parent in zip(words, commit.parents, strict=False)
        ]
        stream.append("deleteall")
        for path, (mode, text) in commit.tree.items():
            stream += [f"M {mode} inline {path}", data(text)]
    for name, commit in refs.items():
        stream += [f"reset {name}", f"from :{commit.number}", ""]
    stream += ["reset refs/import", ""]
    (folder / "objects").mkdir(parents=True)
    (folder / "refs").mkdir()
    (folder / "HEAD").write_text(f"ref: refs/heads/{MAIN}\n")
    rows = [name.split(".") for name in SETTINGS]
    (folder / "config").write_text(
        "[core]\nrepositoryformatversion = 0\nbare = true\n"
        + "".join(f"[{a}]\n{b} = true\n" for a, b in rows if a == "uploadpack")
    )
    settings = ["-c", "fastimport.unpackLimit=1"]
    subprocess.run(
        ["git", *settings, "fast-import", "--quiet", "--force", "--export-marks=marks"],
        cwd=folder,
        env=plain_git_environment(folder),
        input="\n".join(stream).encode(),
        check=True,
    )
    return (folder / "marks").read_text().splitlines()


def ids_of(commits: Iterable[Commit], marks: Iterable[str]) -> dict[Commit, str]:
    """The ids of commits."""
    known = dict(line.removeprefix(":").split(" ") for line in marks)
    return {commit: known[str(commit.number)] for commit in commits}


def with_ids(payload: Any, ids: Mapping[Commit, str]) -> Any:
    """A payload with ids in the place of commits."""
    if isinstance(payload, dict):
        return {key: with_ids(value, ids) for key, value in payload.items()}
    return ids[payload] if isinstance(payload, Commit) else payload


def commits_in(payload: Any) -> set[Commit]:
    """The commits that a payload names."""
    if isinstance(payload, dict):
        return set().union(*map(commits_in, payload.values()))
    return {payload} if isinstance(payload, Commit) else set()


# -- clones --------------------------------------------------------------------------------

BRANCHES = "+refs/heads/*:refs/remotes/origin/*"
ONLY_MAIN = f"+refs/heads/{MAIN}:refs/remotes/origin/{MAIN}"
THIS = "+{head}:refs/remotes/pull/7/merge"

CLONES: dict[str, list[list[str]] | None] = {
    "none": None,
    "full": [[BRANCHES, THIS]],
    "depth 1": [["--depth=1", THIS]],
    "depth 2": [["--depth=2", THIS]],
    "depth 3": [["--depth=3", THIS]],
    "depth 50": [["--depth=50", THIS]],
    "blobless": [["--filter=blob:none", BRANCHES, THIS]],
    "treeless": [["--filter=tree:0", BRANCHES, THIS]],
    "treeless, depth 2": [["--filter=tree:0", "--depth=2", THIS]],
    "one branch, depth 3": [["--depth=3", ONLY_MAIN], ["--depth=3", THIS]],
    "all branches, depth 2": [["--depth=2", BRANCHES, THIS]],
    "uneven": [["--depth=1", BRANCHES], ["--depth=4", THIS]],
}
"""The fetches that make a clone, each with options and refspecs; none: no clone at all."""


def cloned(folder: Path, url: str, fetches: Sequence[Sequence[str]], head: str) -> Repository:
    """A clone with a commit checked out, made as actions/checkout makes it."""
    folder.mkdir()
    made = Repository(folder)
    made.git("init", "--quiet", "--template=")
    made.git("remote", "add", "origin", url)
    for words in fetches:
        filled = [word.format(head=head) for word in words]
        options = [word for word in filled if word.startswith("--")]
        refspecs = [word for word in filled if not word.startswith("--")]
        made.git("fetch", "--quiet", "--no-tags", *options, "origin", *refspecs)
    made.git("checkout", "--quiet", "--detach", head)
    return made


# -- the machine ---------------------------------------------------------------------------

PATHS = ["a", "b", "b/deep", "dir/a", "dir/b", "dir/sub/c d", "z"]
FILES = [(mode, text) for mode in ("100644", "100755", "120000") for text in ("1", "2", "3")]
# What becomes of a path: another file, nothing, or another path.
EDITS = st.lists(
    st.tuples(
        st.sampled_from(PATHS),
        st.sampled_from(FILES) | st.sampled_from(FILES) | st.none() | st.sampled_from(PATHS),
    ),
    min_size=1,
    max_size=3,
)
NUMBERS = st.integers(0, 99)


def happening(name: str, **arguments: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Something that happens to a branch: a method of `Machine` and its arguments."""
    return st.tuples(st.just(name), st.fixed_dictionaries({"number": NUMBERS} | arguments))


GROW = happening(
    "grow",
    edits=st.lists(EDITS, min_size=1, max_size=3),
    skew=st.sampled_from([1, 1, 1, 0, -1000, 1000]),
)
CRISS_CROSS = happening("criss_cross", other=NUMBERS)
HAPPENINGS = st.one_of(
    GROW,
    GROW,
    happening("grow_long", length=st.sampled_from([5, 12, 30, 60])),
    happening("start", at=NUMBERS, edits=EDITS, orphan=st.sampled_from([False] * 7 + [True])),
    happening("revert", which=NUMBERS),
    happening("merge", other=NUMBERS),
    happening("catch_up", other=NUMBERS),
    CRISS_CROSS,
    CRISS_CROSS,
    happening("rewind", back=st.integers(1, 5), edits=EDITS, bare=st.booleans()),
)
EARLIER = st.lists(HAPPENINGS, min_size=1, max_size=3)
SOME_CLONES = st.lists(st.sampled_from(list(CLONES)), min_size=1, max_size=2, unique=True)
AT = st.sampled_from(["file", "file", "file", "http"])


def put(tree: Tree, path: str, file: File) -> None:
    """Write a file; what is in its way goes."""
    for other in [*tree]:
        if path.startswith(other + "/") or other.startswith(path + "/"):
            del tree[other]
    tree[path] = file


def edited(tree: Tree, edits: Iterable[tuple[str, File | str | None]]) -> Tree:
    """A tree after some edits; never the same one."""
    found = dict(tree)
    for path, what in edits:
        old = found.get(path)
        if isinstance(what, tuple):
            put(found, path, what)
        else:
            found.pop(path, None)
            if what is not None and old is not None:
                put(found, what, old)
    if found == tree:
        put(found, "z", ("100644", str(len(tree.get("z", ("", ""))[1]) + 1)))
    return found


def combined(base: Tree, ours: Tree, theirs: Tree) -> Tree:
    """Ours, with what they changed and we did not."""
    found: Tree = {}
    for path in sorted(base.keys() | ours.keys() | theirs.keys()):
        pick = theirs if ours.get(path) == base.get(path) else ours
        if path in pick:
            put(found, path, pick[path])
    return found


class Machine(RuleBasedStateMachine):
    """A repository on a server, to which things happen; each event is checked at once."""

    def __init__(self, folder: Path, server: GitServer) -> None:
        super().__init__()
        self.folder, self.server = folder, server
        self.commits: list[Commit] = []
        self.branches: dict[str, Commit] = {}
        self.tips: list[Commit] = []
        self.pushed: dict[str, Commit] = {}
        self.refs: dict[str, Commit] = {}

    @property
    def topics(self) -> list[str]:
        return [name for name in self.branches if name != MAIN]

    def topic(self, number: int) -> str:
        return self.topics[number % len(self.topics)]

    def branch(self, number: int) -> str:
        return [*self.topics, MAIN][number % len(self.branches)]

    def move(self, branch: str, commit: Commit) -> None:
        self.branches[branch] = commit
        if branch == MAIN:
            self.tips.append(commit)

    def commit(self, tree: Tree, *parents: Commit, skew: int = 1) -> Commit:
        """A new commit, so many seconds after its parents."""
        date = max((parent.date for parent in parents), default=1_700_000_000) + skew
        made = Commit(len(self.commits) + 1, parents, tree, date)
        self.commits.append(made)
        return made

    def merged(self, ours: Commit, theirs: Commit) -> Tree:
        bases = sorted(merge_bases(ours, theirs), key=lambda commit: commit.number)
        return combined(bases[0].tree if bases else {}, ours.tree, theirs.tree)

    # What happens to the history.

    @initialize(edits=EDITS, some=st.lists(HAPPENINGS, min_size=1, max_size=8))
    def begin(self, edits: Any, some: Any) -> None:
        start = self.commit(edited({"a": FILES[0], "dir/b": FILES[1]}, edits))
        self.move(MAIN, start)
        self.pushed[MAIN] = start
        self.start(0, 0, edits, orphan=False)
        self.happen(some)

    def happen(self, some: Any) -> None:
        for name, arguments in some:
            getattr(self, name)(**arguments)

    def line(self, branch: str, length: int) -> None:
        for _ in range(length):
            tip = self.branches[branch]
            tree = edited(tip.tree, [("z", ("100644", str(len(self.commits))))])
            self.branches[branch] = self.commit(tree, tip)
        self.move(branch, self.branches[branch])

    def grow(self, number: int, edits: Any, skew: int) -> None:
        name = self.branch(number)
        for some in edits:
            tip = self.branches[name]
            self.move(name, self.commit(edited(tip.tree, some), tip, skew=skew))

    def grow_long(self, number: int, length: int) -> None:
        self.line(self.branch(number), length)

    def start(self, number: int, at: int, edits: Any, orphan: bool) -> None:
        """A new branch, or an old one from somewhere else; with a commit or without."""
        name = f"topic-{number % 3}"
        origin = self.commits[-1 - at % len(self.commits)]
        if orphan:
            self.move(name, self.commit(edited({"a": FILES[0]}, edits)))
        elif number % 4 == 3:
            self.move(name, origin)
        else:
            self.move(name, self.commit(edited(origin.tree, edits), origin))
        self.pushed.setdefault(name, self.branches[name])

    def revert(self, number: int, which: int) -> None:
        name = self.branch(number)
        tip = self.branches[name]
        known = sorted(ancestors(tip), key=lambda commit: commit.number)
        reverted = known[-1 - which % len(known)]
        if reverted.parents:
            tree = combined(reverted.tree, tip.tree, reverted.parents[0].tree)
            self.move(name, self.commit(tree, tip))

    def merge(self, number: int, other: int) -> None:
        name, theirs = self.branch(number), self.branches[self.branch(other)]
        ours = self.branches[name]
        if ours is not theirs:
            self.move(name, self.commit(self.merged(ours, theirs), ours, theirs))

    def catch_up(self, number: int, other: int) -> None:
        """A branch is moved to where another one is."""
        self.move(self.branch(number), self.branches[self.branch(other)])

    def criss_cross(self, number: int, other: int) -> None:
        """Each of two branches merges what the other one was."""
        names = self.branch(number), self.branch(other)
        ours, theirs = (self.branches[name] for name in names)
        if ours is not theirs:
            self.move(names[0], self.commit(self.merged(ours, theirs), ours, theirs))
            self.move(names[1], self.commit(self.merged(theirs, ours), theirs, ours))

    def rewind(self, number: int, back: int, edits: Any, bare: bool) -> None:
        """An earlier commit, or something else on top of it, is forced into the place."""
        name = self.branch(number)
        tip = self.branches[name]
        for _ in range(back):
            tip = tip.parents[0] if tip.parents else tip
        self.move(name, tip if bare else self.commit(edited(tip.tree, edits), tip))

    # Events.

    @rule(
        number=NUMBERS,
        earlier=EARLIER,
        before=st.sampled_from(["known", "known", "known", "new", "unknown"]),
        back=st.sampled_from([0, 0, 1, 3]),
        edits=EDITS,
        pruned=st.booleans(),
        clones=SOME_CLONES,
        at=AT,
    )
    def push(
        self,
        number: int,
        earlier: Any,
        before: str,
        back: int,
        edits: Any,
        pruned: bool,
        clones: list[str],
        at: str,
    ) -> None:
        """A push of whatever happened to a branch, or a force push over it."""
        self.happen(earlier)
        name = self.branch(number)
        known = self.pushed.get(name)
        if back:
            self.rewind(number, back, edits, bare=False)
        if self.branches[name] is known:
            self.grow(number, [edits], skew=1)
        after = self.pushed[name] = self.branches[name]
        payload = {
            "ref": f"refs/heads/{name}",
            "before": {"known": known or ZERO, "new": ZERO, "unknown": UNKNOWN}[before],
            "after": after,
            "created": before == "new",
            "deleted": False,
            "forced": known not in ancestors(after),
        }
        self.check("push", payload, after, clones, at, pruned)

    def pull(self, base: Commit, tip: Commit, counted: int | None) -> dict[str, Any]:
        commits = len(ancestors(tip) - ancestors(base)) if counted is None else counted
        files = [len(difference(one.tree, tip.tree)) for one in merge_bases(base, tip)]
        return {
            "number": 7,
            "base": {"ref": MAIN, "sha": base},
            "head": {"ref": "topic", "sha": tip},
            "commits": commits,
            "changed_files": min(files, default=0),
            "merged": False,
            "labels": [],
        }

    @precondition(lambda self: self.topics)
    @rule(
        number=NUMBERS,
        earlier=EARLIER,
        since=st.integers(0, 4),
        onto=st.integers(0, 2),
        counted=st.none() | st.integers(0, 60),
        checkout=st.sampled_from(
            ["merge", "merge", "head", "main", "older merge", "other order", "nothing"]
        ),
        name=st.sampled_from(["pull_request", "pull_request", "pull_request_target"]),
        action=st.sampled_from(["opened", "synchronize", "closed"]),
        pruned=st.booleans(),
        clones=SOME_CLONES,
        at=AT,
    )
    def pull_request(
        self,
        number: int,
        earlier: Any,
        since: int,
        onto: int,
        counted: int | None,
        checkout: str,
        name: str,
        action: str,
        pruned: bool,
        clones: list[str],
        at: str,
    ) -> None:
        """The payload's base and what the merge commit is made of are often old."""
        self.happen(earlier)
        tip = self.branches[self.topic(number)]
        base = self.tips[-1 - since % len(self.tips)]
        under = self.tips[-1 - onto % len(self.tips)]
        first, second = under, tip
        if checkout == "older merge" and tip.parents:
            second = tip.parents[0]
        if checkout == "other order":
            first, second = second, first
        made = self.commit(self.merged(under, second), first, second)
        self.refs |= {"refs/pull/7/head": tip, "refs/pull/7/merge": made}
        head = {"head": tip, "main": self.branches[MAIN], "nothing": None}.get(checkout, made)
        payload = {
            "action": action,
            "number": 7,
            "pull_request": self.pull(base, tip, counted) | {"merge_commit_sha": made},
        }
        self.check(name, payload, head, clones, at, pruned)

    @precondition(lambda self: self.topics)
    @rule(
        number=NUMBERS,
        earlier=EARLIER,
        how=st.sampled_from(["merge", "squash", "rebase", "by hand"]),
        deletes=st.booleans(),
        later=st.sampled_from([0, 0, 1, 5]),
        more=st.sampled_from([0, 0, 0, 1, 60]),
        checkout=st.sampled_from(["landed", "head", "nothing"]),
        pruned=st.booleans(),
        clones=SOME_CLONES,
        at=AT,
    )
    def land(
        self,
        number: int,
        earlier: Any,
        how: str,
        deletes: bool,
        later: int,
        more: int,
        checkout: str,
        pruned: bool,
        clones: list[str],
        at: str,
    ) -> None:
        """A pull request is merged, ``more`` of its commits in an earlier step."""
        self.happen(earlier)
        name = self.topic(number)
        before, tip = self.branches[MAIN], self.branches[name]
        if tip in ancestors(before):
            return
        landed, tree = before, self.merged(before, tip)
        if how == "merge":
            landed = self.commit(tree, before, tip)
        elif how == "squash":
            landed = self.commit(tree, before)
        elif how == "rebase":
            ours = ancestors(before)
            for commit in sorted(ancestors(tip) - ours, key=lambda commit: commit.number):
                if len(commit.parents) == 1:
                    old = commit.parents[0].tree
                    picked = combined(old, landed.tree, commit.tree)
                    landed = self.commit(picked, landed)
            if landed is before:
                return
        else:
            if before not in ancestors(tip):
                tip = self.commit(tree, tip, before)
                self.move(name, tip)
            landed = tip
        self.move(MAIN, landed)
        self.line(MAIN, later)
        self.refs |= {"refs/pull/7/head": tip, "refs/pull/7/merge": landed}
        if deletes:
            del self.branches[name]
            self.pushed.pop(name, None)
        pull = self.pull(before, tip, None) | {"merged": True, "merge_commit_sha": landed}
        payload = {"action": "closed", "number": 7, "pull_request": pull}
        head = {"landed": landed, "head": tip, "nothing": None}[checkout]
        everything = {*self.commits}
        meant = compared_by("pull_request", self.plain_pull(before, tip), None, tip, everything)
        assert compared_by("pull_request", payload, None, landed, everything) == meant
        pull["commits"] += more
        self.check("pull_request", payload, head, clones, at, pruned)

    def plain_pull(self, base: Commit, tip: Commit) -> dict[str, Any]:
        return {"action": "opened", "pull_request": self.pull(base, tip, None)}

    @precondition(lambda self: self.topics)
    @rule(
        earlier=EARLIER,
        numbers=st.lists(NUMBERS, min_size=1, max_size=3),
        squashes=st.booleans(),
        aside=st.booleans(),
        merged=st.integers(0, 3),
        later=st.sampled_from([0, 0, 1, 5]),
        clones=SOME_CLONES,
        at=AT,
    )
    def merge_group(
        self,
        earlier: Any,
        numbers: list[int],
        squashes: bool,
        aside: bool,
        merged: int,
        later: int,
        clones: list[str],
        at: str,
    ) -> None:
        """Entries of a merge queue, each upon the one before; the branch may be past some."""
        self.happen(earlier)
        queue = [self.branches[MAIN]]
        for number in numbers:
            tip = self.branches[self.topic(number)]
            parents = queue[-1:] if squashes else [queue[-1], tip]
            queue.append(self.commit(self.merged(queue[-1], tip), *parents))
        if not aside:
            self.move(MAIN, queue[min(merged, len(numbers))])
        self.line(MAIN, later)
        ref = f"refs/heads/gh-readonly-queue/{MAIN}/pr-7"
        payload = {
            "action": "checks_requested",
            "merge_group": {
                "base_ref": f"refs/heads/{MAIN}",
                "base_sha": queue[-2],
                "head_ref": ref,
                "head_sha": queue[-1],
            },
        }
        self.check("merge_group", payload, queue[-1], clones, at, False, {ref: queue[-1]})

    @rule(
        what=st.sampled_from(["release", "schedule", "tag", "deleted", "first"]),
        clone=st.sampled_from(["none", "depth 1", "full"]),
    )
    def something_else(self, what: str, clone: str) -> None:
        """What has nothing to compare with, whatever the clone."""
        tip = self.branches[MAIN]
        pushes = {
            "tag": {"ref": "refs/tags/v1", "before": ZERO, "after": tip},
            "deleted": {"ref": "refs/heads/gone", "before": tip, "after": ZERO},
            "first": {"ref": f"refs/heads/{MAIN}", "before": ZERO, "after": tip},
        }
        name = "push" if what in pushes else what
        self.check(name, pushes.get(what, {}), tip, [clone], "file", False)

    # What is asked of every clone.

    def check(
        self,
        name: str,
        payload: dict[str, Any],
        head: Commit | None,
        clones: Iterable[str],
        at: str,
        pruned: bool,
        more: Mapping[str, Commit] | None = None,
    ) -> None:
        """Ask each clone what an event compares; ``pruned``: the server forgets the rest."""
        payload["repository"] = {"default_branch": MAIN, "full_name": "server.git"}
        heads = {f"refs/heads/{branch}": commit for branch, commit in self.branches.items()}
        refs = {**heads, **self.refs, **(more or {})}
        had = ancestors(*refs.values()) if pruned else {*self.commits}
        truth = compared_by(name, payload, head, self.branches[MAIN], had)
        event(f"{name}: {describe(truth)}")
        with TemporaryDirectory(dir=self.folder) as temporary:
            place = Path(temporary)
            ids = ids_of(had, stored(place / "server.git", had, refs))
            if not commits_in(payload) <= had:
                # What the server has forgotten still has an id.
                ids = ids_of(self.commits, stored(place / "all.git", self.commits, {}))
                shutil.rmtree(place / "all.git")
            root = place.as_uri()
            if at == "http":
                root = f"{self.server.url}/{place.relative_to(self.server.root)}"
            asked = Asked(name, with_ids(payload, ids), ids, truth)
            for kind in clones if head is not None else ["none"]:
                note(f"{name}, {kind}, {at}, head {head}: {payload}")
                event(f"{kind}: {'determined' if truth else 'undetermined'}")
                head_id = None if head is None else ids[head]
                fetches = CLONES[kind]
                if fetches is None or head_id is None:
                    with Store(
                        None, fetches=True, server=Server(root, "server.git"), head=head_id
                    ) as store:
                        asked.same(compare(History(store), asked.comparisons, name))
                    continue
                clone = cloned(place / kind, f"{root}/server.git", fetches, head_id)
                before = clone.git_files()
                asked.all_of(clone, root, self.without_fetching(name, payload, had))
                assert clone.git_files() == before

    def without_fetching(
        self, name: str, payload: Mapping[str, Any], had: set[Commit]
    ) -> list[Truth | None]:
        """What a clone may answer that fetches nothing: the other rows of the event."""
        had = had - {payload.get("before")}
        return [None, compared_by(name, payload, None, self.branches[MAIN], had)]


def describe(truth: Truth | None) -> str:
    if truth is None:
        return "undetermined"
    bases = "one base" if len(truth.bases) == 1 else "several bases"
    return bases + (", no change" if not truth.changes else "")


@dataclass(frozen=True)
class Asked:
    """A question with its answer."""

    name: str
    payload: Mapping[str, Any]
    ids: Mapping[Commit, str]
    truth: Truth | None

    @property
    def comparisons(self) -> tuple[events.Comparison, ...]:
        return events.compared(self.name, self.payload)

    def all_of(self, clone: Repository, url: str, others: Collection[Truth | None]) -> None:
        """A clone gives the answer; one that may not fetch gives it, or knows of none."""
        git = Git.open(clone.path)
        with Store(git) as store:
            found = compare(History(store), self.comparisons, self.name)
            self.same(found, self.truth, *others)
        server = Server(url, "server.git")
        with Store(git, fetches=True, server=server, limits=Limits()) as store:
            self.same(compare(History(store), self.comparisons, self.name))

    def same(self, found: ChangeSet, *allowed: Truth | None) -> None:
        """The change set is the truth, or one of those that are allowed instead."""
        assert found.event == self.name
        answers = [self.shown(truth) for truth in allowed or [self.truth]]
        if not found.determined:
            assert found == ChangeSet((), found.reason, determined=False, event=self.name)
            assert None in answers, found.reason
            return
        changes = [(change.path, change.status.value) for change in found.changes]
        assert len(changes) == len({*changes})
        assert not any(change.directory for change in found.changes)
        assert ({*changes}, {*found.bases}, found.head) in answers, found.reason
        assert found.base in found.bases
        assert {*found.diffs} == {(base, found.head) for base in found.bases}

    def shown(self, truth: Truth | None) -> tuple[set[tuple[str, str]], set[str], str] | None:
        if truth is None:
            return None
        bases = {self.ids[base] for base in truth.bases}
        return {*truth.changes}, bases, self.ids[truth.head]


def test_every_clone_tells_the_truth(no_commits: Repository, git_server: GitServer) -> None:
    folder = no_commits.path.parent
    run_state_machine_as_test(
        lambda: Machine(folder, git_server),
        settings=settings(
            max_examples=EXAMPLES * settings().max_examples // 100,
            stateful_step_count=5,
            suppress_health_check=list(HealthCheck),
        ),
    )
