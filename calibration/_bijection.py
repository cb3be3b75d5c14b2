"""Bounded numbers as unbounded ones: what the minimisers move.

| bounds | value |
|---|---|
| both | `lower + (upper - lower) sigmoid(z)`; in logarithms where `upper / lower` exceeds 100 |
| lower | `lower + scale exp(z)` |
| upper | `upper - scale exp(z)` |
| none | `centre + scale z` |

A value on a closed bound is moved inside: one hundredth of the span.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import final

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float

from calibration._free import FreeElement


_WIDE = 100.0
_INSIDE = 0.01
_FARTHEST = 12.0  # sigmoid(12) is within 6e-6 of 1: farther out nothing can be told apart


@final
class Bijection(eqx.Module):
    """The map from `z` to parameter values; every array has one number for each free element."""

    two_sided: Bool[Array, " p"]
    logarithmic: Bool[Array, " p"]
    one_sided: Bool[Array, " p"]
    origin: Float[Array, " p"]
    """Lower bound (or its logarithm), the single bound, or the centre."""
    span: Float[Array, " p"]
    """Span between the bounds, or scale; negative under a single upper bound."""

    def __call__(self, z: Float[Array, "*starts p"]) -> Float[Array, "*starts p"]:
        grown = jnp.exp(jnp.where(self.one_sided, z, 0.0))
        share = jnp.where(
            self.two_sided, jax.nn.sigmoid(z), jnp.where(self.one_sided, grown, z)
        )
        x = self.origin + self.span * share
        return jnp.where(self.logarithmic, jnp.exp(jnp.where(self.logarithmic, x, 0.0)), x)

    def inverse(self, x: np.ndarray) -> np.ndarray:
        """`z` of values strictly inside the bounds."""
        logarithmic = np.asarray(self.logarithmic)
        u = np.where(logarithmic, np.log(np.where(logarithmic, x, 1.0)), x)
        share = (u - np.asarray(self.origin)) / np.asarray(self.span)
        two, one = np.asarray(self.two_sided), np.asarray(self.one_sided)
        inner = np.where(two, share, 0.5)
        return np.where(two, np.log(inner / (1 - inner)), np.where(one, np.log(
            np.where(one, share, 1.0)), share))  # fmt: skip

    @property
    def limit(self) -> np.ndarray:
        """The largest useful `abs(z)`."""
        two, one = np.asarray(self.two_sided), np.asarray(self.one_sided)
        return np.where(two, _FARTHEST, np.where(one, 40.0, np.inf))

    @property
    def reference(self) -> np.ndarray:
        """Standard deviation of `z` that stands for "nothing is known": that of a uniform draw
        between two bounds; a factor of e above one; the size of the number without any."""
        return np.where(np.asarray(self.two_sided), np.pi / np.sqrt(3.0), 1.0)


def bijection(elements: Sequence[FreeElement], dtype: jnp.dtype) -> Bijection:
    """The map for free elements; scales come from their initial values and priors."""
    rows = np.array([_row(e) for e in elements], dtype=np.float64).reshape(-1, 5)
    flags = (jnp.asarray(rows[:, k] > 0) for k in range(3))
    return Bijection(*flags, *(jnp.asarray(rows[:, k], dtype) for k in (3, 4)))


def inside(element: FreeElement, value: float | None = None) -> float:
    """The initial value (or another), moved off a closed bound."""
    value = element.initial if value is None else value
    low, high = element.lower, element.upper
    if low is not None and high is not None:
        if _is_wide(low, high):
            edge = (high / low) ** _INSIDE
            return float(np.clip(value, low * edge, high / edge))
        edge = _INSIDE * (high - low)
        return float(np.clip(value, low + edge, high - edge))
    edge = _INSIDE * _size(element)
    if low is not None:
        return max(value, low + edge)
    return value if high is None else min(value, high - edge)


def _row(e: FreeElement) -> tuple[float, ...]:
    low, high = e.lower, e.upper
    if low is not None and high is not None:
        if _is_wide(low, high):
            return 1, 1, 0, np.log(low), np.log(high) - np.log(low)
        return 1, 0, 0, low, high - low
    if low is not None:
        return 0, 0, 1, low, max(abs(e.initial - low), _INSIDE * _size(e))
    if high is not None:
        return 0, 0, 1, high, -max(abs(high - e.initial), _INSIDE * _size(e))
    return 0, 0, 0, e.initial, _size(e)


def _is_wide(low: float, high: float) -> bool:
    return low > 0 and high / low > _WIDE


def _size(e: FreeElement) -> float:
    if e.prior is not None and e.prior.normal is not None:
        return e.prior.normal[1]
    return abs(e.initial) or 1.0
