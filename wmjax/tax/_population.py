"""Who lives in an experiment: skills, types, minds and personas."""

from __future__ import annotations

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from wmjax._errors import UserError
from wmjax.tax._columns import numbers_of
from wmjax.tax._economy import Economy
from wmjax.tax._mind import ADVERSARIAL, ALTRUISTIC, EGOTISTICAL, Mind
from wmjax.tax._options import Options
from wmjax.tax._preferences import Preferences, QuasiLinear
from wmjax.tax._prospect import Prospect
from wmjax.tax._registry import make_preferences
from wmjax.tax._skills import given_skills, uniform_skills, us_income_skills
from wmjax.tax.personas import Persona, draw_personas, efforts_of, personas_for, skills_of


ATTENTION = 0.8
"""Of bounded workers by default: 43 % take their average for their marginal rate (Rees-Jones &
Taubinsky 2020, Review of Economic Studies 87, 2399-2438), which is about half of it."""
LOSS_AVERSION = 2.25  # Tversky & Kahneman 1992, see `Prospect`
MIXES = ("us_income", "us_income_even", "uniform", "census")


def population(options: Options) -> tuple[Economy, tuple[Persona, ...]]:
    """The economy of the options, and who its workers are where personas are wanted: by default in
    the scenarios `bounded` and `democratic`.

    **Raises:** `UserError` or `UserErrors` for a mix that there is not and for skills below 0.
    """
    skill, personas = _people(options)
    return _economy(options, skill, personas), personas


def _people(options: Options) -> tuple[Float[Array, " workers"], tuple[Persona, ...]]:
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


def stated_skills(stated: list[float] | str) -> Float[Array, " workers"]:
    """Skills of a list or a file. **Raises:** as `numbers_of` and `given_skills`."""
    return given_skills(numbers_of(stated, "skills", "skill"))


def _skills(options: Options) -> Float[Array, " workers"]:
    if options.skills is not None:
        return stated_skills(options.skills)
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
