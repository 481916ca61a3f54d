"""A plan as dotenv lines, for CI systems that take variables from a file."""

from __future__ import annotations

from impact.model import Plan


def render_plan(plan: Plan) -> str:
    """``IMPACT_NAME=true|false`` for each surface, then what is said of the whole plan.

    Names are upper case, ``-`` as ``_``; changed paths never appear.
    """
    rows = {name: _flag(verdict.woken) for name, verdict in plan.verdicts.items()}
    rows |= {
        "woken": ",".join(plan.woken),
        "asleep": ",".join(plan.asleep),
        "any": _flag(bool(plan.woken)),
        "determined": _flag(plan.changes.determined),
        "base": plan.changes.base or "",
        "head": plan.changes.head or "",
    }
    return "".join(f"{_key(name)}={value}\n" for name, value in rows.items())


def _key(name: str) -> str:
    return "IMPACT_" + name.upper().replace("-", "_")


def _flag(value: bool) -> str:
    return "true" if value else "false"
