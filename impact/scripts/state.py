"""What holds where a command of a script runs."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from impact.scripts.nodes import Node
from impact.scripts.shell import UNKNOWN

_MOST = 200


@dataclass(slots=True)
class State:
    """The directory, None where only a run can tell; and what variables hold.

    In values ``UNKNOWN`` stands for what is not known; so does a variable that is not there.
    ``source`` is the script that runs, as it was called.  ``ended``: by what the commands that
    follow do not run, and ``status`` whether it ended well, if that is known.  ``locals``: the
    variables of the function that runs.  ``loops``: how many loops are around, and ``returns``:
    whether there is anything to return from.
    """

    directory: str | None
    variables: dict[str, str] = field(default_factory=dict)
    exported: frozenset[str] = frozenset()
    functions: dict[str, Node] = field(default_factory=dict)
    lists: dict[str, tuple[str, ...]] = field(default_factory=dict)
    arguments: tuple[str, ...] | None = None
    source: str = UNKNOWN
    script: str = UNKNOWN
    previous: str | None = None
    stack: tuple[str | None, ...] = ()
    locals: frozenset[str] = frozenset()
    loops: int = 0
    returns: bool = False
    ended: str = ""
    status: bool | None = None

    def copy(self) -> State:
        """Another one that holds the same."""
        return replace(
            self,
            variables=dict(self.variables),
            lists=dict(self.lists),
            functions=dict(self.functions),
        )

    def take(self, other: State) -> None:
        """Become what another one is."""
        for name in self.__slots__:
            setattr(self, name, getattr(other, name))

    def child(self) -> State:
        """What a program that is started here gets."""
        kept = {k: v for k, v in self.variables.items() if k in self.exported}
        return State(self.directory, kept, self.exported)

    def assign(self, name: str, value: str, export: bool = False) -> None:
        """Let a variable hold a value."""
        self.variables[name] = value
        self.lists.pop(name, None)
        if export:
            self.exported |= {name}

    def restore(self, name: str, before: State) -> None:
        """Let a variable hold what it held before."""
        self.assign(name, before.variables.get(name, UNKNOWN))
        if name in before.lists:
            self.lists[name] = before.lists[name]

    def assign_list(self, name: str, items: tuple[str, ...], appends: bool) -> None:
        """Let a variable hold several values."""
        before = self.lists.get(name) if appends else ()
        if appends and before is None and self.variables.get(name) == "":
            before = ()
        self.assign(name, UNKNOWN)
        if before is not None and not any(UNKNOWN in item for item in items):
            self.lists[name] = (*before, *items)[:_MOST]


def merged(states: list[State]) -> State:
    """What holds after one of several ways; what ended goes no further."""
    going = [state for state in states if not state.ended] or states[:1]
    first = going[0].copy()
    for other in going[1:]:
        if other.directory != first.directory:
            first.directory = None
        for name in {*first.variables, *other.variables}:
            if first.variables.get(name) != other.variables.get(name):
                first.variables[name] = UNKNOWN
        for name in {*first.lists, *other.lists}:
            if first.lists.get(name) != other.lists.get(name):
                first.assign(name, UNKNOWN)
        first.exported |= other.exported
        first.locals |= other.locals
        first.functions.update(other.functions)
        if other.arguments != first.arguments:
            first.arguments = None
        if other.stack != first.stack:
            first.stack = ()
    return first
