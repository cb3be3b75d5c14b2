"""What agents remember, and that it stays within bounds however long a run is."""

from __future__ import annotations

import gc
import tracemalloc
from dataclasses import replace

import numpy as np
import pytest

from tests.tax.language.town import (
    START,
    after,
    cast_of,
    economy,
    lively,
    model_of,
    society,
    step,
)
from wmjax.llm import run_async
from wmjax.tax import Grid, Utilitarian, Weighted, schedule
from wmjax.tax._calendar import Calendar
from wmjax.tax._society import History
from wmjax.tax._workforces import Rational
from wmjax.tax.language import LanguagePlanner, Recall
from wmjax.tax.language._recall import Best, Memories, percent_of


def test_the_best_steps_are_those_of_the_history() -> None:
    random = np.random.default_rng(0)
    rates = [schedule("flat", float(p)) for p in (10, 20)]
    steps = [
        step(t, random.integers(30, 36, 2).astype(float), rates[int(random.integers(2))],
             utility=random.integers(0, 30, 2).astype(float))
        for t in range(300)
    ]  # fmt: skip
    past = after(steps)

    def action(s):
        return percent_of(s.schedule), float(s.hours[1])

    best: Best[int] = Best(4)
    for s in steps:
        best.add(float(s.utility[1]), action(s), s.time)
    theirs = past.best(4, lambda s: float(s.utility[1]), action)
    assert best.ranked() == [s.time for s in theirs]


def test_memory_does_not_grow_with_history() -> None:
    memories, history = Memories(Recall(window=4, best=3)), History(keep=10)
    random, people = np.random.default_rng(0), range(20)

    def lived(first: int, last: int) -> int:
        nonlocal history
        for time in range(first, last):
            history = history.after(step(time, random.uniform(0.0, 100.0, 20).tolist()))
            memories.update(history, people)
        gc.collect()
        return tracemalloc.get_traced_memory()[0]

    tracemalloc.start()
    early, late = lived(0, 40), lived(40, 200)
    tracemalloc.stop()
    assert late < 1.1 * early + 20_000  # bytes; 160 steps of 20 people are 0.2 MB
    assert len(memories.best(START, 7)) == 3 and len(memories.recent(history, START, 7)) == 4


def test_prompts_do_not_grow_with_history() -> None:
    longest: dict[int, int] = {}

    def answer(request):
        step_now = request.messages[-1].content.rsplit("step ", 1)[-1].rstrip("?")
        if request.purpose == "tax: hours":
            size = sum(len(m.content) for m in request.messages)
            longest[int(step_now)] = max(longest.get(int(step_now), 0), size)
        return lively(request)

    town, calendar = economy(3), Calendar(steps=30, year=5)
    cast = cast_of(model_of(answer), town, calendar, recall=Recall(window=4, best=3))
    society(cast, town).run(calendar, keep=10)
    assert longest[29] < 1.1 * longest[8] and longest[8] > longest[0]


def test_a_planner_remembers_years_and_the_best_schedules() -> None:
    town, rates = economy(2), [schedule("three", float(p)) for p in (30, 40, 50, 60)]
    steps = [
        step(t, [40.0, 40.0], rates[t // 4], welfare=(1.0, 9.0, 5.0, 3.0)[t // 4] + t / 100)
        for t in range(16)
    ]
    seen: list = []
    calendar = Calendar(steps=40, year=4)
    cast = cast_of(
        model_of(lambda r: seen.append(r) or {"delta": [0, 0, 0]}), town, calendar,
        recall=Recall(window=2, best=3),
    )  # fmt: skip
    planner = LanguagePlanner(cast, START)
    run_async(planner.plan(town, Utilitarian(), after(steps)))
    told = seen[0].messages[1].content.split("tax years")[1]
    recent, best = told.split("best schedules")
    assert "[8, 4, [50, 50, 50], 5.105]\n[12, 4, [60, 60, 60], 3.145]\n" in recent
    assert [row.split("]")[0] for row in best.split("\n")[1:4]] == [
        "[4, 4, [40, 40, 40", "[8, 4, [50, 50, 50", "[12, 4, [60, 60, 60"
    ]  # fmt: skip
    assert run_async(planner.plan(town, Utilitarian(), after([]))).schedule is START
    assert len(seen) == 1  # nobody is asked for the rates of the first year


def test_scripted_planner_reaches_the_grid_optimum_of_a_flat_tax() -> None:
    """A planner that climbs by what its prompt tells it, over exact workers, ends at the best."""
    town = economy(5)
    welfare = Weighted(1 / town.skill * 1000)
    grid = Grid(START.floors[:1], 5.0).plan(town, welfare)
    tried: dict[int, float] = {}

    def climb(request):
        text = request.messages[1].content
        rate = int(text.split("[[0, null, ")[1].split("]")[0])
        tried[rate] = float(
            text.split("best schedules")[0].strip().split("\n")[-1].split(", ")[-1][:-1]
        )
        best = max(tried, key=lambda r: tried[r])
        options = [r for r in (best + 5, best - 5) if r not in tried and 0 <= r <= 100]
        return {"delta": [max(-20, min(20, (options[0] if options else best) - rate))]}

    calendar = Calendar(steps=40, year=1)
    flat = schedule("flat", 20)
    cast = cast_of(model_of(climb), town, calendar)
    live = replace(
        society(cast, town, Rational(), LanguagePlanner(cast, flat)), welfare=welfare, start=flat
    )  # fmt: skip
    last = live.run(calendar)[-1]
    assert percent_of(last.schedule) == pytest.approx(percent_of(grid), abs=1e-9)
