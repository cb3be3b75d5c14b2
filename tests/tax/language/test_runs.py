"""Whole runs by script: how often is asked, replays, memories, and who else decides."""

from __future__ import annotations

import re
from collections import Counter

import numpy as np
import pytest

from tests.tax.language.town import (
    START,
    after,
    cast_of,
    economy,
    kind,
    lively,
    model_of,
    society,
    step,
)
from wmjax._errors import BudgetSpent, UserError
from wmjax.llm import Budget, Empty, MemorySink, language_model, replay, run_async
from wmjax.store import RunStore
from wmjax.tax import Options, laboratory
from wmjax.tax._calendar import Calendar
from wmjax.tax._election import Elected
from wmjax.tax._workforces import Fixed
from wmjax.tax.language import (
    SELF_CONSISTENCY,
    EverybodyStands,
    LanguageCampaign,
    LanguageElectorate,
    LanguageLeader,
    LanguageWorkers,
    Surveyed,
    write_personas,
)
from wmjax.tax.language._recall import percent_of
from wmjax.tax.personas import facts, personas_for


N, T, K = 3, 5, 2
CALENDAR = Calendar(steps=T, year=K)
YEARS = -(-T // K)


def _counted(scenario: str, **options) -> Counter:
    """Questions by kind, in one run."""
    seen: Counter = Counter()

    def answer(request):
        seen[kind(request).split("Thought")[0]] += 1
        return {**lively(request), "run": True, "ranking": [0]}

    town = economy(N)
    cast = cast_of(model_of(answer), town, CALENDAR, **options)
    force, governor = LanguageWorkers(cast), None
    if scenario != "rational":
        force = Surveyed(force, cast)
    if scenario == "platforms":
        governor = Elected(LanguageCampaign(cast, START), LanguageElectorate(cast, START), START)
    if scenario == "democratic":
        votes = Elected(EverybodyStands(START), LanguageElectorate(cast, START), START)
        governor = LanguageLeader(cast, votes)
    society(cast, town, force, governor).run(CALENDAR)
    return seen


def test_calls_of_a_run() -> None:
    """The published counts, less the connectivity call; a platform binds, so nobody leads."""
    hours, asked = {"Hours": N * T}, {"Hours": N * T, "Satisfaction": N * T}
    assert _counted("rational") == {**hours, "Delta": YEARS - 1}
    assert _counted("bounded") == {**asked, "Delta": YEARS - 1}
    assert _counted("democratic") == {**asked, "Ballot": N * YEARS, "Delta": YEARS}
    assert _counted("platforms") == {**asked, "Candidacy": N * YEARS, "Ballot": N * YEARS}


def test_self_consistency_asks_three_times() -> None:
    assert _counted("rational", prompting=SELF_CONSISTENCY).total() == 3 * (N * T + YEARS - 1)


def _run(model, steps: int = 6, **options):
    town, calendar = economy(N), Calendar(steps=steps, year=2)
    cast = cast_of(model, town, calendar, **options)
    return society(cast, town, Surveyed(LanguageWorkers(cast), cast)).run(calendar)


def test_a_replay_gives_the_same_welfare_to_the_last_bit() -> None:
    sink = MemorySink(10_000)
    first = _run(model_of(lively, sink=sink))
    again = _run(language_model(replay(sink)))
    assert [s.welfare for s in first] == [s.welfare for s in again]
    assert len({s.welfare for s in first}) == 6  # and they are not all one
    for a, b in zip(first, again, strict=True):
        assert np.array_equal(a.hours, b.hours) and percent_of(a.schedule) == percent_of(b.schedule)


def test_a_replay_of_failures_fails_in_the_same_places() -> None:
    def moody(request):
        return Empty("nothing") if sum(map(ord, request.actor)) % 3 == 0 else lively(request)

    sink = MemorySink(10_000)
    first = _run(model_of(moody, sink=sink, repairs=0))
    again = _run(language_model(replay(sink), repairs=0))
    marks = [s.marked.tolist() for s in first]
    assert any(map(any, marks)) and marks == [s.marked.tolist() for s in again]
    assert [s.welfare for s in first] == [s.welfare for s in again]


def test_nothing_that_is_stored_is_asked_again(tmp_path) -> None:
    """A run that is cut off goes on from the store, and ends as one that was not."""
    store, calls = RunStore(tmp_path / "runs"), []

    def answer(request):
        calls.append(request)
        return lively(request)

    with store.start("tax", config={}) as whole:
        straight = _run(model_of(answer, sink=whole.exchanges), 4)
    total = len(calls)
    assert total == 4 * 2 * N + 1
    other = RunStore(tmp_path / "other")
    with pytest.raises(BudgetSpent), other.start("tax", config={}) as cut:
        _run(model_of(answer, sink=cut.exchanges, budget=Budget(calls=10)), 4)
    assert len(calls) == total + 10
    with other.start("tax", config={}) as rest:
        resumed = _run(model_of(answer, sink=rest.exchanges), 4)
    assert len(calls) == 2 * total
    assert [s.welfare for s in resumed] == [s.welfare for s in straight]


def test_the_last_valid_decision_stands_for_a_failed_one() -> None:
    town = economy(2)
    said = {("worker 0", 0): 30, ("worker 1", 0): 50, ("worker 1", 1): 55}
    time = iter([0, 0, 1, 1])

    def answer(request):
        hours = said.get((request.actor, next(time)))
        return {"hours": hours} if hours else Empty("nothing")

    cast = cast_of(model_of(answer, concurrency=1, repairs=0), town, Calendar(2, 5))
    steps = society(cast, town).run(Calendar(2, 5))
    assert steps[0].hours.tolist() == [30, 50] and steps[1].hours.tolist() == [30, 55]
    assert steps[1].marked.tolist() == [True, False]


def test_a_spent_budget_and_a_missing_answer_are_different_things() -> None:
    town = economy(2)
    cast = cast_of(model_of(lively, budget=Budget(calls=1)), town, CALENDAR)
    with pytest.raises(BudgetSpent):
        society(cast, town).run(CALENDAR)


def test_one_worker_is_asked_and_the_others_decide_otherwise() -> None:
    seen: list[str] = []

    def answer(request):
        seen.append(request.actor)
        assert "There are 3 people" in request.messages[0].content
        return {"hours": 31}

    town = economy(3)
    cast = cast_of(model_of(answer), town, Calendar(2, 5))
    force = LanguageWorkers(cast, who=(1,), others=Fixed(np.array([40.0, 45.0, 50.0])))
    steps = society(cast, town, force).run(Calendar(2, 5))
    assert steps[0].hours.tolist() == [40, 31, 50] and seen == ["worker 1"] * 2
    with pytest.raises(UserError, match="both"):
        LanguageWorkers(cast, who=(1,))


def test_satisfaction_is_asked_and_recorded() -> None:
    town = economy(3)

    def answer(request):
        if kind(request) == "Hours":
            return {"hours": 40}
        if request.actor == "worker 2":
            return Empty("nothing")
        return {"satisfied": request.actor == "worker 1"}

    cast = cast_of(model_of(answer, repairs=0), town, CALENDAR)
    force = Surveyed(LanguageWorkers(cast), cast)
    found = run_async(force.decide(town, START, after([])))
    assert found.satisfied is not None and found.satisfied.tolist() == [False, True, True]
    assert list(found.detail["unsure"]) == [2] and "Empty" in found.detail["unsure"][2]
    past = after([step(0, [1.0, 1.0, 1.0], satisfied=np.array([True, True, False]))])
    found = run_async(force.decide(town, START, past))
    assert found.satisfied is not None and found.satisfied.tolist() == [False, True, False]


def test_personas_in_the_words_of_a_model() -> None:
    people = personas_for(np.array([500.0, 900.0, 2000.0]), 1)

    def write(request):
        if "person 1:" in request.messages[1].content:
            return "no"
        return {"words": "You keep bees and never hurry, whatever the season."}

    sink = MemorySink()
    written = run_async(write_personas(model_of(write, sink=sink, repairs=0), people))
    assert list(written.failed) == [1] and written.personas[1] == people[1]
    assert written.personas[0].author == "scripted:scripted"
    assert written.personas[0].words.startswith(facts(people[0])) and "bees" in (
        written.personas[0].words
    )
    calls = len(sink.entries)
    again = run_async(write_personas(model_of(write, sink=sink, repairs=0), people))
    assert again == written
    assert len(sink.entries) == calls + 1  # what failed is asked again, and nothing else


@pytest.mark.parametrize(
    ("chosen", "counts"),
    [({"planner_type": "LLM"}, {"hours": N * T, "rates": YEARS - 1}),
     ({"scenario": "bounded", "worker_type": "ONE_LLM", "planner_type": "fixed"},
      {"hours": T, "satisfaction": T}),
     ({"scenario": "bounded", "planner_type": "llm", "personas": "written", "prompt_algo": "sc"},
      {"persona": N, "hours": 3 * N * T, "satisfaction": 3 * N * T, "rates": 3 * (YEARS - 1)}),
     ({"scenario": "democratic", "platforms": False},
      {"hours": N * T, "satisfaction": N * T, "ballot": N * YEARS, "leadership": YEARS}),
     ({"scenario": "democratic", "candidates": 2},
      {"hours": N * T, "satisfaction": N * T, "candidacy": 2 * YEARS, "ballot": N * YEARS})],
)  # fmt: skip
def test_agents_by_name(chosen: dict[str, object], counts: dict[str, int]) -> None:
    seen: Counter = Counter()

    def answer(request):
        seen[request.purpose.removeprefix("tax: ")] += 1
        assert f"There are {N} people" in request.messages[0].content or "person" in request.purpose
        stands = re.findall(r"number (\d+): rates", request.messages[1].content)
        words = {"words": "You live by the sea and sing all day long."}
        return {**lively(request), **words, "run": True, "ranking": [*map(int, stands[:1])]}

    told = {"worker_type": "LLM", "num_agents": N, "max_timesteps": T, "two_timescale": K} | chosen
    lab = laboratory(Options.model_validate(told), model_of(answer))
    assert len(lab.society.run(lab.setting.calendar)) == T
    assert seen == counts
