"""Voting rules against textbook profiles, and elections of rational people."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pytest

from wmjax._errors import UserError, UserErrors
from wmjax.tax import (
    RULES,
    Ballots,
    Calendar,
    Candidate,
    Economy,
    Elected,
    History,
    Plan,
    QuasiLinear,
    Rational,
    RationalCampaign,
    RationalElectorate,
    Society,
    Utilitarian,
    condorcet_winner,
    schedule,
    us_income_skills,
    voting_rule,
)


ECONOMY = Economy(us_income_skills(15), QuasiLinear())
FLAT = schedule("flat", 50)


def _won(rule: str, ballots: Sequence[Sequence[int]], candidates: int, seed: int = 0) -> int:
    return RULES[rule](ballots, candidates, np.random.default_rng(seed))


# Capitals of Tennessee: 42 % near Memphis (0), 26 % Nashville (1), 15 % Chattanooga (2), 17 %
# Knoxville (3), each ranking the cities by distance; the standard example of rules that differ.
TENNESSEE = [(0, 1, 2, 3)] * 42 + [(1, 2, 3, 0)] * 26 + [(2, 3, 1, 0)] * 15 + [(3, 2, 1, 0)] * 17


@pytest.mark.parametrize(
    ("rule", "winner"),
    [("plurality", 0), ("instant_runoff", 3), ("borda", 1), ("condorcet", 1)],
)
def test_rules_differ_on_one_profile(rule: str, winner: int) -> None:
    assert _won(rule, TENNESSEE, 4) == winner
    assert condorcet_winner(TENNESSEE, 4) == 1


def test_a_cycle_beats_nobody_and_falls_back_on_points() -> None:
    cycle = [(0, 1, 2)] * 5 + [(1, 2, 0)] * 3 + [(2, 0, 1)] * 3
    assert condorcet_winner(cycle, 3) is None
    assert _won("condorcet", cycle, 3) == _won("borda", cycle, 3) == 0


def test_approval_counts_every_name_and_empty_ballots_none() -> None:
    assert _won("approval", [(0,), (0, 1), (1,), (2, 1), ()], 3) == 1
    assert _won("plurality", [(), (), (2,)], 3) == 2
    assert _won("borda", [(1,), (), (1,)], 3) == 1


def test_ties_are_broken_by_the_seed() -> None:
    tie = [(0,), (1,), (2,)]
    won = [_won("plurality", tie, 3, seed) for seed in range(30)]
    assert set(won) == {0, 1, 2}
    assert won == [_won("plurality", tie, 3, seed) for seed in range(30)]


def test_unknown_rules_and_bad_ballots_are_named() -> None:
    with pytest.raises(UserError, match="plurality"):
        voting_rule("pluralty")
    with pytest.raises(UserError, match="empty list"):
        _election(stand=[])
    with pytest.raises(UserError, match="workers 0 to 14"):
        _plan(_election(stand=[99]))
    for rankings in ([(0,)] * 14, [(5,)] * 15, [(0, 0)] * 15):
        with pytest.raises((UserError, UserErrors)):
            _plan(_election(voters=Told(rankings), stand=[1, 2]))


@dataclass
class Told:
    """Votes as it is told."""

    rankings: Sequence[Sequence[int]]

    async def ballots(
        self, economy: Economy, history: History, candidates: Sequence[Candidate]
    ) -> Ballots:
        return Ballots(self.rankings)


@dataclass
class Silent:
    """Nobody of those asked stands but worker 12 and then 3, in that order."""

    async def platforms(
        self, economy: Economy, history: History, who: Sequence[int]
    ) -> Sequence[Candidate]:
        ask = [w for w in (12, 3) if w in who]
        return [Candidate(w, schedule("flat", float(w))) for w in ask]


def _election(
    rule: str = "plurality", voters: object | None = None, stand: Sequence[int] | None = None,
    campaign: object | None = None,
) -> Elected:  # fmt: skip
    found = campaign or RationalCampaign(FLAT.floors)
    return Elected(found, voters or RationalElectorate(), FLAT, rule, stand)  # pyright: ignore


def _plan(election: Elected, history: History | None = None) -> Plan:
    return asyncio.run(election.plan(ECONOMY, Utilitarian(), history or History()))


def test_the_platform_of_the_winner_is_its_own() -> None:  # defect 12
    plan = _plan(_election(voters=Told([(1,)] * 9 + [(0,)] * 6), campaign=Silent()))
    assert plan.leader == 3
    assert float(plan.schedule.rates[0]) == pytest.approx(0.03)
    assert plan.detail["candidates"][0]["worker"] == 12
    assert plan.detail["minority"]["share"] == pytest.approx(0.4)


def test_if_nobody_stands_or_votes_the_rates_stay() -> None:
    for plan in (
        _plan(_election(campaign=Silent(), stand=[5])),
        _plan(_election(voters=Told([()] * 15))),
    ):
        assert plan.leader is None and plan.failed
        assert float(plan.schedule.rates[0]) == 0.5


def test_the_median_voter_decides_a_flat_tax() -> None:
    # Preferences over one rate are single-peaked here, so the favourite of the median worker beats
    # all others (Romer 1975; Meltzer & Richard 1981).
    plan = _plan(_election("condorcet"))
    assert plan.detail["beats_all"] is not None
    favourites = [c["percent"][0] for c in plan.detail["candidates"]]
    assert favourites == sorted(favourites, reverse=True)
    assert float(100 * plan.schedule.rates[0]) == pytest.approx(np.median(favourites))


def test_a_favourite_is_the_best_of_all_rates() -> None:
    campaign = RationalCampaign(FLAT.floors, 1.0)
    (one,) = asyncio.run(campaign.platforms(ECONOMY, History(), [4]))
    worth = [float(ECONOMY.equilibrium(schedule("flat", p)).felt[4]) for p in range(101)]
    assert round(100 * float(one.platform.rates[0])) == int(np.argmax(worth))


def test_turnout_is_drawn_by_seed_and_year() -> None:
    voters = RationalElectorate(turnout=0.5, seed=3)
    platforms = [Candidate(0, schedule("flat", 70)), Candidate(1, schedule("flat", 10))]
    many = Economy(us_income_skills(400), QuasiLinear())
    found = asyncio.run(voters.ballots(many, History(), platforms)).rankings
    voted = [len(b) > 0 for b in found]
    assert 0.4 < np.mean(voted) < 0.6
    assert found == asyncio.run(voters.ballots(many, History(), platforms)).rankings
    with pytest.raises(UserError, match="turnout"):
        RationalElectorate(turnout=1.5)


def test_a_democracy_runs_and_binds_its_leaders() -> None:
    society = Society(ECONOMY, Rational(), _election("instant_runoff"), Utilitarian(), FLAT)
    said: list[Plan] = []
    history = society.run(Calendar(6, 3), watch=lambda _, plan: said.append(plan) if plan else None)
    assert len(said) == 2
    assert [s.leader for s in history] == [said[0].leader] * 3 + [said[1].leader] * 3
    platform = next(c for c in said[0].detail["candidates"] if c["worker"] == said[0].leader)
    assert history[0].schedule.rates[0] * 100 == pytest.approx(platform["percent"][0])
    assert set(said[0].detail["by_rule"]) == set(RULES)
    assert said[0].detail["turnout"] == 1.0
    minority = said[0].detail["minority"]
    assert minority["wished"] > minority["utility"]
