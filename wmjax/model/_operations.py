"""What the pointwise operations compute, in JAX.

Conventions of system dynamics (Vensim's reference manual): comparisons give 0 or 1, anything but 0
is true, `zidz` takes a divisor under 1e-6 for zero, and test inputs compare the middle of the step
with their times, see `Clock`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import jax.numpy as jnp
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

Operation = Callable[..., Array]


def _truth(x: Array) -> Array:
    return x != 0


def _number(condition: Array, like: Array) -> Array:
    return condition.astype(like.dtype)


def _comparison(compare: Callable[[Array, Array], Array]) -> Operation:
    return lambda a, b: _number(compare(a, b), a)


def _xidz(a: Array, b: Array, x: Array) -> Array:
    small = jnp.abs(b) < _NEARLY_ZERO
    return jnp.where(small, x, a / jnp.where(small, 1.0, b))


def _round(x: Array) -> Array:
    return jnp.sign(x) * jnp.floor(jnp.abs(x) + 0.5)


def _least(*xs: Array) -> Array:
    found = xs[0]
    for x in xs[1:]:
        found = jnp.minimum(found, x)
    return found


def _greatest(*xs: Array) -> Array:
    found = xs[0]
    for x in xs[1:]:
        found = jnp.maximum(found, x)
    return found


POINTWISE: dict[str, Operation] = {
    "+": jnp.add,
    "-": jnp.subtract,
    "*": jnp.multiply,
    "/": jnp.divide,
    "^": jnp.power,
    "power": jnp.power,
    "neg": jnp.negative,
    "=": _comparison(jnp.equal),
    "<>": _comparison(jnp.not_equal),
    "<": _comparison(jnp.less),
    "<=": _comparison(jnp.less_equal),
    ">": _comparison(jnp.greater),
    ">=": _comparison(jnp.greater_equal),
    "and": lambda a, b: _number(_truth(a) & _truth(b), a),
    "or": lambda a, b: _number(_truth(a) | _truth(b), a),
    "not": lambda a: _number(~_truth(a), a),
    "if_then_else": lambda c, a, b: jnp.where(_truth(c), a, b),
    "exp": jnp.exp,
    "ln": jnp.log,
    "log10": jnp.log10,
    "log": lambda x, base=None: jnp.log(x) if base is None else jnp.log(x) / jnp.log(base),
    "sqrt": jnp.sqrt,
    "sin": jnp.sin,
    "cos": jnp.cos,
    "tan": jnp.tan,
    "arcsin": jnp.arcsin,
    "arccos": jnp.arccos,
    "arctan": jnp.arctan,
    "sinh": jnp.sinh,
    "cosh": jnp.cosh,
    "tanh": jnp.tanh,
    "abs": jnp.abs,
    "sign": jnp.sign,
    "integer": jnp.trunc,
    "round": _round,
    "modulo": lambda a, b: a - b * jnp.trunc(a / b),
    "min": _least,
    "max": _greatest,
    "zidz": lambda a, b: _xidz(a, b, jnp.zeros_like(a)),
    "xidz": _xidz,
}
"""Operations on values of one shape."""


def _step(clock: Clock, height: Array, start: Array) -> Array:
    return jnp.where(clock.switch > start, height, 0.0)


def _pulse(clock: Clock, start: Array, width: Array) -> Array:
    now = clock.switch
    inside = (now > start) & (now < start + jnp.maximum(width, clock.time_step))
    return _number(inside, now)


def _pulse_train(clock: Clock, start: Array, width: Array, period: Array, end: Array) -> Array:
    now = clock.switch
    since = jnp.mod(now - start, period)
    inside = (now > start) & (now < end) & (since < jnp.maximum(width, clock.time_step))
    return _number(inside, now)


def _ramp(clock: Clock, slope: Array, start: Array, end: Array | None = None) -> Array:
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
