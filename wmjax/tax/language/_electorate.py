"""Language models that vote."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

from wmjax.tax._citizens import voters
from wmjax.tax._economy import Economy
from wmjax.tax._schedule import Schedule
from wmjax.tax._society import Ballots, Candidate, History
from wmjax.tax.language._answers import BallotAnswer, ballot_answer
from wmjax.tax.language._cast import Cast
from wmjax.tax.language._people import situation
from wmjax.tax.language._prompting import Said, consult
from wmjax.tax.language._prompts import render, shown
from wmjax.tax.language._recall import percent_of
from wmjax.tax.language._together import together


@final
@dataclass(frozen=True)
class LanguageElectorate:
    """An `Electorate` that asks a language model for the ballot of each worker.

    Candidates are called by the number of the worker, so that a ballot means the same whoever else
    stands; only they can be named, and who is named twice keeps the first place. A failed answer is
    no vote, with its reason in `Ballots.failed`. Of several samples the first with the favourite of
    most counts.

    - `start`: the rates before the first election.
    - `turnout`: the share that votes, drawn anew each year from `seed`; who stays at home is not
        asked.
    """

    cast: Cast
    start: Schedule
    turnout: float = 1.0
    seed: int = 0

    async def ballots(
        self, economy: Economy, history: History, candidates: Sequence[Candidate]
    ) -> Ballots:
        now = history[-1].schedule if len(history) else self.start
        names = tuple(c.worker for c in candidates)
        told = [
            {"worker": c.worker, "rates": shown(percent_of(c.platform)), "speech": c.speech}
            for c in candidates
        ]

        async def ask(worker: int) -> Said[BallotAnswer]:
            own = situation(self.cast, economy, now, history, worker)
            return await consult(
                self.cast.model, render("ballot", **own, candidates=told), ballot_answer(names),
                self.cast.prompting, purpose="ballot", actor=f"worker {worker}",
            )  # fmt: skip

        comes = voters(economy.skill.shape[0], self.turnout, self.seed, history)
        said = dict(zip(comes, await together(comes, ask), strict=True))
        place = {name: i for i, name in enumerate(names)}
        rankings = [
            tuple(place[n] for n in _combined(said[w].answers)) if w in said else ()
            for w in range(economy.skill.shape[0])
        ]
        return Ballots(rankings, {w: one.why for w, one in said.items() if not one.answers})


def _combined(answers: Sequence[BallotAnswer]) -> Sequence[int]:
    """The first answer whose favourite most name; () is a favourite like any other."""
    if not answers:
        return ()
    favourites = [tuple(a.ranking[:1]) for a in answers]
    favourite, _ = Counter(favourites).most_common(1)[0]  # the first said, of equal ones
    return answers[favourites.index(favourite)].ranking
