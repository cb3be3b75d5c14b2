"""A planner that is a language model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, final

import numpy as np

from wmjax.tax._economy import Economy
from wmjax.tax._schedule import Schedule
from wmjax.tax._society import History, Plan, Step
from wmjax.tax._welfare import Welfare
from wmjax.tax.language._answers import delta_answer
from wmjax.tax.language._cast import Cast, next_step, policy
from wmjax.tax.language._formulas import welfare_in_words
from wmjax.tax.language._moves import MOST_POINTS, check_most, middle, moved
from wmjax.tax.language._prompting import consult
from wmjax.tax.language._prompts import render, shown
from wmjax.tax.language._years import Years


_PERCENTILES = (10, 25, 50, 75, 90)


@final
@dataclass
class LanguagePlanner:
    """A `Governor` that asks a language model by how many percentage points each rate moves.

    - `start`: the rates of the first tax year, for which nobody is asked.
    - `most`: points that a rate moves at most in one tax year.

    A failed answer leaves the schedule as it is, and says why in `Plan.failed`. Moves that were
    clipped are in `detail["clipped"]`. Of several samples the median counts, bracket by bracket.
    """

    cast: Cast
    start: Schedule
    most: int = MOST_POINTS
    _years: Years = field(init=False, repr=False)

    def __post_init__(self) -> None:
        check_most(self.most)
        self._years = Years(self.cast.recall, self.cast.guidance.calendar)

    async def plan(self, economy: Economy, welfare: Welfare, history: History) -> Plan:
        if not len(history):
            return Plan(self.start)
        self._years.update(history)
        now = history[-1].schedule
        messages = render(
            "planner", **self.cast.rules(economy), **policy(economy, now, history),
            **_summary(history[-1], now), welfare=welfare_in_words(welfare), most=self.most,
            years=self._years.recent(), best=self._years.best(),
            cue=self.cast.guidance.planner(next_step(history)),
        )  # fmt: skip
        said = await consult(
            self.cast.model, messages, delta_answer(now.floors.shape[0], self.most),
            self.cast.prompting, purpose="rates", actor="planner",
        )  # fmt: skip
        if not said.answers:
            return Plan(now, failed=said.why)
        delta = middle(said.answers)
        schedule, clipped = moved(now, delta, self.most)
        detail = {"delta": delta} | ({"clipped": clipped} if clipped else {})
        return Plan(schedule, detail=detail)


def _summary(step: Step, schedule: Schedule) -> Mapping[str, Any]:
    """The last step in a few numbers, whatever the number of people."""
    asked = step.satisfied
    return {
        "groups": _by_bracket(step, schedule),
        "incomes": shown(np.percentile(step.income, _PERCENTILES)),
        "utilities": shown(np.percentile(step.utility, _PERCENTILES)),
        "hours": shown(np.mean(step.hours)),
        "satisfied": None if asked is None else shown(100 * np.mean(asked)),
    }


def _by_bracket(step: Step, schedule: Schedule) -> list[list[Any]]:
    """[people, mean income, mean hours, percent of all tax] of those whose income ends in it."""
    floors = np.asarray(schedule.floors, float)
    bracket = np.maximum(np.searchsorted(floors, step.income, side="right") - 1, 0)
    paid = float(np.sum(step.tax)) or 1.0
    rows = []
    for number in range(len(floors)):
        here = bracket == number
        people = int(np.sum(here))
        means = [np.mean(step.income[here]), np.mean(step.hours[here])] if people else [0.0, 0.0]
        rows.append([people, *map(shown, means), shown(100 * np.sum(step.tax[here]) / paid)])
    return rows
