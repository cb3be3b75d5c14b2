"""From options to a society that can be run, and what it is judged by."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from wmjax._errors import UserError, UserErrors
from wmjax.llm import LanguageModel
from wmjax.tax._economy import Economy
from wmjax.tax._election import Elected, Unannounced
from wmjax.tax._loop import Society
from wmjax.tax._mind import ADVERSARIAL, ALTRUISTIC, EGOTISTICAL, Mind
from wmjax.tax._options import Options
from wmjax.tax._preferences import Preferences, QuasiLinear
from wmjax.tax._prospect import Prospect
from wmjax.tax._registry import (
    Setting,
    check_name,
    make_governor,
    make_preferences,
    make_workforce,
)
from wmjax.tax._schedule import FLOORS, Schedule, schedule
from wmjax.tax._skills import given_skills, uniform_skills, us_income_skills
from wmjax.tax._society import Governor
from wmjax.tax._welfare import (
    Atkinson,
    EqualityTimesProductivity,
    Karten2025,
    Nash,
    Rawlsian,
    Utilitarian,
    Weighted,
    Welfare,
)
from wmjax.tax.personas import Persona, draw_personas, efforts_of, personas_for, skills_of


ATTENTION = 0.8
"""Of bounded workers by default: 43 % take their average for their marginal rate (Rees-Jones &
Taubinsky 2020, Review of Economic Studies 87, 2399-2438), which is about half of it."""
LOSS_AVERSION = 2.25  # Tversky & Kahneman 1992, see `Prospect`
MIXES = ("us_income", "us_income_even", "uniform", "census")


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
    skill, personas = _people(options, floors)
    economy = _economy(options, skill, personas)
    start = schedule(np.asarray(floors).tolist(), options.rates)
    welfare = make_welfare(options.swf_weighting, economy)
    bare = Setting(options, economy, welfare, floors, start, options.calendar, personas, llm)
    if options.personas != "written":
        return bare
    from wmjax.tax.language import write_personas

    written = asyncio.run(write_personas(bare.need_llm("personas=written"), personas))
    return replace(bare, personas=written.personas)


def _floors(options: Options) -> Float[Array, " brackets"]:
    stated = options.bracket_setting
    if isinstance(stated, list):
        return schedule(stated, 0.0).floors
    if stated.lower() not in FLOORS:
        hint = "or floors in $/yr: bracket_setting=[0,50000]"
        raise UserError("bracket_setting", repr(stated), ", ".join(FLOORS), hint)
    return jnp.asarray(FLOORS[stated.lower()])


def _people(
    options: Options, floors: Array
) -> tuple[Float[Array, " workers"], tuple[Persona, ...]]:
    """Skills of all, and who they are where personas are wanted."""
    wanted = options.personas
    if wanted is None:
        wanted = "none" if options.scenario == "rational" else "template"
    if options.agent_mix == "census" and options.skills is None:
        people = draw_personas(options.num_agents, options.seed)
        return jnp.asarray(skills_of(people)), people if wanted != "none" else ()
    skill = _skills(options)
    if wanted == "none":
        return skill, ()
    return skill, personas_for(np.asarray(skill, float), options.seed)


def _skills(options: Options) -> Float[Array, " workers"]:
    if options.skills is not None:
        return given_skills(options.skills)
    count, key = options.num_agents, jax.random.key(options.seed)
    if options.agent_mix == "us_income_even":
        return us_income_skills(count)
    makers = {"us_income": us_income_skills, "uniform": uniform_skills}
    if options.agent_mix not in makers:
        hint = "or give them: skills=[500,1000,2000]"
        raise UserError("agent_mix", repr(options.agent_mix), ", ".join(MIXES), hint)
    return makers[options.agent_mix](count, key)


def _economy(
    options: Options, skill: Float[Array, " workers"], personas: tuple[Persona, ...]
) -> Economy:
    name = "quasi_linear" if options.utility == "prospect" else options.utility
    preferences = make_preferences(name)
    if personas and isinstance(getattr(preferences, "cost", None), float):
        own: Any = preferences
        preferences = eqx.tree_at(
            lambda p: p.cost, own, own.cost * jnp.asarray(efforts_of(personas))
        )
    if options.utility == "prospect":
        preferences = _averse(preferences, skill, options.loss_aversion or LOSS_AVERSION)
    return Economy(skill, preferences, mind=_mind(options, skill, preferences))


def _averse(preferences: Preferences, skill: Array, aversion: float) -> Preferences:
    """Losses are felt below what 40 hours earn before tax."""
    if not isinstance(preferences, QuasiLinear):
        raise UserError(
            "loss_aversion", f"utility={type(preferences).__name__}", "utility=quasi_linear",
            "losses are measured in money",
        )  # fmt: skip
    return Prospect(skill * 40.0, aversion, preferences)


def _mind(options: Options, skill: Float[Array, " workers"], preferences: Preferences) -> Mind:
    bounded = options.scenario == "bounded"
    attention = options.attention
    if attention is None:
        attention = 100 * ATTENTION if bounded else 100.0
    aversion = options.loss_aversion
    if aversion is None and bounded and isinstance(preferences, QuasiLinear):
        aversion = LOSS_AVERSION
    plain = aversion is None or isinstance(preferences, Prospect)
    feels = None if plain else _averse(preferences, skill, aversion or LOSS_AVERSION)
    return Mind(
        jnp.asarray(regards(options, skill.shape[0])), attention / 100,
        options.expected_rate / 100, feels,
    )  # fmt: skip


def regards(options: Options, workers: int) -> Float[np.ndarray, " workers"]:
    """Regard for others of each worker, by the shares of the three types, dealt out by the seed.

    Counts are rounded so that they add up (largest remainders).
    """
    shares = np.array([options.percent_ego, options.percent_alt, options.percent_adv]) / 100
    counts = np.floor(shares * workers + 1e-9).astype(int)
    left = np.argsort(-(shares * workers - counts), kind="stable")[: workers - counts.sum()]
    counts[left] += 1
    types = np.repeat([EGOTISTICAL, ALTRUISTIC, ADVERSARIAL], counts)
    return np.random.default_rng([options.seed, 5]).permutation(types)


def inverse_income(economy: Economy) -> Weighted:
    """Weights of one over the income without tax (at least 1,000 $/yr), fixed before the run and of
    mean 1: what LLM Economist's welfare is meant to be, out of reach of the planner."""
    free = schedule("flat", 0.0)
    own = Economy(economy.skill, economy.preferences, economy.most_hours)
    weights = 1 / jnp.maximum(own.equilibrium(free).income, 1000.0)
    return Weighted(weights / jnp.mean(weights))


def make_welfare(name: str, economy: Economy) -> Welfare:
    """A welfare function by the name of `swf_weighting`.

    **Raises:** `UserError` for an unknown name.
    """
    plain = {
        "utilitarian": Utilitarian, "rawlsian": Rawlsian, "atkinson": Atkinson, "nash": Nash,
        "equality_productivity": EqualityTimesProductivity, "karten2025": Karten2025,
    }  # fmt: skip
    if name == "inverse_income":
        return inverse_income(economy)
    if name not in plain:
        raise UserError("swf_weighting", repr(name), ", ".join(("inverse_income", *plain)))
    return plain[name]()


def check_options(options: Options, *, llm: bool) -> None:
    """Finds what is wrong before anything is computed.

    **Raises:** `UserError`, or `UserErrors` with all mistakes found.
    """
    errors: list[UserError] = []
    for check in (options.checked, *_checks(options, llm)):
        try:
            check()
        except UserErrors as error:
            errors += error.errors
        except UserError as error:
            errors.append(error)
    if errors:
        raise errors[0] if len(errors) == 1 else UserErrors(errors)


def _checks(options: Options, llm: bool) -> list[Any]:
    needs = [n for n in ("worker_type", "planner_type") if "llm" in getattr(options, n).lower()]
    needs += ["personas"] if options.personas == "written" else []
    bare: Any = Setting(options, *(None,) * 5)  # pyright: ignore[reportArgumentType]
    asks = [lambda what=f"{n}={getattr(options, n)}": bare.need_llm(what) for n in needs]
    return [
        lambda: schedule(np.asarray(_floors(options)).tolist(), options.rates),
        lambda: options.skills is None or given_skills(options.skills),
        lambda: check_name("worker_type", options.worker_type),
        lambda: check_name("planner_type", options.planner_type),
        lambda: options.utility == "prospect" or check_name("utility", options.utility),
        *([] if llm else asks),
    ]


def _elected(setting: Setting) -> Governor:
    """Language models stand and vote if workers are language models; rational people otherwise."""
    from wmjax.tax._citizens import RationalCampaign, RationalElectorate
    from wmjax.tax._makers import language_cast

    options = setting.options
    approves = options.voting_rule == "approval"
    if options.worker_type.lower() == "llm":
        from wmjax.tax.language import LanguageCampaign, LanguageElectorate

        cast = language_cast(setting, "scenario=democratic worker_type=llm")
        campaign: Any = LanguageCampaign(cast, setting.start)
        electorate: Any = LanguageElectorate(cast, setting.start)
        if not options.platforms:
            electorate = Unannounced(electorate, setting.start)
    else:
        campaign = RationalCampaign(setting.floors, options.grid_step)
        electorate = RationalElectorate(
            "approval" if approves else "ranked", options.turnout / 100, options.seed
        )
    return Elected(
        campaign, electorate, setting.start, options.voting_rule, _standing(setting), options.seed
    )


def _standing(setting: Setting) -> list[int] | None:
    """Who may stand: those named, or so many drawn by the seed."""
    wanted, workers = setting.options.candidates, setting.economy.skill.shape[0]
    if not isinstance(wanted, int):
        return wanted
    random = np.random.default_rng([setting.options.seed, 6])
    return sorted(random.choice(workers, min(wanted, workers), replace=False).tolist())
