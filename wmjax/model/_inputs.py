"""What acts on a model from outside while it runs: the effects of events, as numbers."""

from __future__ import annotations

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float

from wmjax.model._operations import Clock


class Effects(eqx.Module):
    """Effects on one variable, one row each.

    A row is in force from `start` to `end`, at full strength after `ramp`. Neutral rows (multiply
    1, add 0, weight 0) do nothing, so that scenarios can be padded to one shape.
    """

    start: Float[Array, " rows"]
    end: Float[Array, " rows"]
    ramp: Float[Array, " rows"]
    multiply: Float[Array, "rows ..."]
    add: Float[Array, "rows ..."]
    set: Float[Array, "rows ..."]
    weight: Float[Array, "rows ..."]
    """1 where `set` replaces the value, else 0."""

    def __call__(self, value: Float[Array, ...], clock: Clock) -> Float[Array, ...]:
        """The value under all effects, in the order of the rows."""
        active = ((clock.switch > self.start) & (clock.switch < self.end)).astype(value.dtype)
        grown = (clock.time - self.start) / jnp.where(self.ramp > 0, self.ramp, 1.0)
        strength = active * jnp.where(self.ramp > 0, jnp.clip(grown, 0.0, 1.0), 1.0)
        for i in range(self.start.shape[0]):
            s = strength[i]
            value = value * (1.0 + s * (self.multiply[i] - 1.0)) + s * self.add[i]
            share = s * self.weight[i]
            value = (1.0 - share) * value + share * self.set[i]
        return value


class Inputs(eqx.Module):
    """Effects by name of the variable."""

    effects: dict[str, Effects]
