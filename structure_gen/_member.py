"""Structures that a search keeps, and what it ends with."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, final

from structure_gen._candidate import Candidate
from structure_gen._evaluation import Evaluation
from structure_gen._lineage import Round, Trial
from wmjax.spec._document import Document


Ended = Literal["nothing better", "no proposals", "rounds", "evaluations", "seconds"]
Report = Callable[[int, int, str], None]
"""Called with structures measured, those to be measured by the end of the round, and a text."""


@final
class SearchBudget(Document):
    """When a search stops: after so many evaluations (candidates measured), seconds of work, or
    rounds. Of the seconds, as many as the draft took, a third at most, are kept for the test.
    Money is limited where the language model is made."""

    evaluations: int = 400
    seconds: float | None = None
    rounds: int = 8


@final
@dataclass(frozen=True, eq=False)
class Member:
    """A structure that is kept: what was changed to get there, and at what price each."""

    candidate: Candidate
    found: Evaluation
    score: float
    """Gain over the draft less all prices [nats]."""
    trials: tuple[Trial, ...] = ()


@final
@dataclass(frozen=True, eq=False)
class Outcome:
    """All that a search did; `best` has the highest score; `spent`: the budget that kept a proposer
    from being asked; `unasked`: why others had no answer."""

    draft: Member
    best: Member
    rounds: tuple[Round, ...]
    ended: Ended
    evaluations: int
    spent: str = ""
    unasked: tuple[str, ...] = ()


@final
@dataclass(frozen=True, eq=False)
class Harvest:
    """What a round brought; `ended`: why nothing can follow it, if so."""

    trials: tuple[Trial, ...]
    children: tuple[Member, ...]
    ended: Ended | None = None


class Stop(Exception):
    """The search has to end; what was measured so far stands."""

    def __init__(self, ended: Ended) -> None:
        self.ended: Ended = ended
        super().__init__(ended)


def best_of(members: Sequence[Member], most: int) -> list[Member]:
    """The members with the highest scores, each structure once."""
    unique = {m.candidate.id: m for m in reversed(members)}
    return sorted(unique.values(), key=lambda m: (-m.score, m.candidate.id))[:most]
