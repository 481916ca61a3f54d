"""What to type in a clone to get a plan's answer again."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass

from impact.model import ALL, DEFAULT_FILES, UNTRUSTED, Kind, Plan, Verdict

_FORCED = 50
"""At most so many surfaces are forced one by one; more of them are told in words."""
_PLAIN = re.compile(r"[A-Za-z0-9 @%+=:,./_-]+")


@dataclass(frozen=True, slots=True)
class Reproduction:
    """What the commands do, in words of our own, and the commands: one script for a shell."""

    words: str
    script: str


def reproduction(plan: Plan) -> Reproduction:
    """How a colleague gets this plan's verdicts, or the nearest to it.

    The commits of a pull request, its merge commit above all, are rarely on a laptop, and
    the filters are those of the head: both are fetched first, and ``&&`` keeps the answer
    of some other checkout from being taken for this one.
    """
    changes = plan.changes
    if not changes.determined:
        return Reproduction(
            "Nothing was compared, so there is nothing to reproduce. "
            "The answer for a base of your choice, in a clone:",
            _detect(plan, "--base=BASE", "--head=HEAD"),
        )
    if changes.diffs:
        head = plan.filters.commit or changes.diffs[0][1]
        ids = dict.fromkeys([*(commit for diff in changes.diffs for commit in diff), head])
        commands = [f"git fetch origin {' '.join(ids)}", f"git switch --detach {head}"]
        commands += [_detect(plan, f"--base={a}", f"--head={b}") for a, b in changes.diffs]
        words = "The same answer on a laptop, in a clone (`git switch -` leads back):"
        if len(changes.diffs) > 1:
            words = (
                f"The same answer on a laptop, in a clone: {len(changes.diffs)} diffs were "
                "added up, so a surface is awake where one of them wakes it "
                "(`git switch -` leads back):"
            )
        return Reproduction(words, " &&\n  ".join(commands))
    if changes.base is not None:
        return Reproduction("The work tree was compared as it was; there:", _detect(plan))
    return Reproduction(
        "The changed paths were given as a list. What one of them wakes, in a clone:",
        f"impact explain PATH{_filters(plan)}",
    )


def _detect(plan: Plan, *options: str) -> str:
    forced = [name for name, verdict in plan.verdicts.items() if _is_forced(verdict)]
    if len(forced) == len(plan.verdicts):
        forced = [ALL]
    elif len(forced) > _FORCED:
        return _detect_line(plan, *options) + f"  # and {len(forced):,} were forced to wake"
    return _detect_line(plan, *options, *(f"--force={name}" for name in forced))


def _is_forced(verdict: Verdict) -> bool:
    """Whether the surface wakes for what only the run knew: a demand, or its event."""
    if Kind.FORCED in verdict.groups:
        return True
    causes = verdict.groups.get(Kind.FILTERS_CHANGED, ())
    return any(cause.detail == UNTRUSTED.problem for cause in causes)


def _detect_line(plan: Plan, *options: str) -> str:
    return " ".join(["impact detect" + _filters(plan), *options])


def _filters(plan: Plan) -> str:
    file = plan.filters.file
    return "" if file in DEFAULT_FILES else f" --filters={_word(file)}"


def _word(text: str) -> str:
    """One word of a shell, on one line, with nothing in it that ends a Markdown fence.

    ``$'...'``: https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html#tag_19_02_04
    """
    if _PLAIN.fullmatch(text):
        return shlex.quote(text)
    data = text.encode("utf-8", "surrogateescape")
    return "$'" + "".join(_octal(byte) for byte in data) + "'"


def _octal(byte: int) -> str:
    char = chr(byte)
    return char if _PLAIN.fullmatch(char) else f"\\{byte:03o}"
