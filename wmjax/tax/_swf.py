"""Welfare functions by name, and weights that nobody can game."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import jax.numpy as jnp

from wmjax._errors import UserError
from wmjax.tax._economy import Economy
from wmjax.tax._schedule import schedule
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


def inverse_income(economy: Economy) -> Weighted:
    """Weights of one over the income without tax (at least 1,000 $/yr), fixed before the run and of
    mean 1: what LLM Economist's welfare is meant to be, out of reach of the planner."""
    free = schedule("flat", 0.0)
    own = Economy(economy.skill, economy.preferences, economy.most_hours)
    weights = 1 / jnp.maximum(own.equilibrium(free).income, 1000.0)
    return Weighted(weights / jnp.mean(weights))


SWF_WEIGHTINGS: Mapping[str, Callable[[Economy], Welfare]] = {
    "inverse_income": inverse_income,
    "utilitarian": lambda _: Utilitarian(),
    "rawlsian": lambda _: Rawlsian(),
    "atkinson": lambda _: Atkinson(),
    "nash": lambda _: Nash(),
    "equality_productivity": lambda _: EqualityTimesProductivity(),
    "karten2025": lambda _: Karten2025(),
}
"""Welfare functions by the name that `swf_weighting` has for them."""


def make_welfare(name: str, economy: Economy) -> Welfare:
    """**Raises:** `UserError` for an unknown name."""
    if name not in SWF_WEIGHTINGS:
        raise UserError("swf_weighting", repr(name), ", ".join(SWF_WEIGHTINGS))
    return SWF_WEIGHTINGS[name](economy)
