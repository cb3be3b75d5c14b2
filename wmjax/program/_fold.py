"""Operations on numbers that are known before a run."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Sequence
from typing import Any


_EXACT: dict[str, Callable[..., Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "neg": operator.neg,
    "abs": abs,
    "min": min,
    "max": max,
    "=": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
"""Those whose result IEEE 754 prescribes to the last bit; a power or a logarithm is none."""


def folded(op: str, numbers: Sequence[float]) -> float | None:
    """The value of an operation, or None where the machine is to compute it: where the result is
    not prescribed, not finite, or the negative zero, which is a constant like the other."""
    exact = _EXACT.get(op)
    if exact is None or (op == "/" and numbers[1] == 0):
        return None
    value = float(exact(*numbers))
    unsafe = not math.isfinite(value) or (value == 0 and math.copysign(1.0, value) < 0)
    return None if unsafe else value
