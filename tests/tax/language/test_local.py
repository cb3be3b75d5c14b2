"""The three scenarios with a real model on this machine, offline."""

from __future__ import annotations

import numpy as np
import pytest

from tests.tax.language.town import START, cast_of, economy, society
from wmjax.llm import MemorySink, language_model, replay, run_async
from wmjax.tax._calendar import Calendar
from wmjax.tax._election import Elected
from wmjax.tax._society import History
from wmjax.tax.language import (
    COT,
    LanguageCampaign,
    LanguageElectorate,
    LanguageWorkers,
    Recall,
    Surveyed,
)


@pytest.fixture(scope="module", autouse=True)
def _server():
    pytest.importorskip("xllamacpp")
    from wmjax.llm._providers._local import stop_servers

    yield
    stop_servers()


_STEPS = {"rational": 2}  # the others ask more at a step


def _live(model, scenario: str, **options) -> History:
    calendar, town = Calendar(steps=_STEPS.get(scenario, 1), year=1), economy(2)
    cast = cast_of(model, town, calendar, recall=Recall(window=2, best=1), **options)
    force, governor = LanguageWorkers(cast), None
    if scenario != "rational":
        force = Surveyed(force, cast)
    if scenario == "democratic":
        campaign, voters = LanguageCampaign(cast, START), LanguageElectorate(cast, START)
        governor = Elected(campaign, voters, START)

    async def work() -> History:
        async with model:
            return await society(cast, town, force, governor).live(calendar)

    return run_async(work())


@pytest.mark.local_llm
@pytest.mark.parametrize("scenario", ["rational", "bounded", "democratic"])
def test_a_scenario_runs_offline_and_replays(scenario: str) -> None:
    sink = MemorySink()
    steps = _live(language_model("local", sink=sink, concurrency=1), scenario)
    assert steps and all(np.isfinite(s.welfare) for s in steps)
    hours = np.concatenate([s.hours for s in steps])
    assert np.all((hours >= 0) & (hours <= 100))
    marked = np.concatenate([s.marked for s in steps])
    assert marked.mean() < 1  # some answers of the small model are valid
    again = _live(language_model(replay(sink), repairs=1), scenario)
    assert [s.welfare for s in again] == [s.welfare for s in steps]


@pytest.mark.local_llm
def test_thoughts_are_held_to_the_schema() -> None:
    steps = _live(language_model("local", concurrency=1), "rational", prompting=COT)
    assert len(steps) == 2
