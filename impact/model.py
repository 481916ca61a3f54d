"""The words of impact as frozen data: changes, rules, surfaces, causes, the plan.

Standard library only; everything else may import this module.  A path is text as
git gave it, root-relative, bytes that are not UTF-8 kept as lone surrogates
(``surrogateescape``).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from operator import lt
from typing import Literal

DEFAULT_FILES = ("filters.yml", ".github/filters.yml")
"""Where a repository keeps its filters, relative to its root; it has one of them."""

OUTPUTS = (
    "surfaces",
    "woken",
    "asleep",
    "any",
    "determined",
    "base",
    "head",
    "plan-file",
    "surfaces-base",
)
"""The outputs of the action."""
CHANGES_JOB = "changes"
"""The usual name of the job that detects what changed."""

ALL: Literal["all"] = "all"
"""In place of surface names: every surface."""


class Status(str, Enum):
    """What happened to a path.  A rename is a delete and an add."""

    ADDED = "added"
    MODIFIED = "modified"
    DELETED = "deleted"
    TYPE_CHANGED = "type-changed"


@dataclass(frozen=True, slots=True)
class Change:
    """One changed path.

    ``status`` is None where unknown.  ``directory`` is true for a submodule or a nested
    repository: git names it as one path, and anything beneath it may have changed.
    """

    path: str
    status: Status | None = None
    directory: bool = False


def change_order(change: Change) -> tuple[str, str, bool]:
    """The order in which changes are listed: by path, then status, directories last."""
    return change.path, change.status.value if change.status else "", change.directory


def in_order(changes: Sequence[Change]) -> Sequence[Change]:
    """The changes in their order, each once."""
    paths = [change.path for change in changes]
    if all(map(lt, paths, paths[1:])):  # as git prints them, but for rare names
        return changes
    return sorted(set(changes), key=change_order)


@dataclass(frozen=True, slots=True)
class ChangeSet:
    """What changed, between which commits, and how that is known.

    ``base`` and ``head`` are full commit ids; ``head`` is None for the work tree and both
    are None where no commits were compared.  Where ``determined`` is false the changes
    are not known, ``reason`` says why, and every surface wakes.  ``diffs``: the pairs
    of commits, two-dot, of which the changes were added up; none for the work tree.
    ``bases``: every base that was compared with.  ``notes``: what a person should know
    of how the changes were found.
    """

    changes: tuple[Change, ...]
    reason: str
    determined: bool = True
    base: str | None = None
    head: str | None = None
    event: str | None = None
    diffs: tuple[tuple[str, str], ...] = ()
    bases: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a file: line and column, both counted from 1, in characters."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Rule:
    """A pattern with its sign and, optionally, the change statuses it is limited to.

    ``pattern`` is the text as written, without the sign.  ``used_at`` is the place of the
    ``use`` that brought the rule into its list.
    """

    pattern: str
    include: bool
    file: str
    place: Place
    statuses: frozenset[Status] | None = None
    used_at: Place | None = None

    @property
    def sign(self) -> str:
        """``+`` for a rule that includes, ``-`` for one that excludes."""
        return "+" if self.include else "-"

    def applies(self, status: Status) -> bool:
        """Whether the rule takes part for a change of this status.

        A rule for what is modified is one for what becomes a link or a submodule, too.
        """
        if self.statuses is None or status in self.statuses:
            return True
        return status is Status.TYPE_CHANGED and Status.MODIFIED in self.statuses


@dataclass(frozen=True, slots=True)
class Surface:
    """A part of CI: an ordered list of rules with a name.

    ``job_places``: where each of its jobs is named; none of them is where its own name is
    that of its job.
    """

    name: str
    rules: tuple[Rule, ...]
    description: str = ""
    depends_on: tuple[str, ...] = ()
    jobs: tuple[str, ...] = ()
    advisory: bool = False
    place: Place = Place(1, 1)
    job_places: tuple[Place, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class Expectation:
    """A regression case of the filters file: what a change to ``path`` wakes.

    ``None`` means that the case does not say.  ``all_wake``, ``all_sleep``: it says so in
    the word, not by a list.
    """

    path: str
    place: Place
    status: Status | None = None
    wakes: frozenset[str] | None = None
    sleeps: frozenset[str] | None = None
    only: frozenset[str] | None = None
    all_wake: bool = field(default=False, compare=False)
    all_sleep: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True)
class NamedList:
    """A list under ``patterns``.  ``used``: some list that decides takes it in."""

    name: str
    place: Place
    used: bool


@dataclass(frozen=True, slots=True)
class Filters:
    """A filters file, resolved: every ``use`` expanded, every name known to exist.

    ``file`` is its path from the repository's root, or as given where it lies outside;
    ``commit`` the one it was read at, None for the disk.  ``place``: where its surfaces begin.
    """

    file: str
    surfaces: Mapping[str, Surface]
    always: tuple[Rule, ...] = ()
    inert: tuple[Rule, ...] = ()
    wake_unmatched: bool = True
    labels: Mapping[str, frozenset[str]] = field(default_factory=dict)
    expectations: tuple[Expectation, ...] = ()
    commit: str | None = None
    lists: tuple[NamedList, ...] = ()
    place: Place = Place(1, 1)


@dataclass(frozen=True, slots=True)
class Earlier:
    """The filters as they were at the bases of the comparison.

    ``problem`` says why they are not at hand, and then every surface counts as changed.
    """

    filters: tuple[Filters, ...] = ()
    problem: str | None = None


UNTRUSTED = Earlier(problem="those of the pull request itself are not trusted")
"""They may not be read, whatever changed in them."""
NO_BASE = Earlier(problem="there is no base to compare it with")
"""Nothing earlier is at hand."""


@dataclass(frozen=True, slots=True)
class Committed:
    """The filters of a commit at which they should be those in use.

    ``where`` is one of `PLACES`; ``problem`` says why the filters cannot be told.
    """

    where: str
    filters: Filters | None = None
    problem: str | None = None


BASE, HEAD, CHECKED_OUT, RUN = PLACES = (
    "at the base",
    "at the head",
    "of the checked-out commit",
    "of the commit that the run is for",
)
"""Which filters those in use are held against."""


class Difference(str, Enum):
    """In what a surface is not what other filters make of it."""

    ALWAYS = "always differs from that"
    UNMATCHED = "unmatched differs from that"
    INERT = "inert differs from that"
    NEW = "no surface of its name is in the filters"
    RULES = "its rules differ from those"
    DEPENDS_ON = "its depends-on differs from that"

    def told(self, where: str = BASE) -> str:
        """In words; ``where`` is one of `PLACES`."""
        return f"{self.value} {where}"


@dataclass(frozen=True, slots=True)
class Force:
    """A wake by demand: the surfaces, and who asked (``--force``, a label)."""

    surfaces: frozenset[str]
    source: str


class Kind(str, Enum):
    """Why a surface is awake, in the order in which causes are listed."""

    UNDETERMINED = "undetermined"
    FILTERS_CHANGED = "filters-changed"
    ALWAYS = "always"
    CHANGED = "changed"
    FORCED = "forced"
    UNMATCHED = "unmatched"
    DEPENDENCY = "dependency"


@dataclass(frozen=True, slots=True)
class Cause:
    """One reason for a wake, with its evidence; what does not apply to the kind is None.

    ``surface`` is the woken surface of a dependency; ``detail`` the reason of an
    undetermined change set, the source of a force or, where the filters changed, the words
    of a `Difference` or why there was nothing to compare; ``excluding`` the rules that
    kept an unmatched path out of the surfaces they belong to.  ``example`` is a path
    beneath a changed directory for which the rule decides.
    """

    kind: Kind
    path: str | None = None
    status: Status | None = None
    rule: Rule | None = None
    surface: str | None = None
    detail: str | None = None
    excluding: tuple[Rule, ...] = ()
    example: str | None = None


@dataclass(frozen=True, slots=True)
class Excluded:
    """The first changed path that an excluding rule kept out, and how many there are."""

    path: str
    status: Status | None
    rule: Rule
    paths: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """Woken or asleep, with every cause.

    ``groups`` holds the causes of each kind, sorted by path; of kinds that are the same for
    every surface all have the same object, so that a plan stays small whatever its size.
    ``matched`` counts the paths that the surface's rules woke on.
    """

    surface: Surface
    groups: Mapping[Kind, Collection[Cause]]
    matched: int = 0
    excluded: Excluded | None = None

    @property
    def woken(self) -> bool:
        """Whether anything wakes the surface."""
        return bool(self.groups)

    @property
    def causes(self) -> tuple[Cause, ...]:
        """Every cause, by kind and then by path."""
        return tuple(cause for kind in Kind for cause in self.groups.get(kind, ()))


@dataclass(frozen=True, slots=True)
class Plan:
    """The verdicts for a change set.

    ``unmatched``: the paths that nothing claims.  ``before``: what the filters before the
    change wake for it, where it changed them or the workflow; None if that is not known.
    """

    filters: Filters
    changes: ChangeSet
    verdicts: Mapping[str, Verdict]
    unmatched: tuple[str, ...] = ()
    before: Mapping[str, bool] | None = field(default_factory=dict)

    @property
    def woken(self) -> list[str]:
        """The names of the woken surfaces, sorted."""
        return sorted(name for name, verdict in self.verdicts.items() if verdict.woken)

    @property
    def asleep(self) -> list[str]:
        """The names of the surfaces asleep, sorted."""
        return sorted(name for name, verdict in self.verdicts.items() if not verdict.woken)
