"""Every event, in every kind of clone, against the truth of the full history.

A case builds a history and says what happened; `truth` asks plain git in the repository
itself, which has everything.  The payloads have GitHub's whole shape (github_events.py).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from impact import events
from impact.vcs.compare import compare
from tests import github_events as github
from tests.clones import KINDS, Upstream
from tests.github_events import ZERO
from tests.repositories import Repository, lines

pytest_plugins = ["tests.repositories", "tests.git_server", "tests.clones"]


@dataclass(frozen=True)
class Case:
    """What happened, what is checked out, and the diffs that are the truth: pairs of
    revisions, two-dot; none where nobody can tell, and then ``reason`` says why.
    """

    event: str
    payload: github.Payload
    checked_out: str
    diffs: tuple[tuple[str, str], ...]
    reason: str


def truth(repository: Repository, case: Case) -> list[str]:
    """What plain git says of the diffs in the full history, in impact's order."""
    found = set()
    for base, head in case.diffs:
        said = repository.git("diff-tree", "-r", "--name-status", "--no-renames", base, head)
        found.update(line.replace("\t", " ") for line in said.splitlines())
    return sorted(found, key=lambda line: (line[2:], line[0]))


def ahead(repository: Repository, branch: str, count: int, prefix: str = "") -> str:
    """More commits on a branch, which is then checked out; the last one's id."""
    repository.git("checkout", "--quiet", branch)
    for number in range(count):
        repository.commit(**{f"{prefix or branch}-{number}.txt": branch})
    return repository.id("HEAD")


def parted(repository: Repository, main: int = 3, topic: int = 3) -> None:
    """`main` and `topic`, parted after two commits, each some commits on."""
    repository.commit(**{"early.txt": "early\n"})
    repository.git("branch", "topic")
    ahead(repository, "main", main)
    ahead(repository, "topic", topic)


def merge(repository: Repository, into: str, *other: str) -> str:
    """A merge, on no branch; its id."""
    repository.git("checkout", "--quiet", "--detach", into)
    repository.git("merge", "--quiet", "--no-ff", "--message", "Merge", *other)
    return repository.id("HEAD")


def merge_commit(repository: Repository) -> Case:
    parted(repository)
    commit = merge(repository, "main", "topic")
    payload = github.pull_request(repository.id("main"), repository.id("topic"), commits=3)
    reason = "merge commit: first parent to head"
    return Case("pull_request", payload, commit, (("main", commit),), reason)


def base_moved_ahead(repository: Repository) -> Case:
    """The head is checked out, and main has been busy."""
    parted(repository, main=40)
    payload = github.pull_request(repository.id("main"), repository.id("topic"), commits=3)
    base = repository.git("merge-base", "main", "topic")
    reason = "pull request: merge base of base and head to head (three-dot)"
    return Case("pull_request", payload, "topic", ((base, "topic"),), reason)


def other_merge_checked_out(repository: Repository) -> Case:
    """A merge of something newer than the payload: another second parent."""
    parted(repository)
    old = repository.id("topic")
    ahead(repository, "topic", 1, "newer")
    commit = merge(repository, "main", "topic")
    base = repository.git("merge-base", "main", old)
    payload = github.pull_request(repository.id("main"), old, commits=3)
    reason = "pull request: merge base of base and head to head (three-dot)"
    return Case("pull_request", payload, commit, ((base, old),), reason)


def head_is_a_merge_of_main(repository: Repository) -> Case:
    """The second parent of HEAD is main's, not the payload's head."""
    parted(repository)
    repository.git("checkout", "--quiet", "topic")
    repository.git("merge", "--quiet", "--no-ff", "--message", "Merge", "main")
    old = repository.id("main")
    ahead(repository, "main", 5, "later")
    payload = github.pull_request(repository.id("main"), repository.id("topic"), commits=4)
    reason = "pull request: merge base of base and head to head (three-dot)"
    return Case("pull_request", payload, "topic", ((old, "topic"),), reason)


def criss_cross(repository: Repository) -> Case:
    """Two best merge bases; each diff alone hides a deletion."""
    parted(repository, 1, 1)
    left, right = repository.id("topic"), repository.id("main")
    repository.git("branch", "--force", "topic", merge(repository, "topic", right))
    repository.git("branch", "--force", "main", merge(repository, "main", left))
    repository.git("checkout", "--quiet", "topic")
    for name in ("main-0.txt", "topic-0.txt"):
        (repository.path / name).unlink()
    repository.commit()
    ahead(repository, "main", 20, "later")
    payload = github.pull_request(repository.id("main"), repository.id("topic"), commits=3)
    diffs = ((left, "topic"), (right, "topic"))
    reason = "pull request: merge base of base and head to head (three-dot)"
    return Case("pull_request", payload, "topic", diffs, reason)


def run_again_after_merging(repository: Repository) -> Case:
    """The same payload and the same merge commit, and main has it all by now."""
    case = merge_commit(repository)
    old = repository.id("main")
    repository.git("checkout", "--quiet", "main")
    repository.git("merge", "--quiet", "--ff-only", case.checked_out)
    ahead(repository, "main", 3, "later")
    return Case(
        case.event, case.payload, case.checked_out, ((old, case.checked_out),), case.reason
    )


def nothing_new(repository: Repository) -> Case:
    """The head is in the base already: an empty diff would be a lie."""
    parted(repository, topic=0)
    head, base = repository.id("topic"), repository.id("main")
    payload = github.pull_request(base, head, commits=0, changed_files=0)
    reason = f"{head} has nothing that {base} has not: nothing to compare"
    return Case("pull_request", payload, "topic", (), reason)


def unrelated_histories(repository: Repository) -> Case:
    parted(repository)
    repository.git("checkout", "--quiet", "--orphan", "other")
    other = repository.commit(**{"other.txt": "other\n"})
    payload = github.pull_request(repository.id("main"), other)
    reason = f"{repository.id('main')} and {other} have no common ancestor"
    return Case("pull_request", payload, "other", (), reason)


def closed(repository: Repository, commit: str, reason: str) -> Case:
    """main moved on since, and its tip is checked out."""
    base, head = repository.id("before-merging"), repository.id("topic")
    fork = repository.git("merge-base", base, head)
    ahead(repository, "main", 4, "later")
    payload = github.merged(base, head, commit, commits=3)
    return Case("pull_request", payload, "main", ((fork, "topic"),), reason)


MERGED = (
    "merged pull request: merge base of what it was merged into and head, to head (three-dot)"
)


def closed_by_merge(repository: Repository) -> Case:
    parted(repository)
    repository.git("tag", "before-merging", "main")
    commit = merge(repository, "main", "topic")
    repository.git("branch", "--force", "main", commit)
    return closed(repository, commit, MERGED)


def closed_by_squash(repository: Repository) -> Case:
    parted(repository)
    repository.git("tag", "before-merging", "main")
    repository.git("checkout", "--quiet", "main")
    repository.git("merge", "--quiet", "--squash", "topic")
    return closed(repository, repository.commit(), MERGED)


def closed_by_rebase(repository: Repository) -> Case:
    parted(repository)
    repository.git("tag", "before-merging", "main")
    repository.git("checkout", "--quiet", "--detach", "topic")
    repository.git("rebase", "--quiet", "main")
    repository.git("branch", "--force", "main", "HEAD")
    return closed(repository, repository.id("main"), MERGED)


def closed_by_hand(repository: Repository) -> Case:
    """Somebody pushed the topic's own commits to main: what was merged is the head."""
    parted(repository, main=0)
    repository.git("tag", "before-merging", "main")
    repository.git("checkout", "--quiet", "main")
    repository.git("merge", "--quiet", "--ff-only", "topic")
    reason = (
        "merged pull request, its head as it is: merge base of base and head to head "
        "(three-dot)"
    )
    return closed(repository, repository.id("topic"), reason)


def closed_by_a_merge_by_hand(repository: Repository) -> Case:
    """A merge commit that somebody made and pushed, of a topic that had merged main."""
    parted(repository)
    repository.git("checkout", "--quiet", "topic")
    repository.git("merge", "--quiet", "--no-ff", "--message", "Merge", "main")
    ahead(repository, "topic", 1, "last")
    ahead(repository, "main", 2, "more")
    repository.git("tag", "before-merging", "main")
    commit = merge(repository, "main", "topic")
    repository.git("branch", "--force", "main", commit)
    return closed(repository, commit, MERGED)


def closed_by_hand_in_two_steps(repository: Repository) -> Case:
    """Two merges that were pushed together: GitHub names the last, which has the first."""
    parted(repository)
    repository.git("tag", "before-merging", "main")
    first = merge(repository, "main", "topic~1")
    commit = merge(repository, first, "topic")
    repository.git("branch", "--force", "main", commit)
    base, head = repository.id("before-merging"), repository.id("topic")
    payload = github.merged(base, head, commit, commits=3)
    reason = (
        f"{first} has 2 of the 3 commits of this pull request already: it was merged in more "
        "than one step"
    )
    return Case("pull_request", payload, "main", (), reason)


def closed_without_merging(repository: Repository) -> Case:
    parted(repository)
    fork = repository.git("merge-base", "main", "topic")
    payload = github.pull_request(
        repository.id("main"), repository.id("topic"), "closed", commits=3
    )
    reason = "pull request: merge base of base and head to head (three-dot)"
    return Case("pull_request", payload, "main", ((fork, "topic"),), reason)


def target(repository: Repository) -> Case:
    """pull_request_target: main is checked out, the head is nowhere here."""
    parted(repository, main=10)
    fork = repository.git("merge-base", "main", "topic")
    payload = github.pull_request(repository.id("main"), repository.id("topic"), commits=3)
    reason = "pull request: merge base of base and head to head (three-dot)"
    return Case("pull_request_target", payload, "main", ((fork, "topic"),), reason)


TO_DEFAULT = "push to the default branch: before to after (two-dot)"
TO_BRANCH = (
    "push to a branch: before to after (two-dot), and merge base with the default branch "
    "to after (three-dot)"
)
NEW = "new branch: merge base with the default branch to after (three-dot)"
GONE = (
    "push to a branch, before is gone (a force push): merge base with the default branch "
    "to after (three-dot)"
)


def push_to_default(repository: Repository) -> Case:
    before = repository.id("HEAD")
    after = ahead(repository, "main", 3)
    payload = github.push(before, after)
    return Case("push", payload, "main", ((before, after),), TO_DEFAULT)


def revert_on_default(repository: Repository) -> Case:
    """A push that takes back what the one before it brought."""
    before = ahead(repository, "main", 2)
    repository.git("revert", "--no-edit", "HEAD")
    payload = github.push(before, repository.id("HEAD"))
    return Case("push", payload, "main", ((before, "main"),), TO_DEFAULT)


def forced_to_unrelated(repository: Repository) -> Case:
    """Another history altogether; the commit before it is on no branch any more."""
    before = ahead(repository, "main", 3)
    repository.git("checkout", "--quiet", "--orphan", "other")
    after = repository.commit(**{"other.txt": "other\n"})
    repository.git("branch", "--force", "main", after)
    payload = github.push(before, after, forced=True)
    return Case("push", payload, "main", ((before, after),), TO_DEFAULT)


def forced_to_older(repository: Repository) -> Case:
    before = ahead(repository, "main", 3)
    repository.git("reset", "--quiet", "--hard", "HEAD~2")
    after = repository.id("HEAD")
    payload = github.push(before, after, forced=True)
    return Case("push", payload, "main", ((before, after),), TO_DEFAULT)


def push_to_branch(repository: Repository) -> Case:
    parted(repository, main=12)
    fork = repository.git("merge-base", "main", "topic")
    before = repository.id("topic~1")
    payload = github.push(before, repository.id("topic"), "refs/heads/topic")
    return Case("push", payload, "topic", ((before, "topic"), (fork, "topic")), TO_BRANCH)


def forced_branch(repository: Repository) -> Case:
    """Rebased onto main: before is on no branch, and still there."""
    parted(repository)
    before = repository.id("topic")
    repository.git("rebase", "--quiet", "main")
    payload = github.push(before, repository.id("topic"), "refs/heads/topic", forced=True)
    diffs = ((before, "topic"), ("main", "topic"))
    return Case("push", payload, "topic", diffs, TO_BRANCH)


def forced_branch_and_before_deleted(repository: Repository) -> Case:
    parted(repository, main=5)
    fork = repository.git("merge-base", "main", "topic")
    payload = github.push("1" * 40, repository.id("topic"), "refs/heads/topic", forced=True)
    return Case("push", payload, "topic", ((fork, "topic"),), GONE)


def before_deleted_on_default(repository: Repository) -> Case:
    after = ahead(repository, "main", 2)
    payload = github.push("1" * 40, after, forced=True)
    return Case(
        "push", payload, "main", (), "http://SERVER/repository has no commit " + "1" * 40
    )


def new_branch(repository: Repository) -> Case:
    parted(repository)
    fork = repository.git("merge-base", "main", "topic")
    payload = github.push(ZERO, repository.id("topic"), "refs/heads/topic")
    return Case("push", payload, "topic", ((fork, "topic"),), NEW)


def new_branch_from_another(repository: Repository) -> Case:
    """Made from `topic`, whose commits main has not: they count."""
    parted(repository)
    fork = repository.git("merge-base", "main", "topic")
    repository.git("checkout", "--quiet", "-b", "second")
    repository.commit(**{"second.txt": "second\n"})
    payload = github.push(ZERO, repository.id("second"), "refs/heads/second")
    return Case("push", payload, "second", ((fork, "second"),), NEW)


def new_branch_at_main(repository: Repository) -> Case:
    parted(repository, topic=0)
    main = repository.id("main")
    repository.git("branch", "second", "main")
    payload = github.push(ZERO, main, "refs/heads/second")
    reason = f"base and head are the same commit, {main}: nothing to compare"
    return Case("push", payload, "second", (), reason)


def first_push(repository: Repository) -> Case:
    payload = github.push(ZERO, repository.id("main"))
    reason = "the first push of the default branch: there is nothing to compare with"
    return Case("push", payload, "main", (), reason)


def deleted_branch(repository: Repository) -> Case:
    payload = github.push(repository.id("main"), ZERO, "refs/heads/topic")
    return Case("push", payload, "main", (), "the push deletes its branch or tag")


def tag_on_an_old_commit(repository: Repository) -> Case:
    ahead(repository, "main", 3)
    payload = github.push(ZERO, repository.id("main~2"), "refs/tags/v1")
    return Case("push", payload, "main~2", (), "a pushed tag: a release proves everything")


QUEUE = "merge queue: merge base of the target branch and the queue's base to head"


def queued(repository: Repository) -> tuple[str, str, str]:
    """Two entries of a queue: main when it was built, the first and the second."""
    parted(repository)
    repository.git("checkout", "--quiet", "-b", "other", "main~1")
    repository.commit(**{"other.txt": "other\n"})
    main = repository.id("main")
    first = merge(repository, "main", "topic")
    second = merge(repository, first, "other")
    for number, entry in enumerate((first, second)):
        repository.git("branch", f"gh-readonly-queue/main/pr-{number}", entry)
    return main, first, second


def first_in_the_queue(repository: Repository) -> Case:
    main, first, _ = queued(repository)
    payload = github.merge_group(main, first)
    return Case("merge_group", payload, first, ((main, first),), QUEUE)


def second_in_the_queue(repository: Repository) -> Case:
    """Its base is the entry before it, which may still fall out: both count."""
    main, first, second = queued(repository)
    payload = github.merge_group(first, second)
    return Case("merge_group", payload, second, ((main, second),), QUEUE)


def second_when_the_first_has_landed(repository: Repository) -> Case:
    _, first, second = queued(repository)
    repository.git("branch", "--force", "main", first)
    payload = github.merge_group(first, second)
    return Case("merge_group", payload, second, ((first, second),), QUEUE)


def tip_at_the_head(repository: Repository) -> Case:
    """The entry itself has landed: run again, it is what it was."""
    _, first, second = queued(repository)
    repository.git("branch", "--force", "main", second)
    payload = github.merge_group(first, second)
    return Case("merge_group", payload, second, ((first, second),), QUEUE)


def tip_past_the_head(repository: Repository) -> Case:
    case = tip_at_the_head(repository)
    ahead(repository, "main", 10, "later")
    return case


def a_release(repository: Repository) -> Case:
    payload = github.release("v1", "main")
    return Case("release", payload, "main", (), "a release proves everything")


def a_dispatch(repository: Repository) -> Case:
    reason = "event workflow_dispatch has no commits to compare; give a base"
    return Case("workflow_dispatch", github.workflow_dispatch(), "main", (), reason)


def a_schedule(repository: Repository) -> Case:
    reason = "event schedule has no commits to compare; give a base"
    return Case("schedule", github.schedule(), "main", (), reason)


CASES: tuple[Callable[[Repository], Case], ...] = (
    merge_commit,
    base_moved_ahead,
    other_merge_checked_out,
    head_is_a_merge_of_main,
    criss_cross,
    run_again_after_merging,
    nothing_new,
    unrelated_histories,
    closed_by_merge,
    closed_by_squash,
    closed_by_rebase,
    closed_by_hand,
    closed_by_a_merge_by_hand,
    closed_by_hand_in_two_steps,
    closed_without_merging,
    target,
    push_to_default,
    revert_on_default,
    forced_to_unrelated,
    forced_to_older,
    push_to_branch,
    forced_branch,
    forced_branch_and_before_deleted,
    before_deleted_on_default,
    new_branch,
    new_branch_from_another,
    new_branch_at_main,
    first_push,
    deleted_branch,
    tag_on_an_old_commit,
    first_in_the_queue,
    second_in_the_queue,
    second_when_the_first_has_landed,
    tip_at_the_head,
    tip_past_the_head,
    a_release,
    a_dispatch,
    a_schedule,
)


@pytest.mark.parametrize("make", [pytest.param(case, id=case.__name__) for case in CASES])
def test_the_plan_of_an_event_is_the_truth_in_every_clone(
    upstream: Upstream, temporary: Path, make: Callable[[Repository], Case]
) -> None:
    case = make(upstream.repository)
    expected = truth(upstream.repository, case)
    reason = case.reason.replace("http://SERVER", upstream.server.url)
    commit = upstream.repository.id(case.checked_out)
    for kind in KINDS:
        made = upstream.checkout(commit, kind)
        comparisons = events.compared(case.event, case.payload)
        with upstream.history(made, commit) as history:
            found = compare(history, comparisons, case.event)
        assert (kind, lines(found.changes)) == (kind, expected)
        assert (kind, found.reason) == (kind, reason)
        assert found.determined is bool(case.diffs)
        ids = {tuple(map(upstream.repository.id, diff)) for diff in case.diffs}
        assert (kind, set(found.diffs)) == (kind, ids)
        assert list(temporary.iterdir()) == []
        if not case.diffs and "1" * 40 not in reason and "common" not in reason:
            assert kind != "full" or not upstream.server.requests
