"""The actions that a repository has of its own.

https://docs.github.com/en/actions/reference/workflows-and-actions/metadata-syntax
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from impact.config import tree
from impact.config.document import read_document
from impact.errors import WorkflowError
from impact.findings import Finding, Location
from impact.workflows.workflow import (
    Input,
    Step,
    Written,
    read_inputs,
    read_steps,
    read_texts,
    read_values,
)

FILES = ("action.yml", "action.yaml")
"""What the file of an action is called, the first that there is."""
_RUN = ("main", "pre", "post", "image", "entrypoint", "pre-entrypoint", "post-entrypoint")


@dataclass(frozen=True, slots=True)
class Action:
    """An action of the repository: ``file`` is its path, ``using`` what it is made of.

    ``outputs``: those that it declares, with their values where it is a composite one.
    ``main``: the files that run where it is none.  ``inputs``: what it takes.
    """

    file: str
    using: str
    steps: tuple[Step, ...] = ()
    outputs: Mapping[str, Written] = field(default_factory=dict)
    main: tuple[str, ...] = ()
    inputs: Mapping[str, Input] = field(default_factory=dict)
    root: tree.Node | None = field(default=None, repr=False, compare=False)

    @property
    def is_composite(self) -> bool:
        """Whether it is made of steps, so that it has no outputs but those it declares."""
        return self.using == "composite"


def parse_action(data: bytes, file: str) -> Action:
    """The action of a file's bytes.

    Raises `WorkflowError` where it is not YAML, or does not say what it runs.
    """
    root = read_document(data, file)
    runs = root.get("runs") if isinstance(root, tree.Mapping) else None
    if not isinstance(root, tree.Mapping) or not isinstance(runs, tree.Mapping):
        message = "the file does not say what it runs, so it is no action"
        location = Location(file, root.place.line, root.place.column)
        raise WorkflowError([Finding("workflow", message, location)])
    texts = read_texts(runs)
    using = texts.get("using")
    return Action(
        file,
        using.text if using is not None else "",
        read_steps(runs.get("steps")),
        read_values(root.get("outputs")),
        tuple(texts[name].text for name in _RUN if name in texts),
        {name: replace(one, kind="") for name, one in read_inputs(root.get("inputs")).items()},
        root,
    )
