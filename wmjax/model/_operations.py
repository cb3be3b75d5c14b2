"""What the operations on values of one shape compute, in JAX.

Conventions of system dynamics (Vensim's reference manual): comparisons give 0 or 1, anything but 0
is true, `zidz` takes a divisor under 1e-6 for zero, and test inputs compare the middle of the step
with their times, see `Clock`. `jax.lax` and not `jax.numpy`: a fifth of the time to trace.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import jax.numpy as jnp
import numpy as np
from jax import lax
from jaxtyping import Array, Float


class Clock(NamedTuple):
    """Time while values are computed: now, the step, and both ends of the model's axis.

    `switch` is the time that test inputs and events compare with theirs: half a step after the
    start of the running step, so that rounding cannot move a switch by a step and a method of
    several stages sees no switch inside a step.
    """

    time: Float[Array, ""]
    time_step: Float[Array, ""]
    initial_time: Float[Array, ""]
    final_time: Float[Array, ""]
    switch: Float[Array, ""]


_NEARLY_ZERO = 1e-6

Value = Array | np.ndarray
"""Numbers or truth values; constants are NumPy's until they meet something else."""

Operation = Callable[..., Value]


def _full(x: Value, value: float) -> Value:
    """A number over the shape of a value."""
    return lax.full_like(x, value)


def truth(x: Value) -> Value:
    """Where a value is not 0."""
    return x if x.dtype == np.bool_ else lax.ne(x, _full(x, 0.0))


def _xidz(a: Value, b: Value, x: Value) -> Value:
    small = lax.lt(lax.abs(b), _full(b, _NEARLY_ZERO))
    return lax.select(small, x, lax.div(a, lax.select(small, _full(b, 1.0), b)))


def _round(x: Value) -> Value:
    return lax.mul(lax.sign(x), lax.floor(lax.add(lax.abs(x), _full(x, 0.5))))


def _integer(x: Value) -> Value:
    return lax.select(lax.lt(x, _full(x, 0.0)), lax.ceil(x), lax.floor(x))


def _log(x: Value, base: Value | None = None) -> Value:
    return lax.log(x) if base is None else lax.div(lax.log(x), lax.log(base))


def _log10(x: Value) -> Value:
    return jnp.log10(x)


POINTWISE: dict[str, Operation] = {
    "+": lax.add,
    "-": lax.sub,
    "*": lax.mul,
    "/": lax.div,
    "^": lax.pow,
    "power": lax.pow,
    "neg": lax.neg,
    "=": lax.eq,
    "<>": lax.ne,
    "<": lax.lt,
    "<=": lax.le,
    ">": lax.gt,
    ">=": lax.ge,
    "exp": lax.exp,
    "ln": lax.log,
    "log10": _log10,
    "log": _log,
    "sqrt": lax.sqrt,
    "sin": lax.sin,
    "cos": lax.cos,
    "tan": lax.tan,
    "arcsin": lax.asin,
    "arccos": lax.acos,
    "arctan": lax.atan,
    "sinh": lax.sinh,
    "cosh": lax.cosh,
    "tanh": lax.tanh,
    "abs": lax.abs,
    "sign": lax.sign,
    "integer": _integer,
    "round": _round,
    "modulo": lambda a, b: lax.sub(a, lax.mul(b, _integer(lax.div(a, b)))),
    "min": lax.min,
    "max": lax.max,
    "zidz": lambda a, b: _xidz(a, b, _full(a, 0.0)),
    "xidz": _xidz,
}
"""Operations on numbers of one shape; comparisons give truth values."""

LOGICAL: dict[str, Operation] = {
    "and": lax.bitwise_and,
    "or": lax.bitwise_or,
    "not": lax.bitwise_not,
    "taken": lambda c: c,
    "left": lax.bitwise_not,
    "both": lax.bitwise_and,
}
"""Operations on truth values of one shape; those of masks, see `Entry`, are among them."""

CHOICES: dict[str, Operation] = {
    "if_then_else": lambda c, a, b: lax.select(c, a, b),
    "guard": lambda mask, x, harmless: lax.select(mask, x, harmless),
}
"""Operations on a truth value and two numbers of one shape."""


def _step(clock: Clock, height: Value, start: Value) -> Value:
    return jnp.where(clock.switch > start, height, 0.0)


def _pulse(clock: Clock, start: Value, width: Value) -> Value:
    now = clock.switch
    return (now > start) & (now < start + jnp.maximum(width, clock.time_step))


def _pulse_train(clock: Clock, start: Value, width: Value, period: Value, end: Value) -> Value:
    now = clock.switch
    since = jnp.mod(now - start, period)
    return (now > start) & (now < end) & (since < jnp.maximum(width, clock.time_step))


def _ramp(clock: Clock, slope: Value, start: Value, end: Value | None = None) -> Value:
    until = clock.time if end is None else jnp.minimum(clock.time, end)
    return slope * jnp.maximum(until - start, 0.0)


TIMED: dict[str, Operation] = {
    "step": _step,
    "pulse": _pulse,
    "pulse_train": _pulse_train,
    "ramp": _ramp,
}
"""Operations that also read the clock."""

REDUCTIONS: dict[str, Operation] = {
    "reduce_sum": jnp.sum,
    "reduce_mean": jnp.mean,
    "reduce_prod": jnp.prod,
    "reduce_min": jnp.min,
    "reduce_max": jnp.max,
}
"""Operations over axes."""


def power(base: Value, exponent: float) -> Value:
    """Whole powers by multiplication: exact at negative bases, finite gradient at zero."""
    if abs(exponent) <= 64 and exponent == int(exponent):
        return lax.integer_pow(base, int(exponent))
    return lax.pow(base, _full(base, exponent))
