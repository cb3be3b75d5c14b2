"""Options that would be ignored beside others, and settings under which rates do nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import jax.numpy as jnp

from wmjax._errors import UserError
from wmjax.tax._options import Options
from wmjax.tax._schedule import schedule
from wmjax.tax._welfare import Karten2025


if TYPE_CHECKING:
    from wmjax.tax._registry import Setting


def conflicts(options: Options, *, llm: bool) -> list[UserError]:
    """What was asked for and would have no effect."""
    return [
        error
        for error in (_unasked(options) if llm else None, _unbound(options), _skills(options))
        if error is not None
    ]


def _unasked(options: Options) -> UserError | None:
    """A language model that nobody would ask; agents of entry points may ask one."""
    from wmjax.tax._makers import PLANNERS, WORKERS

    worker, planner = options.worker_type.lower(), options.planner_type.lower()
    elected = options.scenario == "democratic"
    asked = worker in ("llm", "one_llm") or worker not in WORKERS or options.personas == "written"
    if asked or (not elected and (planner == "llm" or planner not in PLANNERS)):
        return None
    agents = f"worker_type={options.worker_type}"
    if not elected:
        agents += f" and planner_type={options.planner_type}"
    others = "" if elected else ", planner_type=llm"
    hint = f"worker_type=llm{others} or personas=written asks it; or leave llm= out"
    return UserError("llm", f"a language model, and {agents}", "somebody who asks it", hint)


def _unbound(options: Options) -> UserError | None:
    elected, speak = options.scenario == "democratic", options.worker_type.lower() == "llm"
    if options.platforms or not elected or speak:
        return None
    hint = "rational winners are bound to what they promise; or set worker_type=llm"
    found = f"false with worker_type={options.worker_type}"
    return UserError("platforms", found, "true", hint)


def _skills(options: Options) -> UserError | None:
    if not isinstance(options.skills, list):
        return None
    count, default = len(options.skills), Options.model_fields["num_agents"].default
    if options.num_agents in (count, default):
        return None
    hint = f"leave num_agents out, or num_agents={count}"
    return UserError("num_agents", f"{options.num_agents} and {count} skills", f"{count}", hint)


def cautions(setting: Setting) -> tuple[str, ...]:
    """What a reader has to know before the numbers, in sentences."""
    said = []
    if isinstance(setting.welfare, Karten2025):
        said.append(
            "swf_weighting=karten2025 is the published sum of utility over income, per head: "
            "exploitable, as a planner gains most by making people idle. Compare welfare within "
            "this run only."
        )
    if setting.floors.shape[0] > 1:
        free = setting.economy.equilibrium(schedule("flat", 0))
        most, second = float(jnp.max(free.income)), float(setting.floors[1])
        if most <= second:
            said.append(
                f"No income reaches the second bracket at {second:,.0f} $/yr (the highest without "
                f"tax is {most:,.0f}): the rates above the first do nothing."
            )
            if setting.options.agent_mix == "uniform":
                said.append(
                    "agent_mix=uniform draws hourly wages, to which utility=published and lower "
                    "floors belong: bracket_setting=[0,2000,8000]."
                )
    return tuple(said)
