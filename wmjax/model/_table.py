"""Piecewise-linear functions."""

from __future__ import annotations

from typing import Literal

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float


_LONG = 16  # points above which gathering beats a sum of ramps (measured for World3's tables)


class Table(eqx.Module):
    """A function given by points, linear between them; `x` rises, with jumps where it repeats."""

    x: Float[Array, " points"]
    y: Float[Array, " points"]

    def __call__(
        self, at: Float[Array, "*shape"], outside: Literal["hold", "extrapolate"]
    ) -> Float[Array, "*shape"]:
        """The value at `at`; beyond the ends it holds, or follows the last segment."""
        if self.x.shape[0] > _LONG:
            return self._gathered(at, outside)
        return self._ramps(at, outside)

    def _ramps(self, at: Array, outside: str) -> Array:
        """Each y times the difference of two clipped ramps: no branch, no gather.

        At a point one weight is 1 and all others 0, so that the stored value comes out exactly.
        """
        last = self.x.shape[0] - 2
        total, before = jnp.zeros_like(at), jnp.ones_like(at)
        for i in range(last + 1):
            width = self.x[i + 1] - self.x[i]
            jump = width == 0
            share = (at - self.x[i]) / jnp.where(jump, 1.0, width)
            low = -jnp.inf if outside == "extrapolate" and i == 0 else 0.0
            high = jnp.inf if outside == "extrapolate" and i == last else 1.0
            ramp = jnp.clip(share, low, high)
            ramp = jnp.where(jump, (at >= self.x[i]).astype(at.dtype), ramp)
            total = total + (before - ramp) * self.y[i]
            before = ramp
        return total + before * self.y[-1]

    def _gathered(self, at: Array, outside: str) -> Array:
        last = self.x.shape[0] - 2
        i = jnp.clip(jnp.searchsorted(self.x, at, side="right") - 1, 0, last)
        width = self.x[i + 1] - self.x[i]
        jump = width == 0
        share = (at - self.x[i]) / jnp.where(jump, 1.0, width)
        if outside == "hold":
            share = jnp.clip(share, 0.0, 1.0)
        share = jnp.where(jump, (at >= self.x[i]).astype(at.dtype), share)
        return (1.0 - share) * self.y[i] + share * self.y[i + 1]
