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
        """A sum of clipped ramps: no branch, no gather, differentiable in every y.

        One operation over all segments; unrolled, twenty tables took XLA ten seconds to compile.
        """
        width = self.x[1:] - self.x[:-1]
        jump = width == 0
        share = (at[..., None] - self.x[:-1]) / jnp.where(jump, 1.0, width)
        segments = jnp.arange(width.shape[0])
        beyond = outside == "extrapolate"
        low = jnp.where(beyond & (segments == 0), -jnp.inf, 0.0)
        high = jnp.where(beyond & (segments == width.shape[0] - 1), jnp.inf, 1.0)
        ramp = jnp.clip(share, low.astype(at.dtype), high.astype(at.dtype))
        ramp = jnp.where(jump, (at[..., None] >= self.x[:-1]).astype(at.dtype), ramp)
        return self.y[0] + jnp.sum(ramp * (self.y[1:] - self.y[:-1]), axis=-1)

    def _gathered(self, at: Array, outside: str) -> Array:
        last = self.x.shape[0] - 2
        i = jnp.clip(jnp.searchsorted(self.x, at, side="right") - 1, 0, last)
        width = self.x[i + 1] - self.x[i]
        jump = width == 0
        share = jnp.where(jump, 1.0, (at - self.x[i]) / jnp.where(jump, 1.0, width))
        if outside == "hold":
            share = jnp.clip(share, 0.0, 1.0)
        return self.y[i] + share * (self.y[i + 1] - self.y[i])
