"""A gated job uses a tracked file, and sleeps through a change to it.

What a job uses: its workflow, the workflows and local actions that it calls, and what the
`run:` steps of all these name. Scripts are read, and followed into make, npm and other
scripts, by the way that what the job passes them takes; a path that is only printed, asked for
or written is no use, nor is one that depends on the run, or is used only where something failed
already. `--unresolved` shows what could not be told. The files of a directory count where
a change to none of them wakes the job. It is decided as every change is, `always`,
`depends-on` and what nothing claims included; of a file that wakes the job only because
nothing claims it, it is a note.

To read scripts it takes more than is installed with the action: `pip install
'impact-filter[scripts]'`.

Why it is bad: whoever breaks the script, or the workflow itself, is told that all is well, and
the job fails for somebody else who changes what the surface does claim.

Tracked: filters.yml, docs/guide.md, scripts/build.sh, .github/workflows/ci.yml

Example::

    # filters.yml
    version: 1
    surfaces:
      docs: [/docs/, /.github/]
    inert: [/scripts/]
    # .github/workflows/ci.yml
    jobs:
      docs:
        needs: changes
        if: ${{ !cancelled() && needs.changes.outputs.docs != 'false' }}
        runs-on: ubuntu-latest
        steps:
          - run: bash scripts/build.sh

Use instead::

    # filters.yml
    version: 1
    surfaces:
      docs: [/docs/, /.github/, /scripts/build.sh]
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace

from impact.checks.job_files import FileUse, Untold
from impact.checks.subject import Subject, files, finding_at
from impact.checks.wired import callers
from impact.coverage import Group
from impact.findings import Finding, Severity
from impact.model import Place, Status
from impact.quoting import quote
from impact.workflows.gating import Gated
from impact.workflows.lexer import ExpressionError

ID = "self-wake"
_NAMED = 3


@dataclass(slots=True)
class _Asleep:
    """A file, or directory, that jobs use and sleep through."""

    use: FileUse
    unclaimed: bool
    jobs: list[Gated] = field(default_factory=list)


def check(subject: Subject) -> Iterator[Finding]:
    """Yield each place at which gated jobs use files that do not wake them."""
    verdicts = _Verdicts(subject)
    found: dict[tuple[str, str], _Asleep] = {}
    for gated in _judged(subject):
        for use in subject.uses.of_job(gated.workflow, gated.job).uses:
            unclaimed = verdicts.sleeps(gated, use.path)
            if unclaimed is not None:
                asleep = found.setdefault(
                    (gated.workflow.file, use.path), _Asleep(use, unclaimed)
                )
                if all(gated.job is not one.job for one in asleep.jobs):
                    asleep.jobs.append(gated)
    places: dict[tuple[str, Place], list[_Asleep]] = {}
    for asleep in found.values():
        places.setdefault((asleep.use.file, asleep.use.place), []).append(asleep)
    for told in places.values():
        # What wakes them for want of a claim is told when nothing worse is to be told here.
        yield _finding(subject, [one for one in told if not one.unclaimed] or told)


def untold(subject: Subject) -> list[Untold]:
    """What cannot be told of the scripts of gated jobs."""
    found = [
        one
        for gated in _judged(subject)
        for one in subject.uses.of_job(gated.workflow, gated.job).untold
    ]
    return list(dict.fromkeys(found))


def _judged(subject: Subject) -> Iterator[Gated]:
    """The gated jobs of which every surface is one of the filters, and that anything runs."""
    surfaces = subject.filters.surfaces
    for gated in subject.gating.jobs:
        if gated.workflow.events == ("workflow_call",) and not callers(subject, gated.workflow):
            continue
        names = gated.surfaces or gated.detected.surfaces
        if all(name in surfaces for name in names):
            yield gated


class _Verdicts:
    """Which jobs sleep through a change to which file, each asked once."""

    def __init__(self, subject: Subject) -> None:
        self._coverage = subject.coverage
        self._wakes_unmatched = subject.filters.wake_unmatched
        self._numbers = subject.uses.files.numbers
        self._known: dict[tuple[int, frozenset[str]], bool] = {}
        self._plans: dict[Group, tuple[bool, frozenset[str]]] = {}

    def sleeps(self, gated: Gated, path: str) -> bool | None:
        """None where the job wakes, else whether it is only for want of a claim that it does.

        Of a directory: where it wakes for some file of it.
        """
        if not path.endswith("/"):
            return self._of_file(gated, self._numbers[path])
        found = None
        for file, number in self._numbers.items():
            if file.startswith(path):
                found = self._of_file(gated, number)
                if found is None:
                    return None
        return found

    def _of_file(self, gated: Gated, number: int) -> bool | None:
        group = self._coverage.group_of[number]
        if group not in self._plans:
            self._plans[group] = self._plan(group)
        unclaimed, awake = self._plans[group]
        if group.is_filters or not self._asleep(gated, awake):
            return None
        return unclaimed and self._wakes_unmatched

    def _plan(self, group: Group) -> tuple[bool, frozenset[str]]:
        """Whether nothing claims the files of a group, and else what wakes for them."""
        coverage = self._coverage
        if not coverage.claimed(group):
            return True, frozenset()
        woken = coverage.woken(group, Status.MODIFIED)
        return False, frozenset(coverage.names[one] for one in woken)

    def _asleep(self, gated: Gated, awake: frozenset[str]) -> bool:
        every = gated.detected.surfaces
        awake &= {*every}
        key = (id(gated), awake)
        if key not in self._known:
            self._known[key] = False
            with suppress(ExpressionError):
                self._known[key] = gated.stage.depends(gated.job, every, awake, certain=True)
        return self._known[key]


def _finding(subject: Subject, told: Sequence[_Asleep]) -> Finding:
    """One about all that is used at a place."""
    jobs = list(dict.fromkeys(gated.job.id for asleep in told for gated in asleep.jobs))
    surfaces = list(
        dict.fromkeys(
            name
            for asleep in told
            for gated in asleep.jobs
            for name in _surfaces(subject, gated)
        )
    )
    alike = all([one.job.id for one in asleep.jobs] == jobs for asleep in told)
    words = [_words(subject, asleep, not alike) for asleep in told]
    what = "; ".join(words[:_NAMED])
    what += f"; and {len(words) - _NAMED} more" if words[_NAMED:] else ""
    use, them = ("use", "them") if jobs[1:] else ("uses", "it")
    severity = Severity.NOTE if told[0].unclaimed else Severity.ERROR
    message = f"{_listed(jobs)} {use} what does not wake {them}: {what}"
    if severity is Severity.NOTE:
        message = (
            f"{_listed(jobs)} {use} what wakes {them} only because nothing claims it: {what}"
        )
    fix = f"claim it in {_listed(surfaces)}" if surfaces else None
    surface = surfaces[0] if len(surfaces) == 1 else None
    first = told[0].use
    found = finding_at(ID, first.file, first.place, message, fix, severity, surface)
    return replace(found, block=first.block)


def _words(subject: Subject, asleep: _Asleep, with_jobs: bool) -> str:
    use = asleep.use
    what = quote(use.path)
    if use.path.endswith("/"):
        count = sum(path.startswith(use.path) for path in subject.uses.files.numbers)
        what += f" ({files(count)})"
    what += f", by {', '.join(use.through)}" if use.through else ""
    return what + (f", of {_listed([one.job.id for one in asleep.jobs])}" if with_jobs else "")


def _surfaces(subject: Subject, gated: Gated) -> Sequence[str]:
    """What a job is gated on, by itself or else by what it needs."""
    found: dict[str, None] = dict.fromkeys(gated.surfaces)
    todo = [] if found else [need.text for need in gated.job.needs]
    seen = {*todo}
    for name in todo:  # grows while it is walked
        job = gated.workflow.jobs.get(name)
        for one in subject.gating.jobs:
            if one.job is job:
                found |= dict.fromkeys(one.surfaces)
        further = [n.text for n in (job.needs if job is not None else ()) if n.text not in seen]
        seen.update(further)
        todo += further
    return list(found)


def _listed(names: Sequence[str]) -> str:
    shown = [quote(name) for name in names[:_NAMED]]
    if names[_NAMED:]:
        return f"{', '.join(shown)} and {len(names) - _NAMED} more"
    return " and ".join(filter(None, [", ".join(shown[:-1]), shown[-1]]))
