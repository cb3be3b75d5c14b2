"""The people of the loop: who works, who sets the rates, and what both remember."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol, overload, runtime_checkable

import numpy as np
from jaxtyping import Bool, Float

from wmjax.tax._economy import Economy
from wmjax.tax._schedule import Schedule
from wmjax.tax._welfare import Welfare


@dataclass(frozen=True, eq=False)
class Step:
    """One step of the record; arrays over workers in 64-bit numpy, money in $/yr, hours in h/wk.

    - `time`: the number of the step, from 0.
    - `utility`: what each worker feels, its own type and mind included (`Mind`).
    - `welfare`: per head, of the planner's welfare function, which knows no types and no moods.
    - `satisfied`: with the tax policy; None where nobody is asked.
    - `leader`: the worker that set the rates, if one was elected.
    - `marked`: the last valid decision of this worker stands in for one that failed.
    """

    time: int
    schedule: Schedule
    hours: Float[np.ndarray, " workers"]
    income: Float[np.ndarray, " workers"]
    tax: Float[np.ndarray, " workers"]
    money: Float[np.ndarray, " workers"]
    utility: Float[np.ndarray, " workers"]
    rebate: float
    welfare: float
    satisfied: Bool[np.ndarray, " workers"] | None
    leader: int | None
    marked: Bool[np.ndarray, " workers"]

    def of(self, who: Sequence[int]) -> Step:
        """The same step with some of the workers only."""
        picked = {n: getattr(self, n)[list(who)] for n in _OVER_WORKERS}
        asked = None if self.satisfied is None else self.satisfied[list(who)]
        return replace(self, satisfied=asked, **picked)


_OVER_WORKERS = ("hours", "income", "tax", "money", "utility", "marked")


class History(Sequence[Step]):
    """The steps so far, the oldest first; never changed, only grown by `after`.

    Growing takes the same time at any length, for all histories of a run share one list.

    - `keep`: how many steps are kept at most; all by default. `best` knows no others.
    """

    def __init__(self, steps: Sequence[Step] = (), keep: int | None = None) -> None:
        self._steps = list(steps)[-keep:] if keep else list(steps)
        self._length, self._keep = len(self._steps), keep

    @property
    def keep(self) -> int | None:
        """How many steps are kept at most."""
        return self._keep

    def after(self, step: Step) -> History:
        """This history and one more step."""
        grown = History.__new__(History)
        shared = self._steps
        full = self._keep is not None and self._length >= 2 * self._keep
        if full or len(shared) != self._length:
            first = self._length + 1 - self._keep if full and self._keep else 0
            shared = shared[first : self._length]
        shared.append(step)
        grown._steps, grown._length, grown._keep = shared, len(shared), self._keep
        return grown

    def of(self, who: Sequence[int]) -> History:
        """The same steps with some of the workers only."""
        return History([step.of(who) for step in self], self._keep)

    def window(self, n: int) -> Sequence[Step]:
        """The last n steps, or all if there are fewer."""
        return self[max(len(self) - n, 0) :]

    def best(
        self, n: int, value: Callable[[Step], float], action: Callable[[Step], Hashable]
    ) -> Sequence[Step]:
        """The n steps of highest value, the best first, one for each action; the latest if equal.

        What has no finite value is left out.
        """
        found: dict[Hashable, tuple[float, Step]] = {}
        for step in self:
            worth, done = value(step), action(step)
            if np.isfinite(worth) and (done not in found or worth >= found[done][0]):
                found[done] = (worth, step)
        ranked = sorted(found.values(), key=lambda one: (-one[0], -one[1].time))
        return [step for _, step in ranked[:n]]

    def _span(self) -> range:
        first = 0 if self._keep is None else max(self._length - self._keep, 0)
        return range(first, self._length)

    @overload
    def __getitem__(self, index: int) -> Step: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Step]: ...
    def __getitem__(self, index: int | slice) -> Step | Sequence[Step]:
        if isinstance(index, slice):
            return [self._steps[i] for i in self._span()[index]]
        return self._steps[self._span()[index]]

    def __len__(self) -> int:
        return len(self._span())

    def __iter__(self) -> Iterator[Step]:
        return (self._steps[i] for i in self._span())


@dataclass(frozen=True)
class Hours:
    """What a workforce decides.

    - `hours`: h/wk of each worker; NaN where the decision failed.
    - `failed`: why, by worker.
    - `satisfied`: with the tax policy, if they were asked.
    - `detail`: what else is worth recording (answers that were clipped), by name and worker.
    """

    hours: Float[np.ndarray, " workers"]
    failed: Mapping[int, str] = field(default_factory=dict)
    satisfied: Bool[np.ndarray, " workers"] | None = None
    detail: Mapping[str, Mapping[int, str]] = field(default_factory=dict)


@runtime_checkable
class Workforce(Protocol):
    """Decides how long each worker works."""

    async def decide(self, economy: Economy, schedule: Schedule, history: History) -> Hours:
        """Hours under a schedule, knowing the steps before."""
        ...


@dataclass(frozen=True)
class Plan:
    """The rates of a tax year.

    - `failed`: why the last valid schedule stands instead of a new one.
    - `leader`: the worker that set the rates, if one was elected.
    - `detail`: what else is worth recording (votes, platforms, words), as JSON values.
    """

    schedule: Schedule
    failed: str | None = None
    leader: int | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)


@runtime_checkable
class Governor(Protocol):
    """Sets the rates at the start of each tax year."""

    async def plan(self, economy: Economy, welfare: Welfare, history: History) -> Plan:
        """The rates of the year that begins; `history` is empty at the first."""
        ...


@dataclass(frozen=True)
class Candidate:
    """Somebody who stands for election, and the rates that bind if elected."""

    worker: int
    platform: Schedule
    speech: str = ""


@dataclass(frozen=True)
class Ballots:
    """How the electorate votes.

    - `rankings`: of each worker, candidates (by place in the list) it approves of or prefers, the
      best first; a single choice is a ranking of one, and () is not voting.
    - `failed`: why a ballot is missing that was wanted, by worker.
    """

    rankings: Sequence[Sequence[int]]
    failed: Mapping[int, str] = field(default_factory=dict)


@runtime_checkable
class Electorate(Protocol):
    """Votes."""

    async def ballots(
        self, economy: Economy, history: History, candidates: Sequence[Candidate]
    ) -> Ballots:
        """A ballot for each worker of the economy."""
        ...


@runtime_checkable
class Campaign(Protocol):
    """Lets workers stand for election."""

    async def platforms(
        self, economy: Economy, history: History, who: Sequence[int]
    ) -> Sequence[Candidate]:
        """The platforms of those of `who` that want to stand; may be fewer, and in any order."""
        ...
