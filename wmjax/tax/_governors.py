"""Planners in the loop."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from wmjax.tax._calendar import Calendar
from wmjax.tax._economy import Economy
from wmjax.tax._saez import Saez, bracket_rates, social_weights
from wmjax.tax._schedule import Schedule
from wmjax.tax._society import History, Plan, Step
from wmjax.tax._welfare import Welfare


@runtime_checkable
class Plans(Protocol):
    """What `Planner` is, for classes that do not inherit from it."""

    def plan(self, economy: Economy, welfare: Welfare) -> Schedule:
        """The schedule that it would set."""
        ...


@dataclass(frozen=True)
class Computed:
    """A planner that knows the economy: it computes its rates once and holds them."""

    planner: Plans
    _found: list[tuple[Economy, Welfare, Plan]] = field(default_factory=list, repr=False)

    async def plan(self, economy: Economy, welfare: Welfare, history: History) -> Plan:
        known = [p for e, w, p in self._found if e is economy and w is welfare]
        if not known:
            known = [self._made(economy, welfare)]
            self._found[:] = [(economy, welfare, known[0])]
        return known[0]

    def _made(self, economy: Economy, welfare: Welfare) -> Plan:
        if not isinstance(self.planner, Saez):
            return Plan(self.planner.plan(economy, welfare))
        found = self.planner.solve(economy, welfare)
        return Plan(found.schedule, detail={"converged": found.converged, "move": found.move})


@dataclass(frozen=True)
class Learner:
    """The rates of Saez from nothing but what was observed, as a tax office could find them.

    While the calendar says explore, each rate is shaken by up to `shake`, so that incomes tell
    their elasticity (the perturbation of LLM Economist's later scripts, 5 percentage points); each
    bracket's is the slope of log income on log(1 - rate) over the same workers between the ends of
    two tax years. Year by year rates move by `damping` towards the first-order condition at the
    incomes observed (`bracket_rates`). Before the first estimate the elasticity is `guess`.
    """

    floors: Float[Array, " brackets"]
    calendar: Calendar
    seed: int = 0
    guess: float = 0.4
    shake: float = 0.05
    damping: float = 0.5

    async def plan(self, economy: Economy, welfare: Welfare, history: History) -> Plan:
        elasticity = observed_elasticity(self._years(history), self.floors, self.guess)
        time = history[-1].time + 1 if len(history) else 0
        centre = self._centre(economy, welfare, history, elasticity)
        rates = centre
        if self.calendar.phase(time) == "explore":
            rng = np.random.default_rng([self.seed, 2, time])
            rates = centre + rng.uniform(-self.shake, self.shake, centre.shape)
        said = {"elasticity": elasticity.tolist(), "centre": centre.tolist()}
        chosen = jnp.asarray(np.clip(rates, 0.0, 0.99))
        return Plan(Schedule(self.floors, chosen), detail=said)

    def _years(self, history: History) -> list[Step]:
        """The last step of each tax year."""
        return [s for s in history if self.calendar.ends_year(s.time)]

    def _centre(
        self, economy: Economy, welfare: Welfare, history: History, elasticity: np.ndarray
    ) -> np.ndarray:
        if not len(history):
            return np.full(len(self.floors), 0.5)
        last = history[-1]
        weights = social_weights(economy, welfare, last.schedule)
        income, before = jnp.asarray(last.income), jnp.asarray(last.schedule.rates)
        found = bracket_rates(income, weights, self.floors, jnp.asarray(elasticity), before)
        return np.asarray(before + self.damping * (found - before), float)


def observed_elasticity(
    years: list[Step], floors: Float[Array, " brackets"], guess: float
) -> Float[np.ndarray, " brackets"]:
    """By bracket, from the steps given: the slope of changes of log income of the same worker on
    changes of log(1 - rate), between 0.01 and 5; `guess` where there is nothing to learn from."""
    above, across = np.zeros(len(floors)), np.zeros(len(floors))
    for before, after in zip(years, years[1:], strict=False):
        places = [_place(s.income, np.asarray(floors)) for s in (before, after)]
        keep = [np.log(1 - np.asarray(s.schedule.rates, float)) for s in (before, after)]
        stayed = (places[0] == places[1]) & (before.income > 0) & (after.income > 0)
        moved = np.log(after.income[stayed] / before.income[stayed])
        change = (keep[1] - keep[0])[places[1][stayed]]
        above += np.bincount(places[1][stayed], moved * change, len(floors))
        across += np.bincount(places[1][stayed], change**2, len(floors))
    known = across > 1e-12
    slope = above / np.where(known, across, 1.0)
    return np.where(known, np.clip(slope, 0.01, 5.0), guess)


def _place(income: np.ndarray, floors: np.ndarray) -> np.ndarray:
    return np.maximum(np.searchsorted(floors, income, side="right") - 1, 0)


def smoothed(
    estimates: Float[np.ndarray, " n"], keep: float = 0.98, start: float = 0.5
) -> Float[np.ndarray, " n"]:
    """Estimates averaged over time, `keep` of the old each time: as the AI Economist smooths its
    elasticity (arXiv 2108.02755)."""
    found, value = [], start
    for estimate in estimates:
        value = keep * value + (1 - keep) * float(estimate)
        found.append(value)
    return np.asarray(found)
