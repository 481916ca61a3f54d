"""The payloads of events that happen to a repository, as far as impact reads them.

https://docs.github.com/en/webhooks/webhook-events-and-payloads
"""

from __future__ import annotations

from tests.repositories import Repository

Payload = dict[str, object]
REPOSITORY = {"repository": {"default_branch": "main"}}


def push(repository: Repository, ref: str = "refs/heads/main") -> Payload:
    """A push of everything since the tag `base`."""
    before, after = repository.id("base"), repository.id("HEAD")
    return {"ref": ref, "before": before, "after": after, **REPOSITORY}


def tag_push(repository: Repository, tag: str) -> Payload:
    """A new tag."""
    after = repository.id(tag)
    return {"ref": f"refs/tags/{tag}", "before": "0" * 40, "after": after, **REPOSITORY}


def pull_request(repository: Repository, *labels: str) -> Payload:
    """A pull request of `topic` to `main`, with labels."""
    return {
        "action": "synchronize",
        "pull_request": {
            "base": {"ref": "main", "sha": repository.id("main")},
            "head": {"ref": "topic", "sha": repository.id("topic")},
            "labels": [{"name": name} for name in labels],
        },
        **REPOSITORY,
    }
