"""What a fit found."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, final

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array

from calibration._bijection import Bijection, bijection
from calibration._edge import Edges, edges
from calibration._free import FreeElement
from calibration._identify import before, describe
from calibration._laplace import Information, at_bound, covariance
from calibration._layout import Layout, Window, used
from calibration._minimiser import CONVERGED, FAILED, RUNNING, STALLED
from calibration._residual_process import ResidualRule, residual_processes
from calibration._residuals import Plan, free_values, plan
from calibration._series_transform import differenced, transformed
from calibration._starts import as_key
from calibration._term import FitTerm
from wmjax.model import CompiledModel
from wmjax.scenario import ResidualProcess
from wmjax.spec import ModelSpec


if TYPE_CHECKING:
    import pandas as pd

_EVEN = 2000
_LEARNED = 2.0
_NORMAL_90 = 1.6448536269514722
_SAID = {
    CONVERGED: "converged",
    STALLED: "no further progress",
    FAILED: "not finite at its start",
    RUNNING: "stopped at the limit of evaluations",
}


@final
@dataclass(frozen=True)
class StartResult:
    """Where one start ended: its loss, how it ended, and its parameters by label."""

    loss: float
    ended: str
    parameters: dict[str, float]


@final
@dataclass(frozen=True, eq=False)
class FitResult:
    """A fitted model, what is known of its parameters, and what is left unexplained.

    - `model`: the model with the fitted numbers.
    - `loss`: half the sum of squared residuals, priors included.
    - `method`, `ended`, `evaluations`: how it was found.
    - `starts`: every start, the one of the initial values first.
    - `window`: the rows that took part.
    """

    model: CompiledModel
    loss: float
    method: str
    ended: str
    evaluations: int
    starts: tuple[StartResult, ...]
    window: Window
    rule: ResidualRule
    elements: tuple[FreeElement, ...] = field(repr=False)
    z: np.ndarray = field(repr=False)
    information: Information = field(repr=False)
    layout: Layout = field(repr=False)
    predicted: np.ndarray = field(repr=False)
    row_residuals: np.ndarray = field(repr=False)

    @property
    def converged(self) -> bool:
        return self.ended in (_SAID[CONVERGED], _SAID[STALLED])

    @property
    def terms(self) -> tuple[FitTerm, ...]:
        return self.layout.terms

    @property
    def parameters(self) -> dict[str, float]:
        """Fitted values by label: `saving`, `gdp[China]`, `fertility(1000)`."""
        return {e.label: float(v) for e, v in zip(self.elements, self._values, strict=True)}

    @property
    def spec(self) -> ModelSpec:
        """The spec with the fitted values, to be saved and run elsewhere."""
        from calibration._fitted_spec import fitted_spec

        return fitted_spec(self.model, [e.name for e in self.elements])

    @cached_property
    def covariance(self) -> np.ndarray:
        """Laplace covariance of the unbounded `z`, shape `(p, p)`; see `Information`."""
        has_prior = np.diag(self.information.prior) > 0
        return covariance(self.information, self._bijection, self.z, has_prior)

    @cached_property
    def edges(self) -> Edges | None:
        """What is known of the numbers at a bound; None if there are none."""
        has_prior = np.diag(self.information.prior) > 0
        return edges(self.information, self._bijection, self.z, has_prior)

    @cached_property
    def _sd(self) -> np.ndarray:
        """Standard deviations of `z`; those of numbers at a bound say nothing."""
        sd = np.sqrt(np.diag(self.covariance))
        if self.edges is not None:
            sd[self.edges.rest] = self.edges.rest_sd()
        return sd

    def _ends(self, sd: np.ndarray) -> np.ndarray:
        """Lower and upper ends of the 90 % intervals, shape `(2, p)`."""
        z = np.stack([self.z - _NORMAL_90 * sd, self.z + _NORMAL_90 * sd])
        found = np.sort(self._x(z), axis=0)
        if self.edges is not None:
            far = self._edge_x(np.array([0.0, 0.95]))
            found[:, self.edges.index] = np.sort(far, axis=0)
        return found

    def _edge_x(self, share: np.ndarray) -> np.ndarray:
        """Values of the numbers at a bound that hold these shares of the probability between them
        and the bound, shape `(n, e)`."""
        assert self.edges is not None
        where, two = self.edges.index, np.asarray(self._bijection.two_sided)
        z = np.tile(self.z, (len(share), 1))
        d = self.edges.quantiles(np.repeat(share[:, None], len(where), axis=1))
        z[:, where] = self.edges.z(d, two)
        return self._x(z)[:, where]

    def _edge_sd(self) -> tuple[np.ndarray, np.ndarray]:
        """Standard deviations of the numbers at a bound, and how many times larger they would be
        if all between the bounds were equally likely."""
        assert self.edges is not None
        even = (np.arange(_EVEN) + 0.5) / _EVEN
        x = self._edge_x(even)
        where, two = self.edges.index, np.asarray(self._bijection.two_sided)
        prior = np.diag(self.information.prior)[where]
        z = np.tile(self.z, (_EVEN, 1))
        z[:, where] = self.edges.z(np.tile(even[:, None], (1, len(where))), two)
        vague = self._x(z)[:, where].std(axis=0)
        stated = np.array([_prior_sd(self.elements[i]) for i in where])
        return x.std(axis=0), np.where(prior > 0, np.minimum(stated, vague), vague) / x.std(axis=0)

    def table(self) -> pd.DataFrame:
        """One row a free number.

        `sd` by first order; `lower` and `upper` are the ends of the central 90 % interval;
        `learned` is the standard deviation before the data over that after. Of a number at a bound
        they are those of a density that the bounds cut off, see `Edges`: the interval then begins
        at the bound, and 5 % lie beyond its other end.
        """
        import pandas as pd

        sd = self._sd
        ends = self._ends(sd)
        side = at_bound(self._bijection, self.z)
        known = before(self.information, self._bijection) / sd
        sd = sd * np.abs(self._slopes)
        if self.edges is not None:
            at = self.edges.index
            sd[at], known[at] = self._edge_sd()
        rows = [
            {
                "parameter": e.label, "value": self._values[i], "sd": sd[i],
                "lower": min(ends[0][i], ends[1][i]), "upper": max(ends[0][i], ends[1][i]),
                "at_bound": {-1: "lower", 1: "upper"}.get(int(side[i]), ""), "unit": e.unit,
                "initial": e.initial, "prior": prior_text(e), "learned": known[i],
                "source": e.source,
            }
            for i, e in enumerate(self.elements)
        ]  # fmt: skip
        return pd.DataFrame(rows)

    def identifiability(self) -> str:
        """In words: what the data do not determine, and which parameters stand at a bound."""
        side = at_bound(self._bijection, self.z)
        reach = self._ends(self._sd)[np.where(side > 0, 0, 1), np.arange(len(side))]
        open_ = np.zeros(len(side), bool)
        if self.edges is not None:
            open_[self.edges.index] = self._edge_sd()[1] < _LEARNED
        return describe(self.information, self._bijection, self.z, self.elements, reach, open_)

    @property
    def residuals(self) -> dict[str, pd.DataFrame]:
        """By term (`variable`, or `variable:transform` where one variable has several).

        Index `time`; `observed` and `fitted` in the unit of the variable, `residual`, which is
        transform(observed) - transform(fitted), and whether the row was `used`.
        """
        names = [t.variable for t in self.terms]
        keys = [n if names.count(n) == 1 else f"{n}:{t.transform}"
                for n, t in zip(names, self.terms, strict=True)]  # fmt: skip
        return {k: self._residual_frame(i) for i, k in enumerate(keys)}

    def residual_process(self, rule: ResidualRule | None = None) -> dict[str, ResidualProcess]:
        """By series, an autoregressive process for what is left; see `ResidualRule`."""
        return residual_processes(self.layout, self.window, self.predicted, rule or self.rule)

    def draws(self, key: Array | int, n: int) -> dict[str, Array]:
        """`n` draws from the Laplace approximation: by parameter (or lookup, its y) an array of
        shape `(n, *dims)`; all inside their bounds."""
        x = self._x(self.draws_z(key, n))
        values = free_values(self.model, self._plan, x)
        return {k: jnp.asarray(v, self.model.dtype) for k, v in values.items()}

    def draws_z(self, key: Array | int, n: int) -> np.ndarray:
        """Draws of the unbounded numbers, shape `(n, p)`."""
        noise = np.asarray(jax.random.normal(as_key(key), (n, len(self.z)))).astype(np.float64)
        limit = self._bijection.limit
        if self.edges is not None:
            two = np.asarray(self._bijection.two_sided)
            return np.clip(self.edges.drawn(self.z, noise, two), -limit, limit)
        root = np.linalg.cholesky(self.covariance)
        return np.clip(self.z + noise @ root.T, -limit, limit)

    def save(self, path: str | os.PathLike[str]) -> os.PathLike[str]:
        """Writes everything, the spec included, to one `.npz` file; see `load`."""
        from calibration._result_file import write

        return write(self, path)

    @staticmethod
    def load(path: str | os.PathLike[str]) -> FitResult:
        """**Raises:** `UserError` for a file that is no saved fit."""
        from calibration._result_file import read

        return read(path)

    @cached_property
    def _bijection(self) -> Bijection:
        return bijection(self.elements, self.model.dtype)

    @cached_property
    def _plan(self) -> Plan:
        return plan(self.layout, self.elements)

    def _x(self, z: np.ndarray) -> np.ndarray:
        return np.asarray(self._bijection(jnp.asarray(z, self.model.dtype)), np.float64)

    @cached_property
    def _values(self) -> np.ndarray:
        return self._x(self.z)

    @cached_property
    def _slopes(self) -> np.ndarray:
        z = jnp.asarray(self.z, self.model.dtype)
        return np.asarray(jax.jvp(self._bijection, (z,), (jnp.ones_like(z),))[1], np.float64)

    def _residual_frame(self, i: int) -> pd.DataFrame:
        import pandas as pd

        term, series = self.terms[i], self.layout.series[i]
        fitted = self.predicted[self.layout.slices[i]]
        observed, model = (
            differenced(term.transform, series.times, transformed(term.transform, v))
            for v in (series.values, fitted)
        )
        index = pd.Index(series.times, name="time")
        columns = {"observed": series.values, "fitted": fitted, "residual": observed - model,
                   "used": used(self.layout, i, self.window)}  # fmt: skip
        return pd.DataFrame(columns, index=index)


def _prior_sd(e: FreeElement) -> float:
    if e.prior is not None and e.prior.normal is not None:
        return e.prior.normal[1]
    return np.inf


def prior_text(e: FreeElement) -> str:
    """`normal(0.24, 0.05)`, and so on; empty without a prior."""
    if e.prior is None:
        return ""
    kind = next(k for k in ("normal", "lognormal", "uniform") if getattr(e.prior, k) is not None)
    a, b = getattr(e.prior, kind)
    return f"{kind}({a:g}, {b:g})"


def start_results(
    states: Sequence[dict[str, np.ndarray]], elements: Sequence[FreeElement], b: Bijection
) -> tuple[StartResult, ...]:
    """How every start of a fit ended."""
    found = []
    for s in states:
        x = np.asarray(b(jnp.asarray(s["z"], b.span.dtype)), np.float64)
        named = {e.label: float(v) for e, v in zip(elements, x, strict=True)}
        found.append(StartResult(float(s["loss"]), _SAID[int(s["status"])], named))
    return tuple(found)
