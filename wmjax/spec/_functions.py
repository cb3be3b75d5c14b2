"""The functions of the expression language: their arguments and what they do to units.

What they compute is in `wmjax.model`; how the ones with memory become stocks is in
`wmjax.program`. Definitions follow the practice of system dynamics (Vensim's documentation).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


UnitRule = Literal["pure", "same", "any", "sqrt", "sign", "divide", "step", "pulse", "ramp",
                   "smooth", "power", "count"]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Function:
    """A function of the language.

    - `least`, `most`: number of arguments (`most` None: any number).
    - `units`: `pure` wants and gives pure numbers; `same` wants one unit in all arguments and gives
      it; `any` gives the unit of the first argument; `sqrt` its square root; `sign` a pure number
      from anything; `divide` the quotient of the first two (the third, if any, has that unit);
      `step`: height, time -> height; `pulse`: times -> pure; `ramp`: slope, time, time -> slope
      times time; `smooth`: input, time, [initial] -> input; `power`: base, exponent;
      `count`: a dimension -> pure.
    - `kind`: `pointwise`, `reduction` over a dimension, or `memory`, which becomes hidden stocks.
    """

    name: str
    least: int
    most: int | None
    units: UnitRule
    kind: Literal["pointwise", "reduction", "memory"] = "pointwise"
    doc: str = ""


def _table(*rows: Function) -> dict[str, Function]:
    return {row.name: row for row in rows}


_pure = ("exp", "ln", "log10", "sin", "cos", "tan", "arcsin", "arccos", "arctan", "sinh", "cosh",
         "tanh")  # fmt: skip

FUNCTIONS: dict[str, Function] = _table(
    *(Function(name, 1, 1, "pure") for name in _pure),
    Function("log", 1, 2, "pure", doc="log(x): natural; log(x, base)"),
    Function("sqrt", 1, 1, "sqrt"),
    Function("abs", 1, 1, "any"),
    Function("sign", 1, 1, "sign"),
    Function("integer", 1, 1, "any", doc="rounds towards zero"),
    Function("round", 1, 1, "any", doc="rounds half away from zero"),
    Function("modulo", 2, 2, "same", doc="remainder with the sign of the first"),
    Function("power", 2, 2, "power"),
    Function("min", 1, None, "same", doc="min(x, y, ...), or min(x[dim!]) over a dimension"),
    Function("max", 1, None, "same", doc="max(x, y, ...), or max(x[dim!]) over a dimension"),
    Function("if_then_else", 3, 3, "same", doc="if_then_else(condition, then, else)"),
    Function("zidz", 2, 2, "divide", doc="a / b, 0 where abs(b) < 1e-6"),
    Function("xidz", 3, 3, "divide", doc="a / b, x where abs(b) < 1e-6"),
    Function("step", 2, 2, "step", doc="step(height, time)"),
    Function("pulse", 2, 2, "pulse", doc="pulse(start, width): 1 inside, else 0"),
    Function("pulse_train", 4, 4, "pulse", doc="pulse_train(start, width, period, end)"),
    Function("ramp", 2, 3, "ramp", doc="ramp(slope, start[, end])"),
    Function("sum", 1, 1, "any", "reduction"),
    Function("mean", 1, 1, "any", "reduction"),
    Function("prod", 1, 1, "pure", "reduction"),
    Function("size", 1, 1, "count", doc="number of elements of a dimension"),
    Function("initial", 1, 1, "any", "memory", doc="the value at the start, held"),
    Function("smooth", 2, 3, "smooth", "memory", doc="smooth(x, time[, initial])"),
    Function("smooth3", 2, 3, "smooth", "memory"),
    Function("smooth_n", 4, 4, "smooth", "memory", doc="smooth_n(x, time, initial, order)"),
    Function("delay1", 2, 3, "smooth", "memory", doc="material delay: delay1(x, time[, initial])"),
    Function("delay3", 2, 3, "smooth", "memory"),
    Function("delay_n", 4, 4, "smooth", "memory", doc="delay_n(x, time, initial, order)"),
)
"""Functions by name."""

MEMORY = frozenset(name for name, f in FUNCTIONS.items() if f.kind == "memory")
"""Names of the functions that become hidden stocks."""

TIME_NAMES: tuple[str, ...] = ("time", "time_step", "initial_time", "final_time")
"""Names that every model has, in units of its time."""
