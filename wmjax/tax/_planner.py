"""Who sets the rates, and how."""

from __future__ import annotations

import abc
import itertools
from collections.abc import Sequence

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float
from scipy.optimize import minimize
from scipy.stats import qmc

from wmjax._errors import UserError
from wmjax.tax._economy import Economy, picked
from wmjax.tax._polish import polished
from wmjax.tax._schedule import Schedule
from wmjax.tax._welfare import Welfare


class Planner(eqx.Module):
    """Chooses a schedule for an economy whose workers answer best to it."""

    @abc.abstractmethod
    def plan(self, economy: Economy, welfare: Welfare) -> Schedule:
        """The schedule that it would set."""


class Held(Planner):
    """A schedule as it is: a statutory one with its own brackets, or one rate for all."""

    schedule: Schedule

    def plan(self, economy: Economy, welfare: Welfare) -> Schedule:
        return self.schedule


class Gradient(Planner):
    """Ascent of welfare along its exact derivative through the best response, from several starts.

    L-BFGS-B of SciPy within 0 and 100 %; the best of the starts is kept. Welfare has kinks and
    jumps where people leave a bracket, so several starts are needed, the end of the best is
    `polished` (but for large populations, where kinks average out), and `Grid` is the second
    opinion.

    - `floors`: of the brackets, $/yr.
    - `first`: whose rates are one more start; with `Grid` the result is never worse than its.
    """

    floors: Float[Array, " brackets"]
    starts: int = 8
    iterations: int = 200
    first: Planner | None = None

    def plan(self, economy: Economy, welfare: Welfare) -> Schedule:
        points = [*_spread(self.starts, self.floors.shape[0])]
        if self.first is not None:
            points.append(np.asarray(self.first.plan(economy, welfare).rates, float))
        found = [self._ascent(economy, welfare, point) for point in points]
        _, rates = max(found, key=lambda one: one[0])
        if economy.skill.shape[0] <= LARGE:
            rates = polished(lambda t: self._worth(economy, welfare, t), rates)
        return Schedule(self.floors, jnp.asarray(rates, self.floors.dtype))

    def _worth(self, economy: Economy, welfare: Welfare, table: np.ndarray) -> np.ndarray:
        return np.asarray(_values(economy, welfare, self.floors, jnp.asarray(table)), float)

    def _ascent(
        self, economy: Economy, welfare: Welfare, start: np.ndarray
    ) -> tuple[float, np.ndarray]:
        scale, best = 1.0, (-np.inf, start)

        def loss(rates: np.ndarray) -> tuple[float, np.ndarray]:
            nonlocal best
            value, slope = _value_and_slope(economy, welfare, self.floors, jnp.asarray(rates))
            if float(value) > best[0]:  # where welfare jumps the last point need not be the best
                best = float(value), rates.copy()
            return -float(value) / scale, -np.asarray(slope, float) / scale

        # The stopping rules of the method are absolute, so slopes are made of order 1.
        scale = float(np.abs(loss(start)[1]).max()) or 1.0
        options = {"maxiter": self.iterations, "ftol": 1e-16, "gtol": 1e-9}
        bounds = [(0.0, 1.0)] * len(start)
        minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds, options=options)
        return best


LARGE = 20_000
"""Workers beyond which searches look at a sample first."""


class Sampled(Planner):
    """What a planner sets for a sample of a large population: `most` workers, those in the middle
    of equal parts by skill. Smaller populations are taken whole."""

    planner: Planner
    most: int = LARGE

    def plan(self, economy: Economy, welfare: Welfare) -> Schedule:
        workers = economy.skill.shape[0]
        if workers <= self.most:
            return self.planner.plan(economy, welfare)
        middle = ((np.arange(self.most) + 0.5) * workers / self.most).astype(int)
        who = jnp.argsort(economy.skill)[middle]
        return self.planner.plan(picked(economy, workers, who), picked(welfare, workers, who))


class Grid(Planner):
    """The best of all schedules whose rates are multiples of a step.

    - `percent`: the step in percentage points. A step of 1 and two brackets are 10,201 schedules.
        None takes the finest step with at most 20,000 schedules.
    """

    floors: Float[Array, " brackets"]
    percent: float | None = 10.0

    def plan(self, economy: Economy, welfare: Welfare) -> Schedule:
        table = jnp.asarray(ladder(self.floors.shape[0], self.percent))
        value = _values(economy, welfare, self.floors, table)
        return Schedule(self.floors, table[jnp.argmax(value)])


def ladder(
    brackets: int, percent: float | None, most: int = 20_000
) -> Float[np.ndarray, "schedules brackets"]:
    """All rates that are multiples of a step, 0 to 1; without a step, the finest that has at most
    `most` schedules.

    **Raises:** `UserError` for a step that does not divide 100, and for far too many schedules.
    """
    if percent is None:
        fine = (s for s in (1, 2, 4, 5, 10, 20, 25) if (100 // s + 1) ** brackets <= most)
        percent = next(fine, 50)
    steps = round(100 / percent)
    if not np.isclose(steps * percent, 100):
        raise UserError("grid, percent", f"{percent:g}", "a divisor of 100")
    count = (steps + 1) ** brackets
    if count > _MOST:
        raise UserError("grid", f"{count} schedules", f"at most {_MOST}", "take a larger step")
    rungs = np.linspace(0.0, 1.0, steps + 1)
    return np.array(list(itertools.product(rungs, repeat=brackets)))


_MOST = 3_000_000


@eqx.filter_jit
def _values(
    economy: Economy, welfare: Welfare, floors: Array, table: Float[Array, "schedules brackets"]
) -> Float[Array, " schedules"]:
    return jax.lax.map(lambda r: _value(economy, welfare, floors, r), table, batch_size=256)


def _value(economy: Economy, welfare: Welfare, floors: Array, rates: Array) -> Array:
    found = economy.equilibrium(Schedule(floors, rates))
    return welfare(found.utility, found.income, found.money)


@eqx.filter_jit
def planned_welfare(economy: Economy, welfare: Welfare, schedule: Schedule) -> Float[Array, ""]:
    """Welfare per head when everybody answers best to a schedule."""
    return _value(economy, welfare, schedule.floors, schedule.rates)


def _spread(starts: int, brackets: int) -> Float[np.ndarray, "starts brackets"]:
    """Starting rates between 5 and 95 %, spread evenly over the cube (Sobol's sequence)."""
    many = 1 << max(starts - 1, 0).bit_length()
    return 0.05 + 0.9 * qmc.Sobol(brackets, rng=0).random(many)[:starts]


@eqx.filter_jit
def _value_and_slope(
    economy: Economy, welfare: Welfare, floors: Array, rates: Float[Array, " brackets"]
) -> tuple[Float[Array, ""], Float[Array, " brackets"]]:
    return jax.value_and_grad(lambda r: _value(economy, welfare, floors, r))(rates)


def best_of(planners: Sequence[Planner], economy: Economy, welfare: Welfare) -> Schedule:
    """The schedule of the planner whose welfare is highest: the reference for regret."""
    plans = [p.plan(economy, welfare) for p in planners]
    values = [float(planned_welfare(economy, welfare, s)) for s in plans]
    return plans[int(np.argmax(values))]
