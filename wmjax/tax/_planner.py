"""Who sets the rates, and how."""

from __future__ import annotations

import abc
import itertools
from collections.abc import Sequence

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import optax
from jaxtyping import Array, Float

from wmjax._errors import UserError
from wmjax.tax._economy import Economy
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

    Rates are sin^2 of free numbers, so that 0 and 100 % are reached like any other rate. L-BFGS
    with a line search; the best of the starts is kept. Welfare has kinks and jumps where people
    leave a bracket, so several starts are needed, and `Grid` is the second opinion.

    - `floors`: of the brackets, $/yr.
    """

    floors: Float[Array, " brackets"]
    starts: int = 8
    iterations: int = 200

    def plan(self, economy: Economy, welfare: Welfare) -> Schedule:
        brackets = self.floors.shape[0]
        points = _spread(self.starts, brackets)
        found, value = _ascent(economy, welfare, self.floors, points, self.iterations)
        return Schedule(self.floors, found[jnp.argmax(value)])


class Grid(Planner):
    """The best of all schedules whose rates are multiples of a step.

    - `percent`: the step in percentage points. A step of 1 and two brackets are 10,201 schedules.
    """

    floors: Float[Array, " brackets"]
    percent: float = 10.0

    def plan(self, economy: Economy, welfare: Welfare) -> Schedule:
        steps = round(100 / self.percent)
        if not np.isclose(steps * self.percent, 100):
            raise UserError("grid, percent", f"{self.percent:g}", "a divisor of 100")
        ladder = np.linspace(0.0, 1.0, steps + 1)
        count = len(ladder) ** self.floors.shape[0]
        if count > _MOST:
            raise UserError(
                "grid", f"{count} schedules", f"at most {_MOST}", "take a larger step"
            )  # fmt: skip
        table = jnp.asarray(list(itertools.product(ladder, repeat=self.floors.shape[0])))
        value = _values(economy, welfare, self.floors, table)
        return Schedule(self.floors, table[jnp.argmax(value)])


_MOST = 3_000_000


@eqx.filter_jit
def _values(
    economy: Economy, welfare: Welfare, floors: Array, table: Float[Array, "schedules brackets"]
) -> Float[Array, " schedules"]:
    return jax.lax.map(lambda r: _value(economy, welfare, floors, r), table, batch_size=256)


def _value(economy: Economy, welfare: Welfare, floors: Array, rates: Array) -> Array:
    found = economy.equilibrium(Schedule(floors, rates))
    return welfare(found.utility, found.income, found.money)


def planned_welfare(economy: Economy, welfare: Welfare, schedule: Schedule) -> Float[Array, ""]:
    """Welfare per head when everybody answers best to a schedule."""
    return _value(economy, welfare, schedule.floors, schedule.rates)


def _spread(starts: int, brackets: int) -> Float[Array, "starts brackets"]:
    """Starting rates between 5 and 95 %, spread evenly over the cube (Sobol's sequence)."""
    from scipy.stats import qmc

    many = 1 << max(starts - 1, 0).bit_length()
    points = qmc.Sobol(brackets, seed=0).random(many)[:starts]
    return jnp.asarray(0.05 + 0.9 * points)


@eqx.filter_jit
def _ascent(
    economy: Economy, welfare: Welfare, floors: Array, starts: Array, iterations: int
) -> tuple[Float[Array, "starts brackets"], Float[Array, " starts"]]:
    def loss(angles: Array) -> Array:
        return -_value(economy, welfare, floors, jnp.sin(angles) ** 2)

    solver = optax.lbfgs()
    both = optax.value_and_grad_from_state(loss)

    def one(rates: Array) -> tuple[Array, Array]:
        angles = jnp.arcsin(jnp.sqrt(rates))

        def step(carry: tuple[Array, optax.OptState], _: None) -> tuple[tuple[Array, optax.OptState], None]:
            angles, state = carry
            value, slope = both(angles, state=state)
            updates, state = solver.update(
                slope, state, angles, value=value, grad=slope, value_fn=loss
            )
            return (optax.apply_updates(angles, updates), state), None

        (angles, _), _ = jax.lax.scan(step, (angles, solver.init(angles)), None, length=iterations)
        return jnp.sin(angles) ** 2, -loss(angles)

    return jax.lax.map(one, starts)


def best_of(planners: Sequence[Planner], economy: Economy, welfare: Welfare) -> Schedule:
    """The schedule of the planner whose welfare is highest: the reference for regret."""
    plans = [p.plan(economy, welfare) for p in planners]
    values = [float(planned_welfare(economy, welfare, s)) for s in plans]
    return plans[int(np.argmax(values))]
