"""Language models that stand for election."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

from wmjax.tax._economy import Economy
from wmjax.tax._schedule import Schedule
from wmjax.tax._society import Candidate, History
from wmjax.tax.language._answers import CandidacyAnswer, candidacy_answer
from wmjax.tax.language._cast import Cast
from wmjax.tax.language._moves import MOST_POINTS, check_most, middle, moved
from wmjax.tax.language._people import situation
from wmjax.tax.language._prompting import Said, consult
from wmjax.tax.language._prompts import render
from wmjax.tax.language._together import together


@final
@dataclass(frozen=True)
class LanguageCampaign:
    """A `Campaign` that asks workers whether they stand for election, and with which rates.

    A platform moves the rates in force; `start` are those before the first election. Whoever gives
    no valid answer does not stand. Of several samples most decide whether to stand, and the median
    of their moves is the platform.
    """

    cast: Cast
    start: Schedule
    most: int = MOST_POINTS

    def __post_init__(self) -> None:
        check_most(self.most)

    async def platforms(
        self, economy: Economy, history: History, who: Sequence[int]
    ) -> Sequence[Candidate]:
        now = history[-1].schedule if len(history) else self.start

        async def ask(worker: int) -> Candidate | None:
            told = situation(self.cast, economy, now, history, worker)
            said = await consult(
                self.cast.model, render("candidacy", **told, most=self.most),
                candidacy_answer(now.floors.shape[0], self.most), self.cast.prompting,
                purpose="candidacy", actor=f"worker {worker}",
            )  # fmt: skip
            return self._candidate(worker, now, said)

        found = await together(who, ask)
        return [candidate for candidate in found if candidate is not None]

    def _candidate(
        self, worker: int, now: Schedule, said: Said[CandidacyAnswer]
    ) -> Candidate | None:
        standing = [a for a in said.answers if a.run]
        if 2 * len(standing) <= len(said.answers):
            return None
        platform, _ = moved(now, middle(standing), self.most)
        return Candidate(worker, platform, standing[0].speech)
