"""What agents remember, and that it stays within bounds however long a run is."""

from __future__ import annotations

import gc
import json
import tracemalloc
from dataclasses import replace
from pathlib import Path

import jax.numpy as jnp
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
from wmjax.tax import (
    Economy,
    Grid,
    Journal,
    QuasiLinear,
    Society,
    Utilitarian,
    Weighted,
    planned_welfare,
    schedule,
)
from wmjax.tax._calendar import Calendar
from wmjax.tax._society import History
from wmjax.tax._workforces import Rational
from wmjax.tax.language import LanguagePlanner, Recall
from wmjax.tax.language._recall import Best, Memories, percent_of


def test_the_best_steps_are_those_of_the_history() -> None:
    random = np.random.default_rng(0)
    rates = [schedule("flat", float(p)) for p in (10, 20)]
    steps = [
        step(t, [float(h) for h in random.integers(30, 36, 2)], rates[int(random.integers(2))],
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
            history = history.after(step(time, [float(h) for h in random.uniform(0.0, 100.0, 20)]))
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


class Climber:
    """Pattern search by nothing but what the prompt tells: tax years with rates and welfare."""

    def __init__(self) -> None:
        self.known: dict[tuple[int, ...], float] = {}
        self.reach = 16

    def __call__(self, request) -> dict[str, list[int]]:
        told = request.messages[1].content.split("tax years")[1].split("best schedules")[0]
        for line in told.strip().split("\n")[1:]:
            _, _, rates, welfare = json.loads(line)
            self.known[tuple(rates)] = welfare
        now = tuple(json.loads(told.strip().split("\n")[-1])[2])
        return {"delta": [b - a for a, b in zip(now, self.goal(), strict=True)]}

    def goal(self) -> tuple[int, ...]:
        best = max(self.known, key=lambda r: self.known[r])
        around = [(best[0] + i * self.reach, best[1] + j * self.reach)
                  for i, j in ((1, 0), (-1, 0), (0, 1), (0, -1))]  # fmt: skip
        new = [r for r in around if r not in self.known and 0 <= min(r) and max(r) <= 100]
        if not new and self.reach > 1:
            self.reach //= 2
            return self.goal()
        return new[0] if new else best


def test_two_workers_and_two_brackets_by_a_scripted_planner() -> None:
    """It ends within a cell of the best of all 101 x 101 schedules."""
    town = Economy(jnp.array([500.0, 2000.0]), QuasiLinear())
    welfare, floors = Weighted(jnp.array([1.6, 0.4])), [0.0, 30_000.0]
    best = Grid(jnp.asarray(floors), 1.0).plan(town, welfare)
    calendar, start = Calendar(steps=60, year=1), schedule(floors, 50)
    cast = cast_of(model_of(Climber()), town, calendar, recall=Recall(window=2, best=1))
    planner = LanguagePlanner(cast, start, most=100)
    last = Society(town, Rational(), planner, welfare, start).run(calendar)[-1]
    np.testing.assert_allclose(percent_of(last.schedule), percent_of(best), atol=1.0)
    assert last.welfare == pytest.approx(float(planned_welfare(town, welfare, best)), rel=1e-6)


def test_memories_come_back_with_a_run_that_is_resumed(tmp_path) -> None:
    """Prompts after a resumption are those of a run that was never cut, so that the cache fits."""

    def lived(steps: int, path: Path) -> list[float]:
        town, calendar = economy(3), Calendar(steps=8, year=2)
        cast = cast_of(model_of(lively), town, calendar, recall=Recall(window=2, best=2))
        with Journal(path) as journal:
            return [s.welfare for s in society(cast, town).run(
                replace(calendar, steps=steps), journal=journal
            )]  # fmt: skip

    straight = lived(8, tmp_path / "straight.jsonl")
    lived(5, tmp_path / "cut.jsonl")
    assert lived(8, tmp_path / "cut.jsonl") == straight
