"""The steps that tell what a change is about, and what their outputs come to.

Besides the action of this project these are two that others use: of them the names of the
filters count, and what their patterns match does not.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass

from impact.config import tree
from impact.config.document import read_document
from impact.errors import WorkflowError
from impact.model import DEFAULT_FILES, OUTPUTS, Filters
from impact.workflows.values import ONE_OR_MORE, UNKNOWN, Value
from impact.workflows.wiring import action_of, is_action
from impact.workflows.workflow import Step

Read = Callable[[str], bytes | None]
"""The contents of a file by its path from the root; None where there is none."""

_LISTS = (
    "added copied deleted modified renamed type_changed unmerged unknown "
    "all_changed_and_modified all_changed other_changed all_modified other_modified "
    "other_deleted"
)
_KINDS = ("changed", "modified", "deleted")


@dataclass(frozen=True, slots=True)
class Detector:
    """A step that detects.

    ``surfaces``: the names that it tells of, in order.  ``outputs``: what it says where some
    of them are awake and the change is known or not.
    """

    surfaces: tuple[str, ...]
    outputs: Callable[[Collection[str], bool], Mapping[str, Value]]


def detector(step: Step, filters: Filters | None, read: Read) -> Detector | None:
    """What a step detects, if it does, and if it is known of what.

    Of the action it is known where it reads these filters.
    """
    if is_action(step):
        if not _reads(step, filters):
            return Detector((), lambda *_: dict.fromkeys(OUTPUTS, UNKNOWN))
        names = tuple(filters.surfaces) if filters is not None else ()
        return Detector(names, lambda awake, known: plan_outputs(names, awake, known))
    name = action_of(step).rpartition("/")[2]
    if name == "paths-filter":
        found = _keys(_given(step, "filters"), read)
        return None if found is None else Detector(found, _of_paths_filter(found))
    if name == "changed-files":
        return _changed_files(step, read)
    return None


def _reads(step: Step, filters: Filters | None) -> bool:
    if filters is None or _given(step, "repository-path") is not None:
        return False
    named = _given(step, "filters")
    if named is None:
        return filters.file in DEFAULT_FILES
    return named.strip().removeprefix("./") == filters.file


def plan_outputs(
    surfaces: Collection[str], awake: Collection[str], determined: bool
) -> Mapping[str, Value]:
    """The outputs of the action where these of all surfaces are awake."""
    woken = sorted(set(awake))
    known: dict[str, Value] = {
        "surfaces": json.dumps({name: name in awake for name in surfaces}),
        "woken": json.dumps(woken),
        "asleep": json.dumps(sorted(set(surfaces) - set(woken))),
        "any": flag(bool(woken)),
        "determined": flag(determined),
        "surfaces-base": "{}",
    }
    return {name: known.get(name, UNKNOWN) for name in OUTPUTS}


def _of_paths_filter(
    names: Collection[str],
) -> Callable[[Collection[str], bool], Mapping[str, Value]]:
    """https://github.com/dorny/paths-filter#outputs."""

    def outputs(awake: Collection[str], _: bool) -> Mapping[str, Value]:
        found: dict[str, Value] = {}
        for name in names:
            found[name] = flag(name in awake)
            found[f"{name}_count"] = ONE_OR_MORE if name in awake else "0"
            found[f"{name}_files"] = UNKNOWN
        woken = [name for name in names if name in awake]
        found["any_changed"] = flag(bool(woken))
        found["all_changed"] = flag(len(woken) == len(names))
        found.setdefault("changes", json.dumps(woken, separators=(",", ":")))
        return found

    return outputs


def _changed_files(step: Step, read: Read) -> Detector | None:
    """https://github.com/tj-actions/changed-files#outputs."""
    keys: list[str] = []
    for suffix in ("files_yaml", "files_yaml_from_source_file"):
        text = _given(step, suffix)
        if text is not None:
            is_file = suffix.endswith("file")
            found = _keys(text, read, is_file=is_file)
            if found is None:
                return None
            keys += found
    names = tuple(dict.fromkeys(keys)) or (step.id or "changed-files",)
    is_json = _given(step, "json") == "true" or _given(step, "matrix") == "true"
    separator = step.given["separator"].text if "separator" in step.given else " "

    def outputs(awake: Collection[str], _: bool) -> Mapping[str, Value]:
        some = bool(set(awake) & {*names})
        found = dict(_of_files(some, None if keys else names[0], is_json))
        for name in keys:
            found |= {f"{name}_{key}": v for key, v in _of_files(name in awake, name, is_json)}
        woken = [name for name in keys if name in awake]
        told = json.dumps(woken) if is_json else separator.join(woken)
        return found | {"changed_keys": told, "modified_keys": told}

    return Detector(names, outputs)


def _of_files(changed: bool, name: str | None, is_json: bool) -> Iterator[tuple[str, Value]]:
    """The outputs for one list of files; for all of them together where it has no name."""
    for word in _LISTS.split():
        some = changed and name is not None and word in ("all_changed", "all_modified")
        asleep = not changed and name is not None and not word.startswith("other")
        files, none = ('["some/file"]', "[]") if is_json else ("some/file", "")
        yield f"{word}_files", files if some else none if asleep else UNKNOWN
        yield f"{word}_files_count", ONE_OR_MORE if some else "0" if asleep else UNKNOWN
    yield "all_old_new_renamed_files", UNKNOWN
    yield "all_old_new_renamed_files_count", UNKNOWN
    for kind in _KINDS:
        told = UNKNOWN if name is None or kind == "deleted" else flag(changed)
        yield f"any_{kind}", told if changed or name is None else "false"
        yield f"only_{kind}", UNKNOWN if changed or name is None else "false"


def _keys(text: str | None, read: Read, is_file: bool | None = None) -> tuple[str, ...] | None:
    """The keys of a mapping in YAML, which is the text or in the file that it names.

    None where that cannot be told.
    """
    if text is None or "${{" in text:
        return None
    if is_file or (is_file is None and "\n" not in text and ":" not in text):
        data = read(text.strip().removeprefix("./"))
        if data is None:
            return None
    else:
        data = text.encode("utf-8", "surrogateescape")
    try:
        root = read_document(data, "filters")
    except WorkflowError:
        return None
    if not isinstance(root, tree.Mapping):
        return None
    return tuple(key.value for key, _ in root.entries)


def _given(step: Step, name: str) -> str | None:
    given = step.given.get(name)
    return given.text if given is not None and given.text.strip() else None


def flag(value: bool) -> str:
    """A boolean as an output has it."""
    return "true" if value else "false"
