"""The time axis of a run."""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp
import pydantic
from jaxtyping import Array, Float, Int

from wmjax._errors import UserError
from wmjax.model import Clock, CompiledModel
from wmjax.spec import TimeAxis


class Grid(NamedTuple):
    """The static part of a run: how many steps, and after how many a row is saved."""

    steps: int
    stride: int

    def counts(self) -> Int[Array, " rows"]:
        """Number of steps before each saved row."""
        rows = -(-self.steps // self.stride)
        return jnp.minimum(jnp.arange(rows + 1, dtype=jnp.int32) * self.stride, self.steps)


class Axis(NamedTuple):
    """The numbers of the time axis, as arrays, so that other dates need no new trace."""

    start: Float[Array, ""]
    dt: Float[Array, ""]
    end: Float[Array, ""]

    def clock(self, step: Int[Array, ""]) -> Clock:
        time = self.start + step.astype(self.dt.dtype) * self.dt
        return Clock(time, self.dt, self.start, self.end, time + self.dt / 2)

    def times(self, steps: Int[Array, " rows"]) -> Float[Array, " rows"]:
        return jax.vmap(lambda step: self.clock(step).time)(steps)


def time_axis(
    time: TimeAxis, start: float | None, end: float | None, save_every: float | None
) -> TimeAxis:
    """The axis of a spec with other dates.

    **Raises:** `UserError` for dates that whole steps do not reach.
    """
    changed = {"start": start, "end": end, "save_every": save_every}
    changed = {k: float(v) for k, v in changed.items() if v is not None}
    if not changed:
        return time
    try:
        return TimeAxis.model_validate({**time.model_dump(), **changed})
    except pydantic.ValidationError as e:
        reason = e.errors()[0]["msg"].removeprefix("Value error, ")
        raise UserError("time axis", f"{changed}", "dates that whole steps reach", reason) from None


def numbers(model: CompiledModel, time: TimeAxis) -> Axis:
    """The axis in the model's number type."""
    return Axis(*(jnp.asarray(x, model.dtype) for x in (time.start, time.step, time.end)))
