"""Workforces that need no language model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float

from wmjax.tax._economy import Economy, Outcome
from wmjax.tax._schedule import Schedule
from wmjax.tax._society import History, Hours, Workforce
from wmjax.tax.personas import Persona, content


@dataclass(frozen=True)
class Fixed:
    """Everybody works the same hours whatever happens."""

    hours: Float[np.ndarray, " workers"]

    async def decide(self, economy: Economy, schedule: Schedule, history: History) -> Hours:
        return Hours(np.asarray(self.hours, float))


def fixed_hours(workers: int, seed: int) -> Float[np.ndarray, " workers"]:
    """Hours drawn evenly between 40 and 60, as those of the fixed workers of LLM Economist."""
    return np.random.default_rng([seed, 1]).uniform(40.0, 60.0, workers)


@dataclass(frozen=True)
class Rational:
    """Everybody answers best to the rates, and to the rebate if it matters, at once."""

    async def decide(self, economy: Economy, schedule: Schedule, history: History) -> Hours:
        return Hours(_best(economy, schedule))


@dataclass(frozen=True)
class Bounded:
    """People who change their habits slowly and compare taxes with none.

    Hours move by `speed` of the way to what the mind of the worker holds best: adjustment is
    costly (Chetty 2012, Econometrica 80, 969-1018). A worker is satisfied with the tax policy if it
    feels no worse off than with neither tax nor rebate; a persona is, if net tax is within what it
    tolerates. What the worker sees wrongly and how it feels losses is part of the economy: `Mind`.

    - `speed`: 1 changes at once.
    - `personas`: of all workers, or none.
    """

    speed: float = 0.3
    personas: Sequence[Persona] = ()

    async def decide(self, economy: Economy, schedule: Schedule, history: History) -> Hours:
        wanted = _best(economy, schedule)
        free = Schedule(jnp.zeros(1), jnp.zeros(1))
        if len(history):
            wanted = history[-1].hours + self.speed * (wanted - history[-1].hours)
        return Hours(wanted, satisfied=self._content(economy, schedule, free, wanted))

    def _content(
        self, economy: Economy, schedule: Schedule, free: Schedule, hours: np.ndarray
    ) -> Bool[np.ndarray, " workers"]:
        found = _settled(economy, schedule, jnp.asarray(hours))
        if self.personas:
            income, tax = np.asarray(found.income), np.asarray(found.tax)
            return content(self.personas, income, tax, float(found.rebate))
        alone = _settled(economy, free, jnp.asarray(_best(economy, free)))
        return _no_worse(np.asarray(found.felt), np.asarray(alone.felt))


def _no_worse(now: np.ndarray, before: np.ndarray) -> Bool[np.ndarray, " workers"]:
    return now >= before - 1e-9 * np.abs(before)


def _best(economy: Economy, schedule: Schedule) -> Float[np.ndarray, " workers"]:
    return np.asarray(economy.equilibrium(schedule).hours, float)


@eqx.filter_jit
def _settled(economy: Economy, schedule: Schedule, hours: Float[Array, " workers"]) -> Outcome:
    return economy.step(schedule, hours)


@dataclass(frozen=True)
class Mixed:
    """Some workers decide in one way, all others in another.

    Both see the economy and the past of their own workers only, under the rates of all.
    """

    who: Sequence[int]
    some: Workforce
    others: Workforce
    _seen: dict[bool, History] = field(default_factory=dict, repr=False, compare=False)

    async def decide(self, economy: Economy, schedule: Schedule, history: History) -> Hours:
        count = economy.skill.shape[0]
        rest = [i for i in range(count) if i not in set(self.who)]
        hours, failed = np.full(count, np.nan), dict[int, str]()
        detail: dict[str, dict[int, str]] = {}
        satisfied: np.ndarray | None = None
        for mine, who, force in ((True, list(self.who), self.some), (False, rest, self.others)):
            if not who:
                continue
            past = self._past(mine, who, history)
            found = await force.decide(economy.of(who), schedule, past)
            hours[who] = found.hours
            failed |= _renamed(found.failed, who)
            for name, by_worker in found.detail.items():
                detail[name] = detail.get(name, {}) | _renamed(by_worker, who)
            if found.satisfied is not None:
                satisfied = np.ones(count, bool) if satisfied is None else satisfied
                satisfied[who] = found.satisfied
        return Hours(hours, failed, satisfied, detail)

    def _past(self, mine: bool, who: Sequence[int], history: History) -> History:
        """The past of some workers, grown by what is new since it was last asked for."""
        seen = self._seen.get(mine)
        known = seen[-1].time if seen else -1
        if seen is None or (len(history) and history[-1].time < known) or not len(history):
            seen, known = History(keep=history.keep), -1
        for step in history.window(len(history) if known < 0 else history[-1].time - known):
            seen = seen.after(step.of(who))
        self._seen[mine] = seen
        return seen


def _renamed(failed: Mapping[int, str], who: Sequence[int]) -> dict[int, str]:
    return {who[i]: why for i, why in failed.items()}
