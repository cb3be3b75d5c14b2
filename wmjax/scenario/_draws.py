"""Uncertainty as draws: of parameters, and of what a fit leaves unexplained."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol, TypeAlias, final, get_args, runtime_checkable

import jax
import numpy as np
from jaxtyping import Array
from numpy.typing import ArrayLike, NDArray

from wmjax._errors import UserError
from wmjax.model import CompiledModel
from wmjax.scenario._memory import Drawing


Transform = Literal["level", "log", "growth", "logit", "difference"]
Key: TypeAlias = "Array | int"
"""A random key of JAX, or the number to make one of."""

_SUMMED = ("growth", "difference")


def as_key(key: Key) -> Array:
    """A key of JAX from a key or a whole number."""
    return jax.random.key(key) if isinstance(key, int | np.integer) else key


@runtime_checkable
class ParameterDraws(Protocol):
    """What a forecast needs to know of a fit or a posterior."""

    @property
    def model(self) -> CompiledModel:
        """The model at its best parameters."""
        ...

    def draws(self, key: Array, n: int) -> Mapping[str, Array]:
        """`n` draws of the uncertain parameters: by name, of shape `(n, *dims)`; by the name of a
        lookup its y values, of shape `(n, points)`."""
        ...

    def residual_process(self) -> Mapping[str, ResidualProcess]:
        """By observed series, what the observations do around the model."""
        ...


@runtime_checkable
class Unmade(Protocol):
    """Draws that a sweep makes itself, once it is clear that there is room for them and for what
    comes of them."""

    def drawing(self, model: CompiledModel) -> Drawing:
        """What there is to draw."""
        ...

    def draws(self, model: CompiledModel) -> Mapping[str, Any]:
        """By name of a parameter an array `(n, *dims)`, of a lookup its y values."""
        ...


@final
@dataclass(frozen=True)
class DrawsOfFit(Unmade):
    """`n` draws of a fit or posterior."""

    fit: ParameterDraws
    key: Key
    n: int

    def drawing(self, model: CompiledModel) -> Drawing:
        one = self.fit.draws(as_key(self.key), 1)
        return Drawing(self.n, sum(np.size(x) for x in one.values()))

    def draws(self, model: CompiledModel) -> Mapping[str, Any]:
        return self.fit.draws(as_key(self.key), self.n)


@final
@dataclass(frozen=True)
class ResidualProcess:
    """A stationary autoregressive process of order one around the path of a variable.

    A residual is transform(observation) - transform(model). "growth" is the change of the logarithm
    and "difference" that of the level, both per unit of time.

    **Arguments:**

    - `variable`: the name in the model, with an element if it has dimensions: `gdp[China]`.
    - `transform`: where residuals live: "level", "log", "growth", "logit", "difference".
    - `sigma`: standard deviation of the process (not of its innovations).
    - `rho`: correlation over one unit of the model's time, in [0, 1).
    - `last_time`: time of the last observation.
    - `last_residual`: residual there.
    - `offset`: for "growth" and "difference", what stands between the observation and the model at
        `last_time`, in logarithm or level.

    **Raises:** `UserError` for numbers outside these ranges.
    """

    variable: str
    transform: Transform
    sigma: float
    rho: float
    last_time: float
    last_residual: float
    offset: float = 0.0

    def __post_init__(self) -> None:
        place = f"residual process of {self.variable!r}"
        if self.transform not in get_args(Transform):
            raise UserError(
                place, f"transform {self.transform!r}", f"one of {', '.join(get_args(Transform))}"
            )
        if not (self.sigma >= 0 and np.isfinite(self.sigma)):
            raise UserError(place, f"sigma {self.sigma!r}", "a finite number of at least 0")
        if not 0 <= self.rho < 1:
            raise UserError(
                place, f"rho {self.rho!r}", "0 <= rho < 1", "clip the estimate to this range"
            )
        if not np.isfinite([self.last_time, self.last_residual, self.offset]).all():
            raise UserError(place, "a last residual that is not finite", "finite numbers")

    def paths(self, key: Key, times: ArrayLike, n: int) -> NDArray[np.float64]:
        """Draws of the deviation given the last residual.

        At `h` units after `last_time` the process has mean `last_residual rho^h` and variance
        `sigma^2 (1 - rho^(2h))`. For "growth" and "difference" the deviation is `offset` and the
        sum of the process since `last_time`. Before `last_time` there is none: the past of a
        forecast is the fit, which its observations can be held against.

        **Arguments:**

        - `times`: rising, in the model's unit, shape `(T,)`.

        **Returns:** shape `(n, T)`, for `apply`.
        """
        when = np.asarray(times, dtype=np.float64)
        noise = np.asarray(jax.random.normal(as_key(key), (n, len(when)))).astype(np.float64)
        later = when >= self.last_time
        process = np.zeros((n, len(when)))
        process[:, later] = self._walk(when[later] - self.last_time, noise[:, later])
        if self.transform not in _SUMMED:
            return process
        lengths = np.diff(np.maximum(when, self.last_time), prepend=self.last_time)
        return np.where(later, self.offset + np.cumsum(process * lengths, axis=1), 0.0)

    def apply(self, values: ArrayLike, residual: ArrayLike) -> NDArray[np.float64]:
        """Values moved by a deviation in the space of the transform; the shapes broadcast."""
        value, by = np.asarray(values, np.float64), np.asarray(residual, np.float64)
        if self.transform in ("log", "growth"):
            return value * np.exp(by)
        if self.transform == "logit":
            inside = (value > 0) & (value < 1)
            return np.where(inside, value / (value + (1 - value) * np.exp(-by)), value)
        return value + by

    def _walk(self, distance: NDArray[np.float64], noise: NDArray[np.float64]) -> np.ndarray:
        """The process at rising distances from the last residual."""
        path = np.empty_like(noise)
        now, at = np.full(len(noise), self.last_residual), 0.0
        for i, there in enumerate(distance):
            kept = self.rho ** (there - at)
            now = kept * now + self.sigma * np.sqrt(1.0 - kept**2) * noise[:, i]
            path[:, i], at = now, there
        return path
