"""The shape of a filters file, as pydantic models: what `impact schema` prints.

Pydantic's own messages stop here: `shape_errors` retells them, each with a path into
the data and what is allowed.  Nothing else of the package sees pydantic, and nothing
imports this module for a file of the right shape (`impact.config.shape` knows one).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, ValidationError

from impact.config.names import NAME

StatusName = Literal["added", "modified", "deleted", "type-changed"]


class Shape(BaseModel):
    """A mapping with these keys and no others."""

    model_config = ConfigDict(extra="forbid", strict=True, populate_by_name=False)


class RuleShape(Shape):
    """A rule with change statuses."""

    path: str = Field(description="a gitignore pattern; ! before it excludes")
    status: list[StatusName] | None = Field(
        None, min_length=1, description="the change statuses the rule is limited to"
    )


class UseShape(Shape):
    """A named list, taken in."""

    use: str = Field(description="the name of a list under `patterns`")


def _entry_tag(value: Any) -> str | None:
    if isinstance(value, dict):
        keys = ("path", "status", "use")
        if not any(get_close_matches(str(key), keys, 1) for key in value):
            return None  # `- docs:` or `- a: b`, and no rule with a key too many
        return "<use>" if "use" in value and "path" not in value else "<rule>"
    return "<pattern>" if isinstance(value, str) else None


def _list_tag(value: Any) -> str | None:
    return (
        "<paths>"
        if isinstance(value, list)
        else "<surface>"
        if isinstance(value, dict)
        else None
    )


def _names_tag(value: Any) -> str | None:
    return "<all>" if isinstance(value, str) else "<names>" if isinstance(value, list) else None


Entry = Annotated[
    Annotated[str, Tag("<pattern>")]
    | Annotated[RuleShape, Tag("<rule>")]
    | Annotated[UseShape, Tag("<use>")],
    Discriminator(_entry_tag),
]
Rules = Annotated[list[Entry], Field(min_length=1)]
Names = Annotated[list[str], Field(min_length=1)]
NamesOrAll = Annotated[
    Annotated[Literal["all"], Tag("<all>")] | Annotated[Names, Tag("<names>")],
    Discriminator(_names_tag),
]


class SurfaceShape(Shape):
    """A part of CI.  It has `paths`, `depends-on` or both."""

    description: str = Field("", description="what the surface stands for")
    paths: Rules | None = Field(None, description="the rules; the last that matches decides")
    depends_on: Names | None = Field(
        None, alias="depends-on", description="surfaces that wake this one when they wake"
    )
    jobs: Names | None = Field(
        None, description="the jobs it stands for, JOB or FILE:JOB; default: its own name"
    )
    advisory: bool = Field(False, description="the gate reports its failure without failing")


SurfaceOrRules = Annotated[
    Annotated[Rules, Tag("<paths>")] | Annotated[SurfaceShape, Tag("<surface>")],
    Discriminator(_list_tag),
]


class ExpectShape(Shape):
    """A regression case: what a change to the path wakes."""

    path: str = Field(description="a path from the repository's root")
    status: StatusName | None = Field(None, description="the change's status")
    wakes: NamesOrAll | None = Field(None, description="surfaces that must wake")
    sleeps: NamesOrAll | None = Field(None, description="surfaces that must stay asleep")
    only: Names | None = Field(None, description="exactly the surfaces that wake")


class FiltersShape(Shape):
    """Which paths wake which parts of CI."""

    version: Literal[1] = Field(description="the version of this format")
    patterns: dict[str, Rules] | None = Field(
        None, min_length=1, description="named lists of rules, taken in by `use`"
    )
    surfaces: dict[str, SurfaceOrRules] = Field(
        min_length=1,
        description="the parts of CI; a list is short for its `paths`",
        json_schema_extra={"propertyNames": {"pattern": f"^{NAME}$"}},
    )
    always: Rules | None = Field(None, description="what wakes every surface")
    inert: Rules | None = Field(None, description="what belongs to no surface on purpose")
    unmatched: Literal["wake-all", "ignore"] = Field(
        "wake-all", description="what a path does that nothing claims"
    )
    labels: dict[str, NamesOrAll] | None = Field(
        None, min_length=1, description="pull-request labels that force a wake"
    )
    expect: list[ExpectShape] | None = Field(
        None, min_length=1, description="regression cases, run by `impact check`"
    )


@dataclass(frozen=True, slots=True)
class ShapeError:
    """What is wrong at ``path`` (keys and list positions from the root of the file)."""

    path: tuple[str | int, ...]
    kind: str
    message: str
    fix: str | None = None


def json_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of a filters file."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **_without_null(FiltersShape.model_json_schema(by_alias=True)),
        "title": "filters.yml of impact",
    }


def _without_null(schema: Any) -> Any:
    """The schema without null: a key that is optional is left out, not empty."""
    if isinstance(schema, list):
        return [_without_null(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    parts = [part for part in schema.get("anyOf", []) if part != {"type": "null"}]
    if len(parts) == 1:
        schema = {
            **{k: v for k, v in schema.items() if k not in ("anyOf", "default")},
            **parts[0],
        }
    return {key: _without_null(value) for key, value in schema.items()}


def shape_errors(data: Any) -> Iterator[ShapeError]:
    """Everything by which the data departs from `FiltersShape`."""
    try:
        FiltersShape.model_validate(data)
    except ValidationError as error:
        for row in error.errors(include_url=False, include_context=True, include_input=True):
            yield _retold(row["type"], tuple(row["loc"]), row["input"], row.get("ctx", {}))


_SHAPES: Mapping[str, type[Shape]] = {
    "<rule>": RuleShape,
    "<use>": UseShape,
    "<surface>": SurfaceShape,
}
_WANTED = {
    "string_type": "text",
    "list_type": "a list",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "bool_type": "true or false",
}


_MISSING = {
    "version": "write `version: 1`",
    "surfaces": "name the parts of CI under `surfaces:`, as in docs: [/docs/]",
}
_EXAMPLES = {
    "surfaces": "name the parts of CI beneath, as in docs: [/docs/]",
    "patterns": "name the lists beneath, as in shared: [/Makefile]",
    "labels": "name the labels beneath, as in full-ci: all",
    "expect": "write {path: docs/a.md, wakes: [docs]}",
}


def _retold(
    kind: str, loc: tuple[str | int, ...], value: Any, context: Mapping[str, Any]
) -> ShapeError:
    path = tuple(part for part in loc if not str(part).startswith("<"))
    if kind == "extra_forbidden":
        allowed = _keys_allowed(loc)
        close = get_close_matches(str(loc[-1]), allowed, 1)
        fix = f"did you mean {close[0]}?" if close else None
        keys = (
            f"keys here are {', '.join(allowed)}"
            if allowed[1:]
            else f"key here is {allowed[0]}"
        )
        message = f"unknown key {loc[-1] or repr('')}; the {keys}"
        return ShapeError(path, "unknown-key", message, fix)
    if kind == "missing":
        message = f"the key {loc[-1]} is missing"
        return ShapeError(path[:-1], "missing", message, _MISSING.get(str(path[-1]), "add it"))
    if kind == "too_short":
        message = f"an empty {_kind_of(value)[2:]} says nothing"
        return ShapeError(path, "empty", message, "remove it or fill it")
    if kind == "literal_error" and context["expected"] != "'all'":
        allowed = [
            word.strip("'")
            for word in str(context["expected"]).replace(" or ", ", ").split(", ")
        ]
        return ShapeError(
            path,
            "value",
            f"{_shown(value, allowed)} is not allowed here; it takes {', '.join(allowed)}",
            _value_fix(value, allowed),
        )
    wanted = _WANTED.get(kind, "something else")
    if kind == "union_tag_not_found" or kind == "literal_error":
        wanted = _union_wanted(path)
    message = f"this takes {wanted}, not {_kind_of(value)}"
    return ShapeError(path, "type", message, _type_fix(path, wanted, value))


def _keys_allowed(loc: tuple[str | int, ...]) -> list[str]:
    shape = _SHAPES.get(str(loc[-2])) if len(loc) > 1 else None
    if shape is None:
        shape = ExpectShape if loc[0] == "expect" and len(loc) > 1 else FiltersShape
    return [field.alias or name for name, field in shape.model_fields.items()]


def _union_wanted(path: tuple[str | int, ...]) -> str:
    if path[0] == "labels" or path[0] == "expect":
        return "all or a list of surfaces"
    if path[0] == "surfaces" and len(path) == 2:
        return "a list of patterns or a mapping"
    return "text (a pattern), a mapping with path, or a mapping with use"


def _value_fix(value: Any, allowed: list[str]) -> str | None:
    if value in ("renamed", "copied"):
        return "a rename is a delete and an add: [deleted, added]"
    if allowed == ["1"]:
        return "write `version: 1`"
    close = get_close_matches(str(value), allowed, 1)
    return f"did you mean {close[0]}?" if close else None


def _type_fix(path: tuple[str | int, ...], wanted: str, value: Any) -> str | None:
    pattern = wanted.startswith("text (a pattern)")
    if value == "":
        return "fill it in, or remove it"
    if path[-1:] == ("only",) and value == "all":
        return "write wakes: all"
    if pattern and isinstance(value, dict | list):
        return "quote it if it is a pattern"
    if "text" in wanted and isinstance(value, bool | int):
        return "quote it" + (": YAML reads it as a boolean" if isinstance(value, bool) else "")
    if wanted == "true or false" and value in ("true", "false"):
        return "remove the quotes"
    if "a list" in wanted and isinstance(value, str):
        return f"write [{value}]"
    if "a list" in wanted and "mapping" not in wanted and isinstance(value, dict):
        return "begin each entry with `- `"
    if not path:
        return "write `version: 1` and `surfaces:`; `impact schema` prints the format"
    return _EXAMPLES.get(str(path[0])) if "a mapping" in wanted and not pattern else None


def _shown(value: Any, allowed: list[str]) -> str:
    if isinstance(value, str) and value in allowed:
        return f"the text {value}"  # where the number is wanted
    plain = isinstance(value, str | int) and not isinstance(value, bool) and value != ""
    return str(value) if plain else _kind_of(value)


def _kind_of(value: Any) -> str:
    if value is None or value == "":
        return "nothing"
    if isinstance(value, bool):
        return f"the boolean {str(value).lower()}"
    if isinstance(value, int):
        return f"the number {value}"
    if isinstance(value, str):
        return "text"
    return "a list" if isinstance(value, list) else "a mapping"
