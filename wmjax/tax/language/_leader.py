"""Elections without platforms: the winner sets the rates afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import final

from wmjax.tax._economy import Economy
from wmjax.tax._schedule import Schedule
from wmjax.tax._society import Candidate, Governor, History, Plan
from wmjax.tax._welfare import Welfare
from wmjax.tax.language._answers import delta_answer
from wmjax.tax.language._cast import Cast
from wmjax.tax.language._moves import MOST_POINTS, check_most, middle, moved
from wmjax.tax.language._people import situation
from wmjax.tax.language._prompting import consult
from wmjax.tax.language._prompts import render


@final
@dataclass(frozen=True)
class EverybodyStands:
    """A `Campaign` without platforms: all who may stand do, and the rates in force are what is
    known of them.

    - `start`: the rates before the first election.
    """

    start: Schedule

    async def platforms(
        self, economy: Economy, history: History, who: Sequence[int]
    ) -> Sequence[Candidate]:
        now = history[-1].schedule if len(history) else self.start
        return [Candidate(worker, now) for worker in who]


@final
@dataclass(frozen=True)
class LanguageLeader:
    """A `Governor` that lets the winner of an election set the rates, unbound, by language model.

    A failed answer leaves the rates of the election, and says why in `Plan.failed`.

    - `election`: such as `Elected(EverybodyStands(start), LanguageElectorate(...), start)`.
    """

    cast: Cast
    election: Governor
    most: int = MOST_POINTS

    def __post_init__(self) -> None:
        check_most(self.most)

    async def plan(self, economy: Economy, welfare: Welfare, history: History) -> Plan:
        won = await self.election.plan(economy, welfare, history)
        if won.leader is None:
            return won
        now = won.schedule
        told = situation(self.cast, economy, now, history, won.leader)
        said = await consult(
            self.cast.model, render("leader", **told, most=self.most),
            delta_answer(now.floors.shape[0], self.most), self.cast.prompting,
            purpose="leadership", actor=f"worker {won.leader}",
        )  # fmt: skip
        if not said.answers:
            return replace(won, failed=said.why)
        delta = middle(said.answers)
        schedule, clipped = moved(now, delta, self.most)
        own = {"delta": delta} | ({"clipped": clipped} if clipped else {})
        return replace(won, schedule=schedule, detail={**won.detail, **own})
