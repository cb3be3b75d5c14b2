"""From options to a society that can be run, and what it is judged by."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from wmjax._errors import UserError, UserErrors
from wmjax.llm import LanguageModel, run_async
from wmjax.tax._citizens import RationalCampaign, RationalElectorate
from wmjax.tax._conflicts import conflicts
from wmjax.tax._election import Elected
from wmjax.tax._loop import Society
from wmjax.tax._makers import language_cast
from wmjax.tax._options import Options
from wmjax.tax._population import MIXES, population, stated_skills
from wmjax.tax._registry import (
    Setting,
    check_name,
    make_governor,
    make_workforce,
    need_llm,
)
from wmjax.tax._schedule import FLOORS, schedule, us_federal
from wmjax.tax._society import Governor
from wmjax.tax._swf import WELFARES, make_welfare, pareto


@dataclass(frozen=True)
class Laboratory:
    """A society ready to live, and the setting it was made from."""

    society: Society
    setting: Setting


def laboratory(options: Options, llm: LanguageModel | None = None) -> Laboratory:
    """Makes what the options describe; neural workers are trained here.

    **Raises:** `UserError` or `UserErrors` for options that cannot be, and for agents that need a
    language model where there is none.
    """
    setting = _setting(options.checked(), llm)
    governor = _elected(setting) if options.scenario == "democratic" else None
    society = Society(
        setting.economy,
        make_workforce(options.worker_type, setting),
        governor or make_governor(options.planner_type, setting),
        setting.welfare,
        setting.start,
    )
    return Laboratory(society, setting)


def _setting(options: Options, llm: LanguageModel | None) -> Setting:
    floors = _floors(options)
    economy, personas = population(options)
    start = schedule(np.asarray(floors).tolist(), options.rates)
    welfare = make_welfare(options.swf_weighting, economy, options.weights)
    bare = Setting(options, economy, welfare, floors, start, options.calendar, personas, llm)
    if options.personas != "written":
        return bare
    from wmjax.tax.language import write_personas

    written = run_async(write_personas(bare.need_llm("personas=written"), personas))
    return replace(bare, personas=written.personas)


def _floors(options: Options) -> Float[Array, " brackets"]:
    stated = options.bracket_setting
    if isinstance(stated, list):
        return schedule(stated, 0.0).floors
    if stated.lower() == "us_fed":
        return us_federal(options.year, options.filing).floors
    if stated.lower() not in FLOORS:
        hint = "or floors in $/yr: bracket_setting=[0,50000]"
        raise UserError("bracket_setting", repr(stated), ", ".join(FLOORS), hint)
    return jnp.asarray(FLOORS[stated.lower()])


def check_options(options: Options, *, llm: bool) -> None:
    """Finds what is wrong before anything is computed.

    **Raises:** `UserError`, or `UserErrors` with all mistakes found.
    """
    errors = conflicts(options, llm=llm)
    for check in (options.checked, *_checks(options, llm)):
        try:
            check()
        except UserErrors as error:
            errors += error.errors
        except UserError as error:
            errors.append(error)
    if errors:
        raise errors[0] if len(errors) == 1 else UserErrors(errors)


def _checks(options: Options, llm: bool) -> list[Callable[[], object]]:
    checks: list[Callable[[], object]] = [
        lambda: schedule(np.asarray(_floors(options)).tolist(), options.rates),
        lambda: _known("agent_mix", options.agent_mix, MIXES),
        lambda: _known("swf_weighting", options.swf_weighting, WELFARES),
        lambda: options.skills is None or stated_skills(options.skills),
        lambda: pareto(options.swf_weighting, options.weights),
        lambda: check_name("worker_type", options.worker_type),
        lambda: check_name("planner_type", options.planner_type),
        lambda: options.utility == "prospect" or check_name("utility", options.utility),
    ]
    asked = [(n, str(getattr(options, n))) for n in ("worker_type", "planner_type", "personas")]
    wants = [f"{n}={v}" for n, v in asked if "llm" in v.lower() or v == "written"]
    return checks if llm else [*checks, *(functools.partial(need_llm, w, None) for w in wants)]


def _known(option: str, name: str, all_names: Iterable[str]) -> None:
    if name not in all_names:
        raise UserError(option, repr(name), ", ".join(all_names))


def _elected(setting: Setting) -> Governor:
    """Language models stand and vote if workers are language models; rational people otherwise."""
    options = setting.options
    approves = options.voting_rule == "approval"
    if options.worker_type.lower() == "llm":
        from wmjax.tax.language import LanguageCampaign, LanguageElectorate

        cast = language_cast(setting, "scenario=democratic worker_type=llm")
        campaign: Any = LanguageCampaign(cast, setting.start)
        electorate: Any = LanguageElectorate(
            cast, setting.start, options.turnout / 100, options.seed
        )
        if not options.platforms:
            return _unbound(setting, cast, electorate)
    else:
        campaign = RationalCampaign(setting.floors, options.grid_step)
        electorate = RationalElectorate(
            "approval" if approves else "ranked", options.turnout / 100, options.seed
        )
    return Elected(
        campaign, electorate, setting.start, options.voting_rule, _standing(setting), options.seed
    )


def _unbound(setting: Setting, cast: Any, electorate: Any) -> Governor:
    """Without platforms everybody who may stand does, and the winner sets the rates afterwards."""
    from wmjax.tax.language import EverybodyStands, LanguageLeader

    options, start = setting.options, setting.start
    votes = Elected(
        EverybodyStands(start), electorate, start, options.voting_rule, _standing(setting),
        options.seed,
    )  # fmt: skip
    return LanguageLeader(cast, votes)


def _standing(setting: Setting) -> list[int] | None:
    """Who may stand: those named, or so many drawn by the seed."""
    wanted, workers = setting.options.candidates, setting.economy.skill.shape[0]
    if not isinstance(wanted, int):
        return wanted
    random = np.random.default_rng([setting.options.seed, 6])
    return sorted(random.choice(workers, min(wanted, workers), replace=False).tolist())
