"""What agents remember: the last steps, and the best ones however long ago."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar, final

import numpy as np

from wmjax._errors import UserError
from wmjax.tax._schedule import Schedule
from wmjax.tax._society import History, Step
from wmjax.tax.language._prompts import shown


T = TypeVar("T")
Rates = tuple[float, ...]
Row = list[object]


@final
@dataclass(frozen=True)
class Recall:
    """How much is replayed in prompts.

    - `window`: of the last steps (for planners: tax years).
    - `best`: distinct actions with the highest value.
    """

    window: int = 20
    best: int = 5

    def __post_init__(self) -> None:
        if self.window < 0 or self.best < 0:
            raise UserError("recall", f"window {self.window}, best {self.best}", "numbers from 0")


@final
class Best(Generic[T]):
    """The n items of highest value, one for each action; the latest if equal. Never holds more."""

    def __init__(self, n: int) -> None:
        self._n = n
        self._found: dict[Hashable, tuple[float, int, T]] = {}
        self._count = 0

    def add(self, value: float, action: Hashable, item: T) -> None:
        """Considers an item; one without a finite value is left out."""
        self._count += 1
        known = self._found.get(action)
        if not np.isfinite(value) or (known is not None and value < known[0]):
            return
        self._found[action] = (float(value), self._count, item)
        if len(self._found) > self._n:
            least = min(self._found, key=lambda key: self._found[key][:2])
            del self._found[least]

    def ranked(self) -> list[T]:
        """The best first."""
        order = sorted(self._found.values(), key=lambda one: (-one[0], -one[1]))
        return [item for _, _, item in order]


@final
class Memories:
    """What each worker remembers of a run, brought up to date from its history.

    What is kept does not grow with the length of the run.
    """

    def __init__(self, recall: Recall) -> None:
        self._recall = recall
        self._seen = -1
        self._best: dict[int, Best[_Experience]] = {}

    def update(self, history: History, who: Sequence[int]) -> None:
        """Takes in the steps that are new; another run begins with an empty memory."""
        last = history[-1].time if len(history) else -1
        if last < self._seen or len(self._best) != len(who):
            self._seen, self._best = -1, {w: Best(self._recall.best) for w in who}
        for step in history if self._seen < 0 else history.window(last - self._seen):
            rates = percent_of(step.schedule)
            for worker, best in self._best.items():
                action = (rates, float(step.hours[worker]))
                best.add(float(step.utility[worker]), action, _experience(step, rates, worker))
        self._seen = last

    def recent(self, history: History, schedule: Schedule, worker: int) -> list[Row]:
        """Rows of the last steps, the oldest first."""
        return experience_rows(history.window(self._recall.window), schedule, worker)

    def best(self, schedule: Schedule, worker: int) -> list[Row]:
        """Rows of the best steps, the best first."""
        now = percent_of(schedule)
        return [_row(found, now) for found in self._best[worker].ranked()]


def experience_rows(steps: Sequence[Step], schedule: Schedule, worker: int) -> list[Row]:
    """What a worker did and got in some steps: see `_row`."""
    now = percent_of(schedule)
    return [_row(_experience(s, percent_of(s.schedule), worker), now) for s in steps]


def percent_of(schedule: Schedule) -> Rates:
    """Rates in percent."""
    return tuple(float(f"{100 * r:.10g}") for r in np.asarray(schedule.rates, float))


_Experience = tuple[int, tuple[float, ...], Rates]


def _experience(step: Step, rates: Rates, worker: int) -> _Experience:
    """Numbers only: a step would keep those of all workers in memory."""
    own = [float(n[worker]) for n in (step.hours, step.income, step.tax, step.money, step.utility)]
    return step.time, (*own[:3], step.rebate, *own[3:]), rates


def _row(one: _Experience, now: Rates) -> Row:
    """[step, hours, income, tax, lump sum, money, utility, rates]"""
    time, numbers, rates = one
    return [time, *(shown(n) for n in numbers), "as now" if rates == now else shown(rates)]
