"""Welfare functions by name, and weights that nobody can game."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import jax.numpy as jnp
import numpy as np

from wmjax._errors import UserError
from wmjax.tax._columns import numbers_of
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
"""Welfare functions by the name that `swf_weighting` has for them; `pareto` has given weights."""
WELFARES = (*SWF_WEIGHTINGS, "pareto")


def make_welfare(
    name: str, economy: Economy, weights: Sequence[float] | str | None = None
) -> Welfare:
    """A welfare function by name; `weights` are those of `pareto`.

    **Raises:** `UserError` for an unknown name, and as `pareto`.
    """
    own = pareto(name, weights, economy.skill.shape[0])
    if own is not None:
        return own
    if name not in SWF_WEIGHTINGS:
        raise UserError("swf_weighting", repr(name), ", ".join(WELFARES))
    return SWF_WEIGHTINGS[name](economy)


def pareto(
    name: str, weights: Sequence[float] | str | None, workers: int | None = None
) -> Weighted | None:
    """Weights of a list or file, scaled to mean 1; None where neither they nor `pareto` is named.

    **Raises:** `UserError` for one without the other, for another number of weights than of
    workers, and for what is no weight.
    """
    if (name == "pareto") != (weights is not None):
        found = f"{name!r} {'without' if weights is None else 'with'} weights"
        hint = "swf_weighting=pareto weights=[3,2,1], or weights=FILE.csv"
        raise UserError("swf_weighting", found, "pareto and one weight for each worker", hint)
    if weights is None:
        return None
    found = numbers_of(weights, "weights", "weight")
    if found.size != (workers or found.size):
        raise UserError("weights", f"{found.size}", f"one for each of {workers} workers")
    if not (found.size and np.isfinite(found).all() and found.min() >= 0 < found.max()):
        shown = ", ".join(f"{w:g}" for w in found[:5]) or "none"
        raise UserError("weights", shown, "numbers of at least 0, one of them above it")
    return Weighted(jnp.asarray(found / found.mean()))
