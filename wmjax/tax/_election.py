"""Rates by election: candidates, a vote, and a winner bound to its platform."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from wmjax._errors import UserError, UserErrors
from wmjax.tax._economy import Economy
from wmjax.tax._schedule import Schedule
from wmjax.tax._society import (
    Ballots,
    Campaign,
    Candidate,
    Electorate,
    History,
    Plan,
)
from wmjax.tax._voting import (
    RULES,
    check_ballots,
    condorcet_winner,
    first_places,
    voting_rule,
)
from wmjax.tax._welfare import Welfare


@dataclass(frozen=True)
class Elected:
    """A worker elected each tax year sets the rates it stood for.

    Candidates are kept by worker, platforms are new each year, ballots are checked, ties are broken
    by lot from `seed` and the time. If nobody stands or nobody votes the rates stay.

    - `stand`: workers who may stand; all by default.
    - `rule`: plurality, approval, instant_runoff, borda or condorcet.
    - `before`: the rates that stay if the first election has no winner.

    **Raises:** `UserError` for an unknown rule, an empty list of candidates and workers that are
    not there; at an election for ballots that are none.
    """

    campaign: Campaign
    electorate: Electorate
    before: Schedule
    rule: str = "plurality"
    stand: Sequence[int] | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        voting_rule(self.rule)
        if self.stand is not None and not len(self.stand):
            hint = "leave it out and everybody may stand"
            raise UserError("candidates", "an empty list", "at least one worker", hint)

    async def plan(self, economy: Economy, welfare: Welfare, history: History) -> Plan:
        held = history[-1].schedule if len(history) else self.before
        who = self._standing(economy.skill.shape[0])
        candidates = list(await self.campaign.platforms(economy, history, who))
        _check_candidates(candidates, who)
        if not candidates:
            return Plan(held, "nobody stands")
        ballots = await self.electorate.ballots(economy, history, candidates)
        check_ballots(ballots.rankings, economy.skill.shape[0], len(candidates))
        if not any(len(b) for b in ballots.rankings):
            return Plan(held, "nobody votes", detail={"failed": _texts(ballots)})
        time = history[-1].time + 1 if len(history) else 0
        won = RULES[self.rule](ballots.rankings, len(candidates), self._tie(time))
        said = _said(candidates, ballots, won) | _by_rule(ballots, candidates, self._tie, time)
        said |= minority(economy, candidates, ballots, won)
        return Plan(candidates[won].platform, leader=candidates[won].worker, detail=said)

    def _standing(self, workers: int) -> list[int]:
        who = list(range(workers)) if self.stand is None else list(self.stand)
        absent = [w for w in who if not 0 <= w < workers]
        if absent:
            wanted = f"workers 0 to {workers - 1}"
            raise UserError("candidates", ", ".join(map(str, absent)), wanted)
        return who

    def _tie(self, time: int) -> np.random.Generator:
        return np.random.default_rng([self.seed, 3, time])


def minority(
    economy: Economy, candidates: Sequence[Candidate], ballots: Ballots, won: int
) -> dict[str, Any]:
    """How those fare who did not put the winner first.

    **Returns:** their share of the voters; the mean utility, in equilibrium under the winner, of
    them and of the others; and what they would have had under their first choice.
    """
    firsts = np.array([b[0] if len(b) else -1 for b in ballots.rankings])
    lost, with_winner = (firsts >= 0) & (firsts != won), firsts == won
    now = np.asarray(economy.equilibrium(candidates[won].platform).felt, float)
    wished = now.copy()
    for choice in np.unique(firsts[lost]):
        other = np.asarray(economy.equilibrium(candidates[choice].platform).felt, float)
        wished = np.where(firsts == choice, other, wished)
    means = {"utility": now[lost], "utility_of_majority": now[with_winner], "wished": wished[lost]}
    found = {n: float(np.mean(v)) if v.size else None for n, v in means.items()}
    return {"minority": {"share": float(lost.sum() / max((firsts >= 0).sum(), 1)), **found}}


def _said(candidates: Sequence[Candidate], ballots: Ballots, won: int) -> dict[str, Any]:
    votes = first_places(ballots.rankings, len(candidates))
    voted = sum(1 for b in ballots.rankings if len(b))
    return {
        "winner": candidates[won].worker,
        "turnout": voted / len(ballots.rankings),
        "failed": _texts(ballots),
        "candidates": [
            {
                "worker": c.worker,
                "percent": (100 * np.asarray(c.platform.rates, float)).tolist(),
                "votes": int(n),
                "speech": c.speech,
            }
            for c, n in zip(candidates, votes, strict=True)
        ],
    }


def _by_rule(
    ballots: Ballots, candidates: Sequence[Candidate], tie: Any, time: int
) -> dict[str, Any]:
    """Who each rule would have made the winner, and who beats all others, if anybody does."""
    each = {
        name: candidates[rule(ballots.rankings, len(candidates), tie(time))].worker
        for name, rule in RULES.items()
    }
    beats = condorcet_winner(ballots.rankings, len(candidates))
    beats_all = None if beats is None else candidates[beats].worker
    return {"by_rule": each, "beats_all": beats_all}


def _texts(ballots: Ballots) -> dict[str, str]:
    return {str(worker): why for worker, why in ballots.failed.items()}


def _check_candidates(candidates: Sequence[Candidate], who: Sequence[int]) -> None:
    stood = [c.worker for c in candidates]
    errors = [
        UserError("candidates", f"worker {w}", "only those who may stand")
        for w in stood if w not in set(who)
    ]  # fmt: skip
    if len(set(stood)) != len(stood):
        errors.append(UserError("candidates", "a worker twice", "each at most once"))
    if errors:
        raise errors[0] if len(errors) == 1 else UserErrors(errors)
