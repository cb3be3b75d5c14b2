"""A server that goes wrong, and one that a thousand workers ask."""

from __future__ import annotations

import random
from collections.abc import Sequence

import numpy as np
import pytest

from tests.llm.server import Wire, serving
from tests.tax.language.town import START, answering, cast_of, economy, society
from wmjax._errors import BudgetSpent
from wmjax.llm import Budget, ExchangeSink, LLMSettings, Model, language_model, run_async
from wmjax.store import RunStore
from wmjax.tax._calendar import Calendar
from wmjax.tax._election import Elected
from wmjax.tax._loop import FIRST_HOURS, Society
from wmjax.tax._society import History
from wmjax.tax.language import LanguageCampaign, LanguageElectorate, LanguageWorkers, Surveyed


FAULTS = (
    "prose", "cut json", "types", "empty", "length", "refusal", "429", "500", "529", "400", "drop",
    "cut http", "not json", "odd shape",
)  # fmt: skip


def _model(wire: Wire, sink: ExchangeSink | None = None, **options) -> Model:
    settings = LLMSettings(
        provider="openai_compatible", model="wire-1", base_urls=(f"{wire.address}/v1",),
        max_retries=0, repairs=options.pop("repairs", 0),
        concurrency=options.pop("concurrency", 16),
    )  # fmt: skip
    return language_model(settings, sink=sink, **options)


def _moody(share: float, faults: Sequence[str] = FAULTS):
    draw = random.Random(3)
    return lambda n: draw.choice(faults) if draw.random() < share else "ok"


def _lived(live: Society, model: Model, calendar: Calendar, **options) -> History:
    async def work() -> History:
        async with model:
            return await live.live(calendar, **options)

    return run_async(work())


@pytest.mark.parametrize("scenario", ["rational", "bounded", "democratic"])
def test_a_run_with_a_third_of_faults_ends(scenario: str) -> None:
    calendar, town = Calendar(steps=6, year=2), economy(5)
    plans = []
    with serving(answering(_moody(0.3))) as wire:
        model = _model(wire)
        cast = cast_of(model, town, calendar)
        force, governor = LanguageWorkers(cast), None
        if scenario != "rational":
            force = Surveyed(force, cast)
        if scenario == "democratic":
            campaign, voters = LanguageCampaign(cast, START), LanguageElectorate(cast, START)
            governor = Elected(campaign, voters, START)
        live = society(cast, town, force, governor)
        steps = _lived(live, model, calendar, watch=lambda _, plan: plans.append(plan))
    marked = np.mean([s.marked for s in steps])
    assert len(steps) == 6 and 0.1 < marked < 0.5
    assert all(np.isfinite(s.welfare) and np.all(np.isfinite(s.hours)) for s in steps)
    for before, now in zip(steps, steps[1:], strict=False):  # the last valid decision stands
        np.testing.assert_array_equal(now.hours[now.marked], before.hours[now.marked])
    if scenario == "democratic":
        assert any(p is not None and p.detail.get("failed") for p in plans)


def test_a_server_that_never_answers_leaves_a_marked_run() -> None:
    calendar, town = Calendar(steps=3, year=1), economy(2)
    plans = []
    with serving(answering(lambda n: "500")) as wire:
        model = _model(wire)
        live = society(cast_of(model, town, calendar), town)
        steps = _lived(live, model, calendar, watch=lambda _, plan: plans.append(plan))
    assert all(s.marked.all() and (s.hours == FIRST_HOURS).all() for s in steps)
    assert [p.failed is None for p in plans] == [True, False, False]
    assert all("Unavailable" in p.failed for p in plans[1:])


def test_repairs_leave_fewer_marks() -> None:
    def marks(repairs: int) -> int:
        calendar, town = Calendar(steps=4, year=4), economy(5)
        with serving(answering(_moody(0.3, ("types", "prose", "empty")))) as wire:
            model = _model(wire, repairs=repairs)
            live = society(cast_of(model, town, calendar), town)
            return sum(int(s.marked.sum()) for s in _lived(live, model, calendar))

    assert marks(4) == 0 < marks(0)


def _thousand(wire: Wire, sink, workers: int, steps: int, concurrency: int, **options):
    calendar, town = Calendar(steps=steps, year=steps), economy(workers)
    model = _model(wire, sink, concurrency=concurrency, **options)
    return _lived(society(cast_of(model, town, calendar), town), model, calendar, keep=2)


@pytest.mark.parametrize(
    ("workers", "concurrency"), [(40, 8), pytest.param(1000, 64, marks=pytest.mark.slow)]
)
def test_many_workers_are_asked_at_once_within_bounds_and_resume(
    tmp_path, workers: int, concurrency: int
) -> None:
    store, cut = RunStore(tmp_path / "runs"), 3 * workers // 2
    with serving(answering(delay=0.02)) as wire:
        with pytest.raises(BudgetSpent), store.start("tax", config={}) as run:
            limit = Budget(calls=cut)
            _thousand(wire, run.exchanges, workers, 2, concurrency, budget=limit)
        assert len(wire.acts) == cut
        with store.start("tax", config={}) as run:
            steps = _thousand(wire, run.exchanges, workers, 2, concurrency)
        assert len(wire.acts) == 2 * workers  # what was stored is not bought again
        assert concurrency / 2 < wire.most <= concurrency
    assert len(steps) == 2 and not any(s.marked.any() for s in steps)
    assert len({float(h) for h in steps[-1].hours}) > 1
