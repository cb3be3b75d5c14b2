"""The agents of a run: who they are, and how they are asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, final

import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from wmjax._errors import UserError
from wmjax.llm import LanguageModel
from wmjax.tax._calendar import Calendar
from wmjax.tax._economy import Economy
from wmjax.tax._schedule import Schedule
from wmjax.tax._society import History
from wmjax.tax.language._formulas import constants_of, utility_in_words
from wmjax.tax.language._prompting import IO, Prompting
from wmjax.tax.language._prompts import shown
from wmjax.tax.language._recall import Recall, percent_of
from wmjax.tax.personas import Persona


_CUES = ("explore", "exploit")
_EXAMPLES = (5, 10, 25, 50, 75, 90, 95, 99)  # percentiles of incomes at 40 hours


@final
@dataclass(frozen=True)
class Guidance:
    """When prompts tell agents to explore or to exploit.

    - `calendar`: workers are told to exploit at the last step of a tax year and in the phase of
      exploitation, planners in that phase; else to explore.
    - `said`: which of the two sentences are said at all; () for neither.
    """

    calendar: Calendar = Calendar()
    said: tuple[str, ...] = _CUES

    def __post_init__(self) -> None:
        if not {*self.said} <= {*_CUES}:
            raise UserError(
                "guidance", ", ".join(self.said), "some of explore and exploit, or none"
            )

    def worker(self, time: int) -> str:
        """The cue at a step: explore, exploit or none."""
        last = self.calendar.ends_year(time) or self.calendar.phase(time) == "exploit"
        return self._cue("exploit" if last else "explore")

    def planner(self, time: int) -> str:
        """The cue where rates are set."""
        exploits = self.calendar.phase(time) == "exploit"
        return self._cue("exploit" if exploits else "explore")

    def _cue(self, cue: str) -> str:
        return cue if cue in self.said else "none"


@final
@dataclass(frozen=True)
class Cast:
    """Language-model agents.

    - `model`: who answers, with its budgets, cache and log.
    - `personas`: of each worker; () for workers who are nobody in particular.
    """

    model: LanguageModel
    personas: Sequence[Persona] = ()
    prompting: Prompting = IO
    recall: Recall = Recall()
    guidance: Guidance = Guidance()

    def persona(self, worker: int, workers: int) -> str:
        """In words; empty without personas. **Raises:** `UserError` for another number of them."""
        if not self.personas:
            return ""
        if len(self.personas) != workers:
            raise UserError("personas", f"{len(self.personas)}", f"one for each of {workers}")
        return self.personas[worker].words

    def rules(self, economy: Economy) -> dict[str, Any]:
        """What the rules of a prompt need; the same for all workers and steps of a run."""
        return {
            "people": economy.skill.shape[0],
            "own_share": shown(100 / economy.skill.shape[0]),
            "most_hours": shown(economy.most_hours),
            "utility": utility_in_words(economy.decides),
            "sentences": self.prompting.sentences,
        }

    def self_portrait(self, economy: Economy, worker: int) -> dict[str, Any]:
        """What a worker knows of itself."""
        skill = np.asarray(economy.skill, float)
        regard = np.broadcast_to(np.asarray(economy.mind.regard, float), skill.shape)
        constants = constants_of(economy.decides, worker)
        return {
            "worker": worker,
            "skill": shown(skill[worker]),
            "constants": {**constants, "regard for others": shown(regard[worker])},
            "persona": self.persona(worker, len(skill)),
        }


def policy(economy: Economy, schedule: Schedule, history: History) -> dict[str, Any]:
    """What everybody knows about the rates; the same for all workers of a step."""
    floors = [shown(f) for f in np.asarray(schedule.floors, float)]
    rates = shown(percent_of(schedule))
    known = len(history) > 0
    return {
        "brackets": [list(b) for b in zip(floors, [*floors[1:], None], rates, strict=True)],
        "lump_sum": shown(history[-1].rebate) if known else "not yet known",
        "step": next_step(history),
    }


def examples(economy: Economy, schedule: Schedule) -> list[list[float]]:
    """[income, tax, percent of income] for incomes that are earned in this economy."""
    at_forty = np.percentile(np.asarray(economy.skill, float) * 40.0, _EXAMPLES)
    incomes = np.unique([float(f"{i:.2g}") for i in at_forty])
    taxes = tax_on(incomes, schedule)
    share = 100 * taxes / np.where(incomes > 0, incomes, 1.0)
    return [[shown(v) for v in row] for row in zip(incomes, taxes, share, strict=True)]


def tax_on(
    income: Float[np.ndarray, " people"], schedule: Schedule
) -> Float[np.ndarray, " people"]:
    """$ a year."""
    return np.asarray(schedule.tax(jnp.asarray(income)), float)


def next_step(history: History) -> int:
    """The number of the step that comes."""
    return history[-1].time + 1 if len(history) else 0
