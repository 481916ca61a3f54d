"""A filters file's bytes to `impact.model.Filters`, or every mistake in it at once.

The tree keeps the places, the schema judges the shape, and the resolver here gives the
meaning: names, patterns, named lists expanded.  The resolver walks what the shape
errors leave, so that one mistake hides no other.
"""

from __future__ import annotations

from impact.config.names import NameChecks
from impact.config.rules import RuleLists
from impact.config.shape import EXPECT, FILTERS, SURFACE, Shape, fits
from impact.config.tree import (
    Mapping,
    Node,
    Sequence,
    Text,
    TreeReader,
    in_order,
    place_behind,
    plain_data,
)
from impact.errors import FiltersError
from impact.findings import Finding, Location
from impact.model import ALL, Expectation, Filters, Place, Rule, Status, Surface

MAX_BYTES = 2 * 1024 * 1024
"""A filters file is written by people; a larger one is something else."""


def parse_filters(data: bytes, file: str) -> Filters:
    """The filters of a file's bytes; ``file`` is its name in errors and in the rules.

    Raises `FiltersError` with every finding.
    """
    reader = TreeReader(_decoded(data, file), file)
    tree = reader.read()
    if isinstance(tree, Text) and tree.plain and not tree.value and not tree.reported:
        tree = None  # `---` alone
    if tree is None and not reader.findings:
        reader.find(
            "empty",
            Place(1, 1),
            "the file is empty",
            "write `version: 1` and `surfaces:`; `impact schema` prints the format",
        )
    if tree is None:
        raise FiltersError(reader.findings)
    if reader.findings or not fits(tree, FILTERS):
        _report_shape(reader, tree)
    filters = _Resolver(reader, tree).filters()
    if reader.findings:
        raise FiltersError(in_order(reader.findings))
    return filters


def is_filters(data: bytes) -> bool:
    """Whether a file is one of filters, right or wrong.

    Other tools have files of the same name: a mapping with neither `version` nor `surfaces`.
    """
    try:
        root = TreeReader(_decoded(data, "filters"), "filters").read()
    except FiltersError:
        return True
    keys = {key.value for key, _ in root.entries} if isinstance(root, Mapping) else set()
    return not keys or bool(keys & {"version", "surfaces"})


def _decoded(data: bytes, file: str) -> str:
    if len(data) > MAX_BYTES:
        message = "the file is larger than 2 MiB, the most that a filters file can have"
        fix = "is it the right file? --filters names another"
        raise FiltersError([Finding("size", message, Location(file), fix=fix)])
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        # Without the byte order mark, if there is one, and so is the place.
        text, at = error.object, error.start
        place = place_behind(text[:at].decode("utf-8"))
        message = f"byte 0x{text[at]:02x} is not UTF-8"
        location = Location(file, place.line, place.column)
        raise FiltersError(
            [Finding("encoding", message, location, fix="save the file as UTF-8 text")]
        ) from None


def _report_shape(reader: TreeReader, tree: Node) -> None:
    from impact.config.schema import shape_errors  # pydantic: for a wrong file only

    for error in shape_errors(plain_data(tree)):
        found = _find(tree, error.path, key=error.kind == "unknown-key")
        if not (isinstance(found, Text) and found.reported):
            reader.find(error.kind, found.place, error.message, error.fix)


def _find(tree: Node, path: tuple[str | int, ...], key: bool) -> Node:
    """The node at a path; with ``key`` the last key itself."""
    node = tree
    for number, part in enumerate(path, 1):
        if isinstance(node, Mapping):
            for name, value in node.entries:
                if name.value == part:
                    node = name if key and number == len(path) else value
        elif isinstance(node, Sequence) and isinstance(part, int) and part < len(node.items):
            node = node.items[part]
    return node


class _Resolver:
    """Gives the tree its meaning; what it cannot read, the shape errors have reported."""

    def __init__(self, reader: TreeReader, tree: Node) -> None:
        self._reader = reader
        self._root = tree if isinstance(tree, Mapping) else Mapping(tree.place)
        self._lists = RuleLists(reader, _entries(self._root.get("patterns")))
        self._names = NameChecks(
            reader, [key for key, _ in _entries(self._root.get("surfaces"))]
        )
        self._everything = frozenset(self._names.known)  # one for all that says `all`

    def filters(self) -> Filters:
        """The filters; of use only if the reader has no findings afterwards."""
        root = self._root
        surfaces = {}
        edges: dict[str, list[Text]] = {}
        for key, node in _entries(root.get("surfaces")):
            surfaces[key.value] = self._surface(key, node)
            if isinstance(node, Mapping):
                edges[key.value] = _texts(node.get("depends-on"))
        self._names.check_dependencies(edges)
        self._lists.resolve_all()
        unmatched = root.get("unmatched")
        return Filters(
            file=self._reader.file,
            surfaces=surfaces,
            always=self._rules(root.get("always")),
            inert=self._rules(root.get("inert")),
            wake_unmatched=not (isinstance(unmatched, Text) and unmatched.value == "ignore"),
            labels={
                key.value: self._some_names(node) or frozenset()
                for key, node in _entries(root.get("labels"))
            },
            expectations=tuple(
                self._expectation(node)
                for node in _items(root.get("expect"))
                if isinstance(node, Mapping)
            ),
            lists=self._lists.named(),
            place=root.keys["surfaces"].place if "surfaces" in root.keys else root.place,
        )

    def _surface(self, key: Text, node: Node) -> Surface:
        if not isinstance(node, Mapping):
            return Surface(key.value, self._rules(node), jobs=(key.value,), place=key.place)
        if not _has_one_of(node, SURFACE, "paths", "depends-on"):
            self._reader.find(
                "missing",
                key.place,
                f"the surface {key.value} has neither paths nor depends-on: nothing wakes it",
                "add paths",
            )
        description, advisory = node.get("description"), node.get("advisory")
        jobs = _texts(node.get("jobs"))
        for job in jobs:
            self._names.check_job(job)
        return Surface(
            name=key.value,
            rules=self._rules(node.get("paths")),
            description=description.value if isinstance(description, Text) else "",
            depends_on=tuple(text.value for text in _texts(node.get("depends-on"))),
            jobs=tuple(job.value for job in jobs) or (key.value,),
            job_places=tuple(job.raw_place or job.place for job in jobs),
            advisory=isinstance(advisory, Text) and advisory.resolved is True,
            place=key.place,
        )

    def _rules(self, node: Node | None) -> tuple[Rule, ...]:
        return self._lists.rules(node) if isinstance(node, Sequence) else ()

    def _some_names(self, node: Node | None) -> frozenset[str] | None:
        """The surfaces named by `all` or a list; None where the key is absent."""
        if node is None:
            return None
        if isinstance(node, Text):
            return self._everything if node.value == ALL else frozenset()
        texts = _texts(node)
        for text in texts:
            self._names.check_known(text)
        return frozenset(text.value for text in texts)

    def _expectation(self, node: Mapping) -> Expectation:
        path, status = node.get("path"), node.get("status")
        wakes, sleeps, only = (
            self._some_names(node.get(k)) for k in ("wakes", "sleeps", "only")
        )
        if not _has_one_of(node, EXPECT, "wakes", "sleeps", "only"):
            self._reader.find(
                "missing", node.place, "the case expects nothing", "add wakes, sleeps or only"
            )
        for name in sorted((wakes or frozenset()) & (sleeps or frozenset())):
            self._reader.find(
                "value", node.place, f"{name} cannot both wake and sleep", "remove one"
            )
        if isinstance(path, Text):
            self._names.check_path(path)
        known = [s for s in Status if isinstance(status, Text) and s.value == status.value]
        return Expectation(
            path.value if isinstance(path, Text) else "",
            node.place,
            known[0] if known else None,
            wakes,
            sleeps,
            only,
            isinstance(node.get("wakes"), Text),
            isinstance(node.get("sleeps"), Text),
        )


def _entries(node: Node | None) -> list[tuple[Text, Node]]:
    return node.entries if isinstance(node, Mapping) else []


def _has_one_of(node: Mapping, shape: dict[str, Shape], *keys: str) -> bool:
    """Whether one of the keys is there, or may be meant by a key that the shape has not."""
    given = {key.value for key, _ in node.entries}
    return bool(given.intersection(keys) or given.difference(shape))


def _items(node: Node | None) -> list[Node]:
    return node.items if isinstance(node, Sequence) else []


def _texts(node: Node | None) -> list[Text]:
    """The entries of a list that are text, as the schema wants all of them to be."""
    return [
        i
        for i in _items(node)
        if isinstance(i, Text) and isinstance(i.resolved, str) and not i.reported
    ]
