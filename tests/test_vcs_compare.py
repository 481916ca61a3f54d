"""From what an event asks for to a change set: which commits, and when it is unknown."""

from __future__ import annotations

import os
import re

import pytest

from impact import events
from impact.errors import GitError, UsageError
from impact.events import (
    DEFAULT_BRANCH,
    FIRST_PARENT,
    HEAD,
    WORK_TREE,
    Comparison,
    Span,
    three_dot,
)
from impact.model import ChangeSet
from impact.vcs.compare import compare
from impact.vcs.git import Git
from impact.vcs.history import History
from impact.vcs.revisions import merge_bases
from impact.vcs.store import Store
from tests.repositories import Repository, lines

pytest_plugins = ["tests.repositories"]

MISSING = "1" * 40


def answer(repository: Repository, *spans: Span) -> ChangeSet:
    """What the spans give; fails if looking changed what git keeps."""
    before = repository.git_files()
    comparison = Comparison("the reason", spans)
    found = compare(History(Store(Git.open(repository.path))), [comparison], "an event")
    assert repository.git_files() == before
    assert found.event == "an event"
    return found


def why(repository: Repository, *spans: Span) -> str:
    """Why the change set is undetermined."""
    found = answer(repository, *spans)
    assert found == ChangeSet((), found.reason, determined=False, event="an event")
    return found.reason


# Commits to compare.


def test_two_dots_compare_two_commits(two_branches: Repository) -> None:
    found = answer(two_branches, Span("main", "topic"))
    assert lines(found.changes) == ["D main.txt", "A topic.txt"]
    assert found.determined
    assert found.reason == "the reason"
    assert (found.base, found.head) == (two_branches.id("main"), two_branches.id("topic"))


def test_three_dots_compare_the_merge_base(two_branches: Repository) -> None:
    found = answer(two_branches, three_dot("main", "topic"))
    assert lines(found.changes) == ["A topic.txt"]
    assert (found.base, found.head) == (two_branches.id("base"), two_branches.id("topic"))


def test_spans_add_up(two_branches: Repository) -> None:
    found = answer(two_branches, Span("main", "topic"), three_dot("main", "topic"))
    assert lines(found.changes) == ["D main.txt", "A topic.txt"]
    assert (found.base, found.head) == (two_branches.id("main"), two_branches.id("topic"))
    both = answer(two_branches, Span("base", "topic"), Span("base", "main"))
    assert lines(both.changes) == ["A main.txt", "A topic.txt"]


def test_changes_come_in_order(one_commit: Repository) -> None:
    one_commit.commit(**{"z.txt": "", "a__z.txt": "", "B.txt": "", "a.txt": "other"})
    found = answer(one_commit, Span("base", HEAD))
    assert lines(found.changes) == ["A B.txt", "M a.txt", "A a/z.txt", "A z.txt"]


def test_criss_cross_adds_up_over_every_merge_base(criss_cross: Repository) -> None:
    git = Git.open(criss_cross.path)
    bases = merge_bases(git, criss_cross.id("right"), criss_cross.id("left"))
    assert sorted(bases) == sorted([criss_cross.id("left-1"), criss_cross.id("right-1")])
    found = answer(criss_cross, three_dot("right", "left"))
    assert lines(found.changes) == ["D left.txt", "D right.txt"]
    assert found.base == bases[0]


def test_an_empty_commit_changes_nothing_and_that_is_known(empty_commit: Repository) -> None:
    found = answer(empty_commit, Span("base", HEAD))
    assert found.determined
    assert found.changes == ()
    assert found.base != found.head


def test_a_replace_ref_changes_no_merge_base(two_branches: Repository) -> None:
    main, topic, base = (two_branches.id(name) for name in ("main", "topic", "base"))
    two_branches.git("replace", "--graft", topic, main)
    assert two_branches.git("merge-base", main, topic) == main
    assert merge_bases(Git.open(two_branches.path), main, topic) == [base]


def test_a_graft_changes_no_merge_base(grafted: Repository) -> None:
    main, topic, base = (grafted.id(name) for name in ("main", "topic", "base"))
    assert grafted.git("merge-base", main, topic) == main
    assert merge_bases(Git.open(grafted.path), main, topic) == [base]


def test_from_a_sub_directory_of_a_linked_worktree(linked_worktree: Repository) -> None:
    linked_worktree.config("diff.relative", "true")
    linked_worktree.commit(**{"a.txt": "other\n"})
    git = Git.open(linked_worktree.path / "dir")
    found = compare(History(Store(git)), [Comparison("", (Span("base", HEAD),))])
    assert lines(found.changes) == ["M a.txt", "M dir/b.txt"]
    assert found.event is None


# Events.


def pull_request(head: str, base: str = MISSING) -> tuple[Comparison, ...]:
    payload = {"pull_request": {"head": {"sha": head}, "base": {"sha": base}}}
    return events.compared("pull_request", payload)


def test_a_pull_request_of_which_the_merge_is_checked_out(merge_commit: Repository) -> None:
    comparisons = pull_request(merge_commit.id("topic"))
    found = compare(History(Store(Git.open(merge_commit.path))), comparisons, "pull_request")
    assert lines(found.changes) == ["A topic.txt"]
    assert found.reason == "merge commit: first parent to head"
    assert (found.base, found.head) == (merge_commit.id("main"), merge_commit.id("HEAD"))
    assert found.event == "pull_request"


def test_a_pull_request_of_which_the_merge_is_two_deep(merge_commit: Repository) -> None:
    shallow = merge_commit.clone("shallow", "--depth=2", "--no-local")
    comparisons = pull_request(merge_commit.id("topic"))
    assert lines(compare(History(Store(Git.open(shallow.path))), comparisons).changes) == [
        "A topic.txt"
    ]


def test_a_pull_request_of_which_the_merge_is_one_deep(merge_commit: Repository) -> None:
    shallow = merge_commit.clone("shallow", "--depth=1")
    comparisons = pull_request(merge_commit.id("topic"))
    found = compare(History(Store(Git.open(shallow.path))), comparisons, "pull_request")
    assert not found.determined
    assert found.reason == (
        f"'{merge_commit.id('main')}' names no commit in this clone, which is shallow; "
        "fetch more of the history (actions/checkout: `fetch-depth: 0`)"
    )


@pytest.mark.parametrize("checked_out", ["topic", "main", "other merge"])
def test_a_pull_request_of_which_something_else_is_checked_out(
    merge_commit: Repository, checked_out: str
) -> None:
    if checked_out == "other merge":  # with the parents the other way round
        merge_commit.git("checkout", "--quiet", "--detach", "topic")
        merge_commit.git("merge", "--quiet", "--no-ff", "--message", "Merge", "main")
    else:
        merge_commit.git("checkout", "--quiet", checked_out)
    head, base = merge_commit.id("topic"), merge_commit.id("main")
    found = compare(History(Store(Git.open(merge_commit.path))), pull_request(head, base))
    assert lines(found.changes) == ["A topic.txt"]
    assert found.reason == "pull request: merge base of base and head to head (three-dot)"
    assert (found.base, found.head) == (merge_commit.id("base"), head)


def test_a_pull_request_where_nothing_was_committed(no_commits: Repository) -> None:
    found = compare(History(Store(Git.open(no_commits.path))), pull_request(MISSING))
    assert not found.determined
    assert found.reason == (
        "HEAD names no commit: nothing was committed here yet; "
        f"'{MISSING}' names no commit in this clone: not fetched, or misspelt"
    )


def test_no_comparison_fits(two_branches: Repository) -> None:
    only = Comparison("", (Span(FIRST_PARENT, HEAD),), merge_of=MISSING)
    assert compare(History(Store(Git.open(two_branches.path))), [only], "e") == ChangeSet(
        (), "no comparison of this event fits the checkout", determined=False, event="e"
    )


def test_a_comparison_without_spans_says_why(one_commit: Repository) -> None:
    assert why(one_commit) == "the reason"


# What the constants stand for.


def test_the_first_parent_of_a_root_commit(one_commit: Repository) -> None:
    assert why(one_commit, Span(FIRST_PARENT, HEAD)) == (
        "HEAD has no parent to compare with: it is a root commit"
    )


def test_the_first_parent_is_read_from_the_commit(replaced: Repository) -> None:
    git = Git.open(replaced.path)
    assert History(Store(git)).find(FIRST_PARENT) == replaced.id("base")


def test_the_id_of_a_tree_is_no_commit(clone: Repository) -> None:
    tree = clone.git("rev-parse", "HEAD^{tree}")
    for span in (Span(tree, "HEAD"), Span("HEAD", tree), three_dot(tree, "HEAD")):
        assert re.match("git .* failed: |.* names no commit ", why(clone, span))


def test_the_default_branch_of_the_comparison(clone: Repository) -> None:
    found = answer(clone, three_dot("refs/heads/topic", "origin/main"))
    assert lines(found.changes) == ["A main.txt"]
    reason = why(clone, three_dot("refs/heads/gone", HEAD))
    assert reason.startswith("the branch 'gone' is not in this clone")


def default(repository: Repository, name: str | None = None) -> str:
    """The commit that the default branch stands for, or why there is none."""
    try:
        branch = DEFAULT_BRANCH if name is None else f"refs/heads/{name}"
        return History(Store(Git.open(repository.path))).find(branch)
    except GitError as error:
        return str(error)


def test_the_default_branch_is_the_one_the_event_names(clone: Repository) -> None:
    assert default(clone, "topic") == clone.id("origin/topic") != clone.id("origin/HEAD")
    clone.git("update-ref", "refs/remotes/origin/a/b", "base")
    assert default(clone, "a/b") == clone.id("base")


@pytest.mark.parametrize(
    "name", ["gone", "main~1", "../heads/main", "-h", "", "x\ny", "\ud800"]
)
def test_the_event_names_a_default_branch_that_is_not_here(
    clone: Repository, name: str
) -> None:
    assert default(clone, name) == (
        f"the branch {name!r} is not in this clone as a branch of origin; "
        "fetch it (actions/checkout: `fetch-depth: 0`), or give a base"
    )


def test_the_default_branch_is_what_origin_says(clone: Repository) -> None:
    assert default(clone) == clone.id("origin/main")
    clone.git("remote", "set-head", "origin", "topic")
    assert default(clone) == clone.id("origin/topic")
    clone.git("remote", "add", "another", "file:///nowhere")
    clone.git("update-ref", "refs/remotes/another/HEAD", "base")
    assert default(clone) == clone.id("origin/topic")


def test_the_default_branch_of_the_only_remote(clone: Repository) -> None:
    clone.git("remote", "rename", "origin", "upstream")
    assert default(clone) == clone.id("upstream/main")
    clone.git("remote", "set-head", "upstream", "topic")
    assert default(clone) == clone.id("upstream/topic")


@pytest.mark.parametrize("name", ["main", "master"])
def test_a_usual_name_does_not_make_a_default_branch(clone: Repository, name: str) -> None:
    clone.git("remote", "set-head", "origin", "--delete")
    clone.git("update-ref", "-d", "refs/remotes/origin/main")
    clone.git("update-ref", f"refs/remotes/origin/{name}", "base")
    text = (
        "the default branch of origin is not known here; "
        "run `git remote set-head origin --auto`, or give --base"
    )
    assert default(clone) == text
    assert why(clone, three_dot(DEFAULT_BRANCH, WORK_TREE)) == text


def test_several_remotes_and_no_origin(clone: Repository) -> None:
    clone.git("remote", "rename", "origin", "upstream")
    clone.git("remote", "add", "another", "file:///nowhere")
    assert default(clone) == "no remote called origin has a default branch here; give --base"


def test_no_remote(one_commit: Repository) -> None:
    text = "no remote called origin has a default branch here; give --base"
    assert why(one_commit, *events.LAPTOP.spans) == text


# The laptop.


def test_on_a_laptop(clone: Repository) -> None:
    clone.write("untracked.txt")
    clone.write("a.txt", "other\n")
    found = answer(clone, *events.LAPTOP.spans)
    assert lines(found.changes) == ["M a.txt", "A topic.txt", "A untracked.txt"]
    assert (found.base, found.head) == (clone.id("base"), None)


def test_on_a_laptop_with_nothing_committed_since(clone: Repository) -> None:
    clone.git("checkout", "--quiet", "--detach", "origin/main")
    assert answer(clone, *events.LAPTOP.spans).determined
    clone.write("a.txt", "other\n")
    assert lines(answer(clone, *events.LAPTOP.spans).changes) == ["M a.txt"]


def test_on_a_laptop_criss_cross_counts_too(criss_cross: Repository) -> None:
    found = answer(criss_cross, three_dot("right", WORK_TREE))
    assert lines(found.changes) == ["D left.txt", "D right.txt"]


def test_on_a_laptop_two_dots_leave_the_base_as_it_is(two_branches: Repository) -> None:
    found = answer(two_branches, Span("main", WORK_TREE))
    assert lines(found.changes) == ["D main.txt", "A topic.txt"]
    assert answer(two_branches, Span(HEAD, WORK_TREE)).changes == ()


def test_nothing_was_committed_yet(no_commits: Repository) -> None:
    no_commits.write("a.txt")
    assert why(no_commits, three_dot(DEFAULT_BRANCH, WORK_TREE)) == (
        "HEAD names no commit: nothing was committed here yet"
    )


# Unknown, and never empty.


def test_the_same_commit_twice(one_commit: Repository) -> None:
    oid = one_commit.id("HEAD")
    reason = f"base and head are the same commit, {oid}: nothing to compare"
    assert why(one_commit, Span("base", HEAD)) == reason
    assert why(one_commit, three_dot("base", HEAD)) == reason


def test_a_head_that_the_base_has_already(modified: Repository) -> None:
    base, head = modified.id("base"), modified.id("HEAD")
    assert why(modified, three_dot("HEAD", "base")) == (
        f"{base} has nothing that {head} has not: nothing to compare"
    )
    assert lines(answer(modified, Span("HEAD", "base")).changes) == ["M dir/b.txt"]


def test_unrelated_histories(unrelated: Repository) -> None:
    main, other = unrelated.id("main"), unrelated.id("other")
    assert why(unrelated, three_dot("main", "other")) == (
        f"{main} and {other} have no common ancestor"
    )


def test_one_unknown_span_makes_the_whole_unknown(two_branches: Repository) -> None:
    assert why(two_branches, Span("main", "topic"), Span(MISSING, "topic")) == (
        f"'{MISSING}' names no commit in this clone: not fetched, or misspelt"
    )


def test_a_commit_that_a_shallow_clone_lacks(shallow_clone: Repository) -> None:
    for span in (Span(MISSING, HEAD), three_dot(HEAD, MISSING)):
        assert why(shallow_clone, span) == (
            f"'{MISSING}' names no commit in this clone, which is shallow; "
            "fetch more of the history (actions/checkout: `fetch-depth: 0`)"
        )


def test_a_merge_base_that_a_shallow_clone_lacks(shallow_clone: Repository) -> None:
    base, head = shallow_clone.id("origin/main"), shallow_clone.id("HEAD")
    assert why(shallow_clone, three_dot("origin/main", HEAD)) == (
        f"this clone is shallow, and too short to tell the merge base of {base} and "
        f"{head}; fetch all of the history (`git fetch --unshallow`)"
    )


def test_a_merge_base_that_a_shallow_clone_has_wrong(
    shallow_and_misleading: Repository,
) -> None:
    clone = shallow_and_misleading
    wrong = clone.git("merge-base", "origin/main", "HEAD")
    assert "a.txt" not in clone.git("diff", "--name-only", wrong, "HEAD").split()
    for span in (three_dot("origin/main", HEAD), three_dot(HEAD, "origin/main")):
        reason = why(clone, span)
        assert reason.startswith("this clone is shallow, and too short to tell the merge")
    clone.git("fetch", "--quiet", "--unshallow")
    found = answer(clone, three_dot("origin/main", HEAD))
    assert "M a.txt" in lines(found.changes)


def test_a_shallow_clone_that_is_deep_enough(shallow_at_the_merge_base: Repository) -> None:
    clone = shallow_at_the_merge_base
    assert clone.git("rev-parse", "--is-shallow-repository") == "true"
    found = answer(clone, three_dot("origin/main", HEAD))
    assert lines(found.changes) == [f"A topic-{number}.txt" for number in range(8)]


def test_a_missing_commit_in_between(two_branches: Repository) -> None:
    two_branches.commit()
    gone = two_branches.id("topic~1")
    (two_branches.path / ".git" / "objects" / gone[:2] / gone[2:]).unlink()
    reason = why(two_branches, three_dot("main", "topic"))
    assert reason.startswith("git merge-base failed: ")


def test_a_missing_tree(modified: Repository) -> None:
    tree = modified.git("rev-parse", "HEAD^{tree}")
    (modified.path / ".git" / "objects" / tree[:2] / tree[2:]).unlink()
    reason = why(modified, Span("base", HEAD))
    assert reason.startswith("git diff-tree failed: unable to read tree")


def test_an_index_that_cannot_be_read(modified: Repository) -> None:
    index = modified.path / ".git" / "index"
    index.unlink()
    index.mkdir()
    assert why(modified, Span("base", WORK_TREE)) == f"{index}: Is a directory"


# What the user typed.


def typed(repository: Repository, base: str | None, head: str | None = None) -> ChangeSet:
    given = [revision for revision in (base, head) if revision is not None]
    return compare(
        History(Store(Git.open(repository.path))), [events.given(base, head)], None, given
    )


def test_a_base_that_the_user_gives(two_branches: Repository) -> None:
    found = typed(two_branches, "main")
    assert lines(found.changes) == ["D main.txt", "A topic.txt"]
    assert lines(typed(two_branches, "base", "main").changes) == ["A main.txt"]


def test_a_head_that_the_user_gives(clone: Repository) -> None:
    assert lines(typed(clone, None, "origin/topic").changes) == ["A topic.txt"]


@pytest.mark.parametrize(
    "text",
    [
        "nowhere",
        "--output=/tmp/x",
        "-n",
        "a\nb",
        "a\0b",
        "",
        os.fsdecode(b"\xe9"),
        "base^",
        MISSING,
    ],
)
def test_a_revision_of_the_user_that_is_unknown(one_commit: Repository, text: str) -> None:
    for base, head in ((text, None), ("base", text), (None, text)):
        with pytest.raises(UsageError) as caught:
            typed(one_commit, base, head)
        assert str(caught.value) == (
            f"{text!r} names no commit in this clone: not fetched, or misspelt"
        )


def test_a_revision_of_the_user_that_only_origin_has(clone: Repository) -> None:
    clone.git("branch", "--quiet", "-D", "main")
    with pytest.raises(UsageError) as caught:
        typed(clone, "main")
    assert str(caught.value) == "'main' names no commit here; did you mean 'origin/main'?"


def test_a_revision_of_the_user_that_a_shallow_clone_lacks(shallow_clone: Repository) -> None:
    with pytest.raises(UsageError) as caught:
        typed(shallow_clone, "HEAD~5")
    assert str(caught.value) == (
        "'HEAD~5' names no commit in this clone, which is shallow; "
        "fetch more of the history (actions/checkout: `fetch-depth: 0`)"
    )


def test_only_what_the_user_typed_is_a_usage_error(one_commit: Repository) -> None:
    found = compare(
        History(Store(Git.open(one_commit.path))), [events.given("base", None)], None, ["other"]
    )
    assert not found.determined
    found = typed(one_commit, None, "base")
    assert found.reason == "no remote called origin has a default branch here; give --base"
