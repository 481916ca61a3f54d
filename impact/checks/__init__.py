"""The checks of `impact check`: one module each, named here.  Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from impact.checks import (
    case_mismatch,
    dead_pattern,
    everything,
    failed_expectation,
    filters_self,
    floating_pattern,
    ignore_comment,
    no_effect,
    nothing,
    uncovered,
    unused_list,
    weak_expectation,
)
from impact.checks.subject import Subject
from impact.findings import Finding

Check = Callable[[Subject], Iterator[Finding]]

OF_FILTERS: Mapping[str, Check] = {
    failed_expectation.ID: failed_expectation.check,
    filters_self.ID: filters_self.check,
    unused_list.ID: unused_list.check,
}
"""Those that look at the filters file alone."""

OF_FILES: Mapping[str, Check] = {
    dead_pattern.ID: dead_pattern.check,
    no_effect.ID: no_effect.check,
    uncovered.ID: uncovered.check,
    floating_pattern.ID: floating_pattern.check,
    everything.ID: everything.check,
    nothing.ID: nothing.check,
    case_mismatch.ID: case_mismatch.check,
    weak_expectation.ID: weak_expectation.check,
}
"""Those that hold it against the tracked files, and need a repository."""

CHECKS: Mapping[str, Check] = {**OF_FILES, **OF_FILTERS}

IDS = (*CHECKS, ignore_comment.ID)
"""Every check, by the name that findings bear."""
