"""Candidates and voters by language model."""

from __future__ import annotations

import pytest

from tests.tax.language.town import START, after, cast_of, economy, kind, model_of, step
from wmjax.llm import Empty, run_async
from wmjax.tax import Utilitarian, schedule
from wmjax.tax._calendar import Calendar
from wmjax.tax._election import Elected
from wmjax.tax._society import Candidate
from wmjax.tax.language import (
    EverybodyStands,
    LanguageCampaign,
    LanguageElectorate,
    LanguageLeader,
    Prompting,
)
from wmjax.tax.language._recall import percent_of


CALENDAR = Calendar(steps=4, year=2)
TOWN = economy(4)


def _cast(script, **options):
    return cast_of(model_of(script, repairs=0), TOWN, CALENDAR, **options)


def test_a_subset_of_candidates_keeps_its_platforms() -> None:
    """Workers 1 and 3 stand; the winner is worker 3, with the rates of worker 3."""
    said = {
        "worker 1": {"run": True, "delta": [1, 1, 1], "speech": "one"},
        "worker 3": {"run": True, "delta": [3, 3, 3], "speech": "three"},
        "worker 0": {"run": False, "delta": [0, 0, 0], "speech": ""},
        "worker 2": Empty("nothing"),
    }

    def answer(request):
        return said[request.actor] if kind(request) == "Candidacy" else {"ranking": [3]}

    cast = _cast(answer)
    election = Elected(LanguageCampaign(cast, START), LanguageElectorate(cast, START), START)
    plan = run_async(election.plan(TOWN, Utilitarian(), after([])))
    assert plan.leader == 3 and percent_of(plan.schedule) == (53, 53, 53)
    told = {c["worker"]: (c["votes"], c["speech"]) for c in plan.detail["candidates"]}
    assert told == {1: (0, "one"), 3: (4, "three")}


def test_ballots_are_ranked_and_can_be_empty() -> None:
    said = {"worker 0": [3, 1], "worker 1": [], "worker 2": [1], "worker 3": [7]}
    cast = _cast(lambda r: {"ranking": said[r.actor]})
    stand = [Candidate(1, START), Candidate(3, schedule("three", 20))]
    found = run_async(LanguageElectorate(cast, START).ballots(TOWN, after([]), stand))
    assert [tuple(b) for b in found.rankings] == [(1, 0), (), (0,), ()]
    assert list(found.failed) == [3] and "Invalid" in found.failed[3]


def test_who_stays_at_home_is_not_asked() -> None:
    asked: list[str] = []

    def answer(request):
        asked.append(request.actor)
        return {"ranking": [1]}

    cast, stand = _cast(answer), [Candidate(1, START)]
    voters = LanguageElectorate(cast, START, turnout=0.5, seed=2)
    found = run_async(voters.ballots(TOWN, after([]), stand))
    went = [i for i, ballot in enumerate(found.rankings) if ballot]
    assert sorted(asked) == [f"worker {i}" for i in went] and 0 < len(went) < 4
    assert found.failed == {}
    nobody = LanguageElectorate(cast, START, turnout=0.0)
    assert run_async(nobody.ballots(TOWN, after([]), stand)).rankings == [()] * 4


def test_a_tie_is_broken_by_the_seed() -> None:
    cast = _cast(lambda r: {"ranking": [int(r.actor[-1]) % 2]})
    winners = {
        seed: run_async(
            Elected(EverybodyStands(START), LanguageElectorate(cast, START), START, stand=(0, 1),
                    seed=seed).plan(TOWN, Utilitarian(), after([]))
        ).leader
        for seed in (0, 1, 2, 3, 0, 5, 6, 7)
    }  # fmt: skip
    assert set(winners.values()) == {0, 1}
    again = Elected(
        EverybodyStands(START), LanguageElectorate(cast, START), START, stand=(0, 1), seed=3
    )
    assert run_async(again.plan(TOWN, Utilitarian(), after([]))).leader == winners[3]


def test_nobody_stands_and_nobody_votes() -> None:
    silent = _cast(lambda r: Empty("nothing"))
    past = after([step(0, [1.0] * 4, schedule("three", 30))])
    for campaign in (LanguageCampaign(silent, START), EverybodyStands(START)):
        plan = run_async(
            Elected(campaign, LanguageElectorate(silent, START), START).plan(
                TOWN, Utilitarian(), past
            )
        )
        assert plan.failed is not None and plan.leader is None
        assert percent_of(plan.schedule) == (30, 30, 30)


@pytest.mark.parametrize(("delta", "rates"), [([5, 30, 0], (55, 70, 50)), (None, (50, 50, 50))])
def test_an_unbound_winner_sets_the_rates(delta, rates) -> None:
    def answer(request):
        if kind(request) == "Ballot":
            return {"ranking": [2]}
        assert request.actor == "worker 2"
        return {"delta": delta} if delta else Empty("nothing")

    cast = _cast(answer)
    votes = Elected(EverybodyStands(START), LanguageElectorate(cast, START), START)
    plan = run_async(LanguageLeader(cast, votes).plan(TOWN, Utilitarian(), after([])))
    assert plan.leader == 2 and percent_of(plan.schedule) == rates
    assert (plan.failed is None) == (delta is not None)
    assert ("clipped" in plan.detail) == (delta is not None)


def test_samples_of_a_ballot_and_of_a_candidacy() -> None:
    three = Prompting(samples=3)
    ballots = {0: [3], 1: [1, 3], 2: [1]}
    cast = _cast(lambda r: {"ranking": ballots[r.sample]}, prompting=three)
    stand = [Candidate(1, START), Candidate(3, START)]
    found = run_async(LanguageElectorate(cast, START).ballots(TOWN, after([]), stand))
    assert tuple(found.rankings[0]) == (0, 1)  # most put 1 first; the first who did says the rest
    runs = {0: (True, [1, 2, 3]), 1: (False, [9, 9, 9]), 2: (True, [5, 0, 3])}
    cast = _cast(
        lambda r: {"run": runs[r.sample][0], "delta": runs[r.sample][1], "speech": str(r.sample)},
        prompting=three,
    )
    found = run_async(LanguageCampaign(cast, START).platforms(TOWN, after([]), [1]))
    assert percent_of(found[0].platform) == (51, 50, 53) and found[0].speech == "0"
