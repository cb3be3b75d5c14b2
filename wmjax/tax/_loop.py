"""The two-timescale loop: a planner that moves once a tax year, workers that move at each step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from wmjax._errors import UserError
from wmjax.llm import run_async
from wmjax.tax._calendar import Calendar
from wmjax.tax._economy import Economy, Outcome
from wmjax.tax._journal import Entry, Journal
from wmjax.tax._schedule import Schedule
from wmjax.tax._society import Governor, History, Hours, Plan, Step, Workforce
from wmjax.tax._welfare import Welfare


FIRST_HOURS = 40.0  # h/wk, of a worker whose very first decision fails
Watch = Callable[[Step, Plan | None], object]


@dataclass(frozen=True)
class Society:
    """Who lives in the loop, and by which measure they are judged.

    - `start`: the rates until the governor first acts.
    """

    economy: Economy
    workforce: Workforce
    governor: Governor
    welfare: Welfare
    start: Schedule

    async def live(
        self, calendar: Calendar, *, journal: Journal | None = None, keep: int | None = None,
        watch: Watch | None = None,
    ) -> History:  # fmt: skip
        """Runs to the end of the calendar.

        At the first step of a tax year the governor sets the rates; then, as at every step, the
        workers decide, pay, and share what was paid. A decision that failed is replaced by the last
        valid one of that worker and marked. What the journal holds already is not decided again.

        **Arguments:**

        - `keep`: how many steps the history holds at most.
        - `watch`: called with each step, and with the plan where rates were set; also for steps of
            the journal.

        **Raises:** `UserError` for decisions of the wrong length, and what the parts raise.
        """
        history, schedule, leader = History(keep=keep), self.start, None
        done = journal.entries() if journal else iter(())
        for time in range(calendar.steps):
            known = next(done, None)
            entry = known or await self._decide(time, calendar, schedule, history)
            if entry.plan is not None:
                schedule, leader = entry.plan.schedule, entry.plan.leader
            step = self._settled(entry, schedule, leader, history)
            if journal and known is None:
                journal.append(entry)
            history = history.after(step)
            if watch is not None:
                watch(step, entry.plan)
        return history

    def run(
        self, calendar: Calendar, *, journal: Journal | None = None, keep: int | None = None,
        watch: Watch | None = None,
    ) -> History:  # fmt: skip
        """`live` for those who do not await."""
        return run_async(self.live(calendar, journal=journal, keep=keep, watch=watch))

    async def _decide(
        self, time: int, calendar: Calendar, schedule: Schedule, history: History
    ) -> Entry:
        plan = None
        if calendar.begins_year(time):
            plan = await self.governor.plan(self.economy, self.welfare, history)
            schedule = plan.schedule
        decided = await self.workforce.decide(self.economy, schedule, history)
        return Entry(time, _checked(decided, self.economy), plan)

    def _settled(
        self, entry: Entry, schedule: Schedule, leader: int | None, history: History
    ) -> Step:
        decided = entry.decided
        marked = ~np.isfinite(decided.hours)
        last = history[-1].hours if len(history) else np.full_like(decided.hours, FIRST_HOURS)
        hours = np.where(marked, last, decided.hours)
        found, welfare = _outcome(self.economy, self.welfare, schedule, jnp.asarray(hours))
        own = {n: np.asarray(getattr(found, n), float) for n in ("income", "tax", "money")}
        return Step(
            entry.time, schedule, hours, utility=np.asarray(found.felt, float),
            rebate=float(found.rebate), welfare=float(welfare), satisfied=decided.satisfied,
            leader=leader, marked=marked, **own,
        )  # fmt: skip


@eqx.filter_jit
def _outcome(
    economy: Economy, welfare: Welfare, schedule: Schedule, hours: Float[Array, " workers"]
) -> tuple[Outcome, Float[Array, ""]]:
    found = economy.step(schedule, hours)
    return found, welfare(found.utility, found.income, found.money)


def _checked(decided: Hours, economy: Economy) -> Hours:
    """Hours of the right number; those that nobody can work have failed."""
    workers, hours = economy.skill.shape[0], np.asarray(decided.hours, float)
    if hours.shape != (workers,):
        found = f"{hours.size} decisions"
        raise UserError("workforce", found, f"hours for each of {workers} workers")
    if decided.satisfied is not None and np.shape(decided.satisfied) != (workers,):
        found = f"{np.size(decided.satisfied)} answers"
        raise UserError("workforce, satisfied", found, f"one from each of {workers} workers")
    outside = np.flatnonzero(np.isfinite(hours) & ((hours < 0) | (hours > economy.most_hours)))
    limit = f"hours outside 0 to {economy.most_hours:g}"
    failed = {int(i): f"{hours[i]:g} {limit}" for i in outside}
    return replace(
        decided,
        hours=np.where(np.isin(np.arange(workers), outside), np.nan, hours),
        failed={**decided.failed, **failed},
    )
