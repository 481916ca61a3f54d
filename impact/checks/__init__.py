"""The checks of `impact check`: one module each, named here.  Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from impact.checks import failed_expectation
from impact.findings import Finding
from impact.model import Change, Filters

Found = tuple[Finding, Change | None]
"""A finding, and the change whose explanation goes with it, if any."""

CHECKS: Mapping[str, Callable[[Filters], Iterator[Found]]] = {
    failed_expectation.ID: failed_expectation.check,
}
