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
    invalid_workflow,
    missing_job,
    native_paths,
    no_effect,
    no_gate,
    nothing,
    self_wake,
    swallowed_failure,
    uncovered,
    ungated_job,
    unknown_output,
    unsafe_condition,
    unused_list,
    unwired_surface,
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

OF_WORKFLOWS: Mapping[str, Check] = {
    unknown_output.ID: unknown_output.check,
    unsafe_condition.ID: unsafe_condition.check,
    unwired_surface.ID: unwired_surface.check,
    ungated_job.ID: ungated_job.check,
    missing_job.ID: missing_job.check,
    swallowed_failure.ID: swallowed_failure.check,
    no_gate.ID: no_gate.check,
    native_paths.ID: native_paths.check,
    self_wake.ID: self_wake.check,
    invalid_workflow.ID: invalid_workflow.check,
}
"""Those that hold it against the workflows, or look at these alone."""

CHECKS: Mapping[str, Check] = {**OF_FILES, **OF_FILTERS, **OF_WORKFLOWS}

IDS = (*CHECKS, ignore_comment.ID)
"""Every check, by the name that findings bear."""
