"""Workers that are language models."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import final

import numpy as np

from wmjax._errors import UserError
from wmjax.tax._economy import Economy
from wmjax.tax._schedule import Schedule
from wmjax.tax._society import History, Hours, Workforce
from wmjax.tax.language._answers import HoursAnswer, SatisfactionAnswer, hours_answer
from wmjax.tax.language._cast import Cast, examples, next_step, policy, tax_on
from wmjax.tax.language._prompting import Said, consult
from wmjax.tax.language._prompts import render, shown
from wmjax.tax.language._recall import Memories
from wmjax.tax.language._together import together


@final
@dataclass
class LanguageWorkers:
    """A `Workforce` that asks a language model for the hours of each worker, all at once.

    An answer that stays invalid leaves the hours of that worker open, so that the last valid ones
    stand, marked. Hours beyond the limits are clipped, and what was said is in `detail["clipped"]`.
    Of several samples the median counts.

    - `who`: the workers that are asked; all by default.
    - `others`: decides for everybody else.

    **Raises:** `UserError` if only one of the two is given.
    """

    cast: Cast
    who: Sequence[int] | None = None
    others: Workforce | None = None
    _memories: Memories = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if (self.who is None) != (self.others is None):
            raise UserError("language workers", "`who` without `others`, or the reverse", "both")
        self._memories = Memories(self.cast.recall)

    async def decide(self, economy: Economy, schedule: Schedule, history: History) -> Hours:
        who = asked(self.who, economy)
        self._memories.update(history, who)
        shared = {
            **self.cast.rules(economy),
            **policy(economy, schedule, history),
            "examples": examples(economy, schedule),
            "cue": self.cast.guidance.worker(next_step(history)),
        }

        async def ask(worker: int) -> Said[HoursAnswer]:
            messages = render(
                "worker", **shared, **self.cast.self_portrait(economy, worker),
                recent=self._memories.recent(history, schedule, worker),
                best=self._memories.best(schedule, worker),
            )  # fmt: skip
            return await consult(
                self.cast.model, messages, hours_answer(economy.most_hours), self.cast.prompting,
                purpose="hours", actor=f"worker {worker}",
            )  # fmt: skip

        said = dict(zip(who, await together(who, ask), strict=True))
        if self.others is None:
            rest = Hours(np.full(len(who), np.nan))
        else:
            rest = await self.others.decide(economy, schedule, history)
        return _hours(rest, said, economy.most_hours)


@final
@dataclass
class Surveyed:
    """A `Workforce` whose workers are asked, after they have decided, whether they are satisfied
    with the tax policy.

    Of several samples the majority counts. A failed answer leaves that of the step before, or
    satisfaction at first; it is in `detail["unsure"]`.

    - `who`: the workers that are asked; all by default. The others count as satisfied, or as the
      workforce says.
    """

    workforce: Workforce
    cast: Cast
    who: Sequence[int] | None = None

    async def decide(self, economy: Economy, schedule: Schedule, history: History) -> Hours:
        decided = await self.workforce.decide(economy, schedule, history)
        hours = _known(decided.hours, history)
        income = np.asarray(economy.skill, float) * hours
        tax = tax_on(income, schedule)
        shared = {**self.cast.rules(economy), **policy(economy, schedule, history)}

        async def ask(worker: int) -> Said[SatisfactionAnswer]:
            messages = render(
                "satisfaction", **shared, worker=worker,
                persona=self.cast.persona(worker, len(hours)),
                hours=shown(hours[worker]), income=shown(income[worker]), tax=shown(tax[worker]),
            )  # fmt: skip
            return await consult(
                self.cast.model, messages, SatisfactionAnswer, self.cast.prompting,
                purpose="satisfaction", actor=f"worker {worker}",
            )  # fmt: skip

        who = asked(self.who, economy)
        said = dict(zip(who, await together(who, ask), strict=True))
        return _satisfied(decided, said, _before(decided, history))


def asked(who: Sequence[int] | None, economy: Economy) -> Sequence[int]:
    """The workers named, or all."""
    return range(economy.skill.shape[0]) if who is None else who


def _hours(rest: Hours, said: Mapping[int, Said[HoursAnswer]], most: float) -> Hours:
    """The hours of the others, and what was said by those who were asked."""
    hours, clipped = np.array(rest.hours, float), dict[int, str]()
    for worker, one in said.items():
        wanted = float(np.median([a.hours for a in one.answers])) if one.answers else np.nan
        hours[worker] = np.clip(wanted, 0.0, most)
        if one.answers and hours[worker] != wanted:
            clipped[worker] = f"{wanted:g} h/wk, taken as {hours[worker]:g}"
    failed = {worker: one.why for worker, one in said.items() if not one.answers}
    detail = {**rest.detail, **({"clipped": clipped} if clipped else {})}
    return replace(rest, hours=hours, failed={**rest.failed, **failed}, detail=detail)


def _known(hours: np.ndarray, history: History) -> np.ndarray:
    """Hours with those of the step before where a decision failed."""
    before = history[-1].hours if len(history) else np.zeros_like(hours)
    return np.where(np.isfinite(hours), hours, before)


def _before(decided: Hours, history: History) -> np.ndarray:
    if decided.satisfied is not None:
        return decided.satisfied
    asked_before = history[-1].satisfied if len(history) else None
    return np.ones(len(decided.hours), bool) if asked_before is None else asked_before


def _satisfied(
    decided: Hours, said: Mapping[int, Said[SatisfactionAnswer]], before: np.ndarray
) -> Hours:
    found = np.array(before, bool)
    for worker, one in said.items():
        if one.answers:
            found[worker] = _majority([a.satisfied for a in one.answers])
    unsure = {worker: one.why for worker, one in said.items() if not one.answers}
    detail = {**decided.detail, **({"unsure": unsure} if unsure else {})}
    return replace(decided, satisfied=found, detail=detail)


def _majority(votes: list[bool]) -> bool:
    """That of most; what was said first where they are equal."""
    yes = sum(votes)
    return votes[0] if 2 * yes == len(votes) else 2 * yes > len(votes)
