"""What answers are taken for: the table of docs/tax-language.md."""

from __future__ import annotations

import json

import numpy as np
import pydantic
import pytest

from tests.tax.language.town import START, after, cast_of, economy, model_of, step
from wmjax._errors import UserError
from wmjax.llm import grammar_schema, llm_schema, run_async
from wmjax.tax import Utilitarian, schedule
from wmjax.tax._calendar import Calendar
from wmjax.tax.language import (
    IO,
    Cast,
    Guidance,
    LanguagePlanner,
    LanguageWorkers,
    Prompting,
    Recall,
    prompting,
)
from wmjax.tax.language._answers import (
    SatisfactionAnswer,
    ballot_answer,
    candidacy_answer,
    delta_answer,
    hours_answer,
)
from wmjax.tax.language._moves import moved
from wmjax.tax.language._prompting import thoughtful
from wmjax.tax.language._recall import percent_of


CALENDAR = Calendar(steps=10, year=2)
PAST = after([step(0, [40.0, 40.0, 40.0]), step(1, [41.0, 40.0, 40.0])])


def _plan(answers, start=START, **options):
    """What a planner makes of answers, the repairs included, and how often it was asked."""
    seen: list = []
    lines = iter(answers)
    model = model_of(lambda r: seen.append(r) or next(lines), repairs=1)
    cast = cast_of(model, economy(), CALENDAR, **options)
    past = after([step(0, [40.0] * 3, start)])
    return run_async(LanguagePlanner(cast, start).plan(economy(), Utilitarian(), past)), seen


@pytest.mark.parametrize(
    ("said", "points"),
    [(5, 5), (15, 15), (25, 20), (-30, -20), (0, 0), ("10%", 10), ("-7", -7), ("+3 points", 3),
     (4.0, 4), ("12.0", 12)],
)  # fmt: skip
def test_moves_are_taken_as_they_are_said(said: object, points: int) -> None:
    plan, seen = _plan([{"delta": [said, 0, 0]}])
    assert percent_of(plan.schedule) == (50 + points, 50, 50) and len(seen) == 1
    assert ("clipped" in plan.detail) == (said in (25, -30))
    if "clipped" in plan.detail:
        assert f"{said:+d} points on 50 %" in plan.detail["clipped"][0]


@pytest.mark.parametrize(
    ("bad", "words"),
    [('{"delta": [0.2, 0, 0]}', "whole percentage points, 20 and not 0.2"),
     ('{"delta": [2.5, 0, 0]}', "not a whole number"),
     ('{"delta": [NaN, 0, 0]}', "not a number"), ('{"delta": [Infinity, 0, 0]}', "not a number"),
     ('{"delta": ["much", 0, 0]}', "not a number"), ('{"delta": [true, 0, 0]}', "not a number"),
     ('{"delta": [1, 2]}', "at least 3"), ('{"delta": [1, 2, 3, 4]}', "at most 3"),
     ('{"rates": [1, 2, 3]}', "Field required"), ("Raise them a little.", "Invalid JSON"),
     ('{"delta": [1, 2', "Invalid JSON")],
)  # fmt: skip
def test_what_is_no_move_goes_back_and_then_fails_by_name(bad: str, words: str) -> None:
    mended, seen = _plan([bad, {"delta": [1, 1, 1]}])
    assert percent_of(mended.schedule) == (51, 51, 51) and mended.failed is None
    assert words in seen[1].messages[-1].content  # the model is told what is wrong
    failed, _ = _plan([bad, bad])
    assert failed.failed is not None and failed.failed.startswith("Invalid: ")
    assert percent_of(failed.schedule) == (50, 50, 50)  # the last valid decision stands


@pytest.mark.parametrize(
    "text",
    ['```json\n{"delta": [1, 2, 3]}\n```', 'I think {"delta": [1, 2, 3]} is best.',
     '{"delta": [1, 2, 3]}\n{"delta": [9, 9, 9]}', '{"delta": [1, 2, 3], "why": "so"}'],
)  # fmt: skip
def test_the_first_object_counts_whatever_is_around_it(text: str) -> None:
    plan, seen = _plan([text])
    assert percent_of(plan.schedule) == (51, 52, 53) and len(seen) == 1


def test_rates_stop_at_0_and_100_percent_and_nothing_is_rounded() -> None:
    plan, _ = _plan([{"delta": [-20, 3, 20]}], schedule("three", [5.25, 33.3, 90]))
    assert percent_of(plan.schedule) == (0, 36.3, 100)
    assert plan.detail["clipped"] == [
        "bracket 1: -20 points on 5.25 %, taken as -5.25",
        "bracket 3: +20 points on 90 %, taken as +10",
    ]


def test_a_smaller_limit_holds() -> None:
    after_move, clipped = moved(START, [4, 5, -9], 5)
    assert percent_of(after_move) == (54, 55, 45) and len(clipped) == 1


@pytest.mark.parametrize(
    ("said", "hours"),
    [(37.5, 37.5), ("40", 40.0), (0, 0.0), (100, 100.0), (-3, 0.0), (130.5, 100.0),
     (33.333, 33.333)],
)  # fmt: skip
def test_hours_are_taken_as_said_within_their_limits(said: object, hours: float) -> None:
    town = economy()
    cast = cast_of(model_of(lambda r: {"hours": said}), town, CALENDAR)
    found = run_async(LanguageWorkers(cast).decide(town, START, PAST))
    np.testing.assert_array_equal(found.hours, hours)
    outside = not 0 <= float(said) <= 100  # pyright: ignore[reportArgumentType]
    assert set(found.detail.get("clipped", {})) == ({0, 1, 2} if outside else set())


@pytest.mark.parametrize("bad", ['{"hours": NaN}', '{"hours": "many"}', "no", '{"hours": null}'])
def test_no_hours(bad: str) -> None:
    town = economy()
    script = iter([bad, bad, '{"hours": 30}', '{"hours": 20}'])
    cast = cast_of(model_of(lambda r: next(script), repairs=1, concurrency=1), town, CALENDAR)
    found = run_async(LanguageWorkers(cast).decide(town, START, PAST))
    assert np.isnan(found.hours).sum() == 1 and len(found.failed) == 1
    ((worker, why),) = found.failed.items()
    assert np.isnan(found.hours[worker]) and why.startswith("Invalid: ")


def test_several_samples_are_combined() -> None:
    town = economy()
    three = Prompting(samples=3)
    said = {0: 10, 1: 60, 2: 20}
    cast = cast_of(model_of(lambda r: {"hours": said[r.sample]}), town, CALENDAR, prompting=three)
    found = run_async(LanguageWorkers(cast).decide(town, START, PAST))
    assert found.hours.tolist() == [20, 20, 20]
    broken = {0: {"hours": 10}, 1: "no", 2: {"hours": 20}}
    cast = cast_of(model_of(lambda r: broken[r.sample], repairs=0), town, CALENDAR, prompting=three)
    found = run_async(LanguageWorkers(cast).decide(town, START, PAST))
    assert found.hours.tolist() == [15, 15, 15] and not found.failed
    deltas = {0: [1, 9, 3], 1: [7, 8, 2], 2: [4, 0, 1]}
    plan, seen = _plan([{"delta": d} for d in deltas.values()], prompting=three)
    assert percent_of(plan.schedule) == (54, 58, 52) and len(seen) == 3


def test_ballots_name_only_those_who_stand() -> None:
    ballot = ballot_answer((7, 2))
    assert ballot.model_validate_json('{"ranking": [2, 7]}').ranking == [2, 7]
    assert ballot.model_validate_json('{"ranking": []}').ranking == []
    assert ballot.model_validate_json('{"ranking": [2, 7, 2]}').ranking == [2, 7]
    for bad in ("[3]", "[2, 3]", '["7th"]', "7", "[2.5]", "null"):
        with pytest.raises(pydantic.ValidationError):
            ballot.model_validate_json(f'{{"ranking": {bad}}}')


def test_vendors_accept_every_answer_type() -> None:
    types = [hours_answer(100.0), SatisfactionAnswer, delta_answer(7, 20), candidacy_answer(3, 20),
             ballot_answer((1, 4))]  # fmt: skip
    for answer in [*types, *map(thoughtful, types)]:
        made = llm_schema(answer)
        assert made["additionalProperties"] is False and json.dumps(made)
    points = llm_schema(delta_answer(7, 20))["properties"]["delta"]
    assert points["items"]["type"] == "integer" and "-20" in json.dumps(points)
    assert "minItems 7" in points["description"]
    assert llm_schema(types[0])["properties"]["hours"]["type"] == "number"
    assert grammar_schema(types[0])["properties"]["hours"] == {
        "type": "integer", "minimum": 0, "maximum": 100
    }  # fmt: skip


def test_ways_of_asking_by_name() -> None:
    assert prompting("io") == IO and prompting("cot").sentences == 4
    assert prompting("sc").samples == 3
    with pytest.raises(Exception, match="io, cot, sc"):
        prompting("tot")


@pytest.mark.parametrize(
    ("wrong", "words"),
    [(lambda: Prompting(samples=0), "0 samples"), (lambda: Recall(window=-1), "window -1"),
     (lambda: Guidance(said=("explode",)), "explode"),
     (lambda: LanguagePlanner(Cast(model_of([])), START, most=0), "1 to 100")],
)  # fmt: skip
def test_settings_that_cannot_be(wrong, words: str) -> None:
    with pytest.raises(UserError, match=words):
        wrong()


def test_another_number_of_personas_than_of_workers() -> None:
    cast = cast_of(model_of(lambda r: {"hours": 1}), economy(4), CALENDAR)
    with pytest.raises(UserError, match="one for each of 3"):
        run_async(LanguageWorkers(cast).decide(economy(3), START, PAST))
