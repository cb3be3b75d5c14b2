"""The settings of a tax experiment, under the names of LLM Economist where it has them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import pydantic
from pydantic import ConfigDict, Field

from wmjax._errors import UserError, UserErrors
from wmjax.tax._calendar import Calendar
from wmjax.tax._voting import RULES


Count = Annotated[int, Field(ge=1)]
Text = Annotated[str, Field(min_length=1)]
Scenario = Literal["rational", "bounded", "democratic"]


class Options(pydantic.BaseModel):
    """One run of the laboratory; docs/tax.md says what each means and how it maps to the flags of
    LLM Economist. Rates, shares and turnout are in percent, money in $/yr, time in steps.

    `checked` finds what pydantic's types do not: shares that do not add up, and the like.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    scenario: Scenario = "rational"
    num_agents: Count = 100
    agent_mix: Text = "us_income"
    skills: list[float] | Text | None = None
    worker_type: Text = "rational"
    planner_type: Text = "saez_learned"
    max_timesteps: int = 1000
    two_timescale: int = 25
    warmup: int = 0
    explore: float = 90.0
    disable_exploration: bool = False
    disable_exploitation: bool = False
    history_len: Count = 50
    prompt_algo: Literal["io", "cot", "sc"] = "io"
    bracket_setting: Text | list[float] = "three"
    rates: list[float] | float = 50.0
    percent_ego: float = 100.0
    percent_alt: float = 0.0
    percent_adv: float = 0.0
    utility: Text = "quasi_linear"
    swf_weighting: Text = "inverse_income"
    weights: list[float] | Text | None = None
    attention: float | None = None
    expected_rate: float = 0.0
    loss_aversion: float | None = None
    speed: float | None = None
    personas: Literal["none", "template", "written"] | None = None
    platforms: bool = True
    candidates: Annotated[int, Field(ge=0)] | list[int] | None = None
    voting_rule: Text = "plurality"
    turnout: float = 100.0
    elasticity: list[float] | float | None = None
    year: int = 2024
    filing: Literal["single", "married_joint"] = "single"
    grid_step: float | None = None
    starts: Count = 8
    trials: Count = 150
    seed: Annotated[int, Field(ge=0)] = 42

    @property
    def calendar(self) -> Calendar:
        """**Raises:** `UserError` for times that cannot be."""
        return Calendar(self.max_timesteps, self.two_timescale, self.warmup, self.explore / 100)

    @property
    def said(self) -> tuple[str, ...]:
        """What prompts guide to: explore, exploit."""
        silent = {"explore": self.disable_exploration, "exploit": self.disable_exploitation}
        return tuple(cue for cue, off in silent.items() if not off)

    def checked(self) -> Options:
        """**Raises:** `UserError`, or `UserErrors` with all mistakes."""
        errors = [*_shares(self), *_ranges(self), *_lists(self)]
        try:
            _ = self.calendar
        except UserErrors as error:
            errors += error.errors
        except UserError as error:
            errors.append(error)
        if errors:
            raise errors[0] if len(errors) == 1 else UserErrors(errors)
        return self


def _shares(options: Options) -> list[UserError]:
    each = (options.percent_ego, options.percent_alt, options.percent_adv)
    place = "percent_ego, percent_alt, percent_adv"
    found = " + ".join(f"{p:g}" for p in each)
    if min(each) < 0:
        return [UserError(place, found, "shares of at least 0 percent")]
    if abs(sum(each) - 100) > 1e-9:
        hint = "state all three: percent_ego=80 percent_alt=15 percent_adv=5"
        return [UserError(place, f"{found} = {sum(each):g}", "shares that add to 100", hint)]
    return []


_RANGES: dict[str, tuple[float, float, str]] = {
    "explore": (0, 100, "a share of 0 to 100 percent"),
    "turnout": (0, 100, "a share of 0 to 100 percent"),
    "expected_rate": (0, 100, "0 to 100 percent"),
    "attention": (0, 100, "0 to 100 percent"),
    "speed": (0, 100, "0 to 100 percent of the way in one step"),
    "loss_aversion": (1, 100, "a number from 1, where losses count as gains do"),
}


def _ranges(options: Options) -> list[UserError]:
    return [
        UserError(name, f"{value:g}", wanted)
        for name, (low, high, wanted) in _RANGES.items()
        if (value := getattr(options, name)) is not None and not low <= value <= high
    ]


def _lists(options: Options) -> list[UserError]:
    errors: list[UserError] = []
    if options.candidates is not None and options.candidates in ([], 0):
        hint = "leave it out and everybody may stand"
        errors.append(UserError("candidates", "nobody", "at least one worker", hint))
    if options.voting_rule not in RULES:
        errors.append(UserError("voting_rule", repr(options.voting_rule), ", ".join(RULES)))
    for number, value in enumerate(_numbers(options.elasticity)):
        if not value > 0:
            place = f"elasticity {number + 1}"
            errors.append(UserError(place, f"{value:g}", "a number above 0"))
    return errors


def _numbers(value: Any) -> list[float]:
    return list(value) if isinstance(value, list) else [] if value is None else [value]
