"""Numbers as GitHub's expressions read and write them, which is as JavaScript does.

https://docs.github.com/en/actions/reference/workflows-and-actions/expressions#operators
"""

from __future__ import annotations

import math
import re
from decimal import ROUND_HALF_UP, Context, Decimal

WHITESPACE = (
    "\t\n\v\f\r \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000\ufeff"
)
"""What JavaScript trims; not quite what `str.strip` does."""

_DECIMAL = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_INFINITY = re.compile(r"[+-]?Infinity")
_OTHER_BASE = re.compile(r"0(?:[xX][0-9a-fA-F]+|[oO][0-7]+|[bB][01]+)")
_DECIMAL_PLACES = Decimal("1e-15")
_EXACT = Context(prec=60)


def parse_number(text: str) -> float:
    """The number that a text stands for: 0 for an empty one, NaN where it is none."""
    text = text.strip(WHITESPACE)
    if not text:
        return 0.0
    if _DECIMAL.fullmatch(text) or _INFINITY.fullmatch(text):
        return float(text)
    if _OTHER_BASE.fullmatch(text):
        try:
            return float(int(text, 0))
        except OverflowError:
            return math.inf
    return math.nan


def number_text(number: float) -> str:
    """A number as text, in full: the shortest that stands for it."""
    if math.isnan(number):
        return "NaN"
    if math.isinf(number):
        return "Infinity" if number > 0 else "-Infinity"
    if number == 0:
        return "0"
    sign, places, exponent = Decimal(repr(float(number))).normalize(_EXACT).as_tuple()
    digits = "".join(map(str, places))
    point = len(digits) + int(exponent)
    if point > 21 or point < -5:
        fraction = f".{digits[1:]}" if len(digits) > 1 else ""
        text = f"{digits[0]}{fraction}e{point - 1:+}"
    elif point <= 0:
        text = f"0.{'0' * -point}{digits}"
    elif point < len(digits):
        text = f"{digits[:point]}.{digits[point:]}"
    else:
        text = digits.ljust(point, "0")
    return f"-{text}" if sign else text


def rounded_number_text(number: float) -> str:
    """A number as expressions make it text: with at most 15 decimal places."""
    if abs(number) < 1e21:
        number = float(Decimal(number).quantize(_DECIMAL_PLACES, ROUND_HALF_UP, _EXACT))
    return number_text(number)
