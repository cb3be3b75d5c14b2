"""What a planner remembers: tax years, and the best schedules however long ago."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import final

import numpy as np

from wmjax.tax._calendar import Calendar
from wmjax.tax._society import History, Step
from wmjax.tax.language._prompts import shown
from wmjax.tax.language._recall import Best, Rates, Recall, Row, percent_of


@final
@dataclass
class Year:
    """Steps in a row under one schedule."""

    first: int
    rates: Rates
    welfare: list[float] = field(default_factory=list)

    @property
    def later(self) -> float:
        """Mean welfare per head in the later half, when people know the rates."""
        return float(np.mean(self.welfare[len(self.welfare) // 2 :]))

    def row(self) -> Row:
        """[first step, steps, rates, welfare]"""
        return [self.first, len(self.welfare), shown(self.rates), shown(self.later)]


@final
class Years:
    """The last tax years and the best schedules of a run, brought up to date from its history.

    What is kept does not grow with the length of the run.
    """

    def __init__(self, recall: Recall, calendar: Calendar) -> None:
        self._recall, self._calendar = recall, calendar
        self._forget()

    def update(self, history: History) -> None:
        """Takes in the steps that are new; a run that begins again begins with an empty memory."""
        last = history[-1].time
        if last < self._seen:
            self._forget()
        for step in history if self._seen < 0 else history.window(last - self._seen):
            self._add(step)
        self._judge()
        self._seen = last

    def recent(self) -> list[Row]:
        """Rows of the last years, the oldest first."""
        return [year.row() for year in self._last]

    def best(self) -> list[Row]:
        """Rows of the best schedules, the best first."""
        return self._best.ranked()

    def _add(self, step: Step) -> None:
        rates = percent_of(step.schedule)
        same = self._last and self._last[-1].rates == rates
        if not same or self._calendar.begins_year(step.time):
            self._judge()
            self._last.append(Year(step.time, rates))
        self._last[-1].welfare.append(step.welfare)

    def _judge(self) -> None:
        if self._last:
            year = self._last[-1]
            self._best.add(year.later, year.rates, year.row())

    def _forget(self) -> None:
        self._seen = -1
        self._last: deque[Year] = deque(maxlen=max(self._recall.window, 1))
        self._best: Best[Row] = Best(self._recall.best)
