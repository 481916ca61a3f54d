"""The payloads of events in the whole shape that GitHub gives them.

Every key that is required by GitHub's published webhook schemas is there, so that nothing
is read which a real payload has elsewhere; the values that impact does not read are made
up.  Sources, for each event:

- push, pull_request, merge_group, release, workflow_dispatch:
  https://docs.github.com/en/webhooks/webhook-events-and-payloads and the schemas of
  https://github.com/octokit/webhooks (``payload-schemas/api.github.com``)
- pull_request_target: the payload of pull_request
- schedule: an object with ``schedule``, the cron line,
  https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows#schedule
"""

from __future__ import annotations

from typing import Any

Payload = dict[str, Any]
ZERO = "0" * 40

_USER = (
    "login id node_id avatar_url gravatar_id url html_url followers_url following_url "
    "gists_url starred_url subscriptions_url organizations_url repos_url events_url "
    "received_events_url type site_admin"
)
_REPOSITORY = (
    "id node_id name full_name private html_url description fork url forks_url keys_url "
    "collaborators_url teams_url hooks_url issue_events_url events_url assignees_url "
    "branches_url tags_url blobs_url git_tags_url git_refs_url trees_url statuses_url "
    "languages_url stargazers_url contributors_url subscribers_url subscription_url "
    "commits_url git_commits_url comments_url issue_comment_url contents_url compare_url "
    "merges_url archive_url downloads_url issues_url pulls_url milestones_url "
    "notifications_url labels_url releases_url deployments_url created_at updated_at "
    "pushed_at git_url ssh_url clone_url svn_url homepage size stargazers_count "
    "watchers_count language has_issues has_projects has_downloads has_wiki has_pages "
    "forks_count mirror_url archived open_issues_count forks open_issues watchers "
    "is_template web_commit_signoff_required visibility"
)
_PULL_REQUEST = (
    "url id node_id html_url diff_url patch_url issue_url number locked title body "
    "created_at updated_at commits_url review_comments_url review_comment_url "
    "comments_url statuses_url author_association draft mergeable_state comments "
    "review_comments maintainer_can_modify additions deletions"
)
_LINKS = "self html issue comments review_comments review_comment commits statuses"
_RELEASE = (
    "url assets_url upload_url html_url id node_id name draft prerelease created_at "
    "published_at tarball_url zipball_url body"
)
_TRUTHS = ("private", "fork", "locked", "draft", "archived", "prerelease", "site_admin")
_WORDS = {"type": "User", "author_association": "OWNER", "visibility": "public"}
_WORDS |= {"mergeable_state": "clean", "full_name": "an-owner/repository"}
_NOTHING = ("homepage", "language", "mirror_url")
_COUNTS = ("_count", "issues", "forks", "watchers", "comments", "additions", "deletions")


def _value(key: str) -> Any:
    if key in _NOTHING:
        return None
    if key in _WORDS:
        return _WORDS[key]
    if key.endswith("url"):
        return f"https://api.github.com/{key}"
    if key.endswith("_at"):
        return "2026-01-02T03:04:05Z"
    if key in ("id", "number", "size") or (key.endswith(_COUNTS) and "has_" not in key):
        return 7
    if key in _TRUTHS or key.startswith(("has_", "is_", "web_", "maintainer_")):
        return False
    return f"a {key}"


def _filled(keys: str, **given: Any) -> Payload:
    return {key: _value(key) for key in keys.split()} | given


def user() -> Payload:
    """Somebody."""
    return _filled(_USER, login="a-person")


def repository(default_branch: str = "main") -> Payload:
    """The repository of an event."""
    return _filled(
        _REPOSITORY,
        owner=user(),
        license=None,
        default_branch=default_branch,
        topics=[],
        custom_properties={},
    )


def _common(default_branch: str = "main") -> Payload:
    return {"repository": repository(default_branch), "sender": user()}


def _commit(commit: str) -> Payload:
    person = {"name": "A Person", "email": "person@example.com", "username": "a-person"}
    return {
        "id": commit,
        "tree_id": commit,
        "distinct": True,
        "message": "A change",
        "timestamp": "2026-01-02T03:04:05Z",
        "url": f"https://github.com/an-owner/repository/commit/{commit}",
        "author": person,
        "committer": person,
        "added": [],
        "removed": [],
        "modified": [],
    }


def push(before: str, after: str, ref: str = "refs/heads/main", **given: Any) -> Payload:
    """A push; ``before`` or ``after`` is `ZERO` where the ref was made or deleted."""
    return {
        "ref": ref,
        "before": before,
        "after": after,
        "created": before == ZERO,
        "deleted": after == ZERO,
        "forced": False,
        "base_ref": None,
        "compare": f"https://github.com/an-owner/repository/compare/{before}...{after}",
        "commits": [] if after == ZERO else [_commit(after)],
        "head_commit": None if after == ZERO else _commit(after),
        "pusher": {"name": "a-person", "email": "person@example.com"},
        **_common(),
        **given,
    }


def pull_request(
    base: str,
    head: str,
    action: str = "synchronize",
    labels: tuple[str, ...] = (),
    **given: Any,
) -> Payload:
    """A pull request of ``topic`` to ``main``; ``given`` are fields of its own."""

    def end(ref: str, sha: str) -> Payload:
        label = f"an-owner:{ref}"
        return {"label": label, "ref": ref, "sha": sha, "user": user(), "repo": repository()}

    closed = action == "closed"
    found = _filled(
        _PULL_REQUEST,
        user=user(),
        state="closed" if closed else "open",
        base=end("main", base),
        head=end("topic", head),
        closed_at="2026-01-02T03:04:05Z" if closed else None,
        merged_at=None,
        merge_commit_sha=None,
        assignee=None,
        assignees=[],
        requested_reviewers=[],
        requested_teams=[],
        labels=[
            {"id": 7, "node_id": "x", "url": "https://api.github.com/x", "name": name}
            | {"description": "", "color": "ededed", "default": False}
            for name in labels
        ],
        milestone=None,
        _links={key: {"href": f"https://api.github.com/{key}"} for key in _LINKS.split()},
        auto_merge=None,
        active_lock_reason=None,
        merged=False,
        mergeable=None,
        rebaseable=None,
        merged_by=None,
        commits=1,
        changed_files=1,
    )
    payload = {"action": action, "number": 7, "pull_request": found | given, **_common()}
    if action == "synchronize":
        payload |= {"before": ZERO, "after": head}
    return payload


def merged(base: str, head: str, commit: str, **given: Any) -> Payload:
    """A pull request that was merged as ``commit``."""
    return pull_request(
        base, head, "closed", merged=True, merge_commit_sha=commit, merged_by=user(), **given
    )


def merge_group(base: str, head: str) -> Payload:
    """An entry of the merge queue of ``main``."""
    person = {"name": "A Person", "email": "person@example.com"}
    return {
        "action": "checks_requested",
        "merge_group": {
            "head_sha": head,
            "head_ref": f"refs/heads/gh-readonly-queue/main/pr-7-{base}",
            "base_sha": base,
            "base_ref": "refs/heads/main",
            "head_commit": {
                "id": head,
                "tree_id": head,
                "message": "A change",
                "timestamp": "2026-01-02T03:04:05Z",
                "author": person,
                "committer": person,
            },
        },
        **_common(),
    }


def release(tag: str, commit: str) -> Payload:
    """A published release."""
    found = _filled(_RELEASE, tag_name=tag, target_commitish=commit, author=user(), assets=[])
    return {"action": "published", "release": found, **_common()}


def workflow_dispatch(ref: str = "refs/heads/main") -> Payload:
    """Somebody pressed the button."""
    workflow = ".github/workflows/ci.yml"
    return {"inputs": None, "ref": ref, "workflow": workflow, **_common()}


def schedule() -> Payload:
    """The clock."""
    return {"schedule": "0 3 * * *"}
