"""Preferences and welfare in words, from the numbers that the economy computes with."""

from __future__ import annotations

import functools

import equinox as eqx
import numpy as np

from wmjax.tax._preferences import Isoelastic, Preferences, QuasiLinear
from wmjax.tax._prospect import Prospect
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
from wmjax.tax.language._prompts import shown


@functools.singledispatch
def utility_in_words(preferences: Preferences) -> str:
    """The formula of a utility, constants by name; register your own class to have it told to
    language models, whose prompts else name the class and quote its first line."""
    return _named(preferences)


@utility_in_words.register
def _(preferences: QuasiLinear) -> str:
    return "money - cost * hours ^ exponent"


@utility_in_words.register
def _(preferences: Isoelastic) -> str:
    return (
        "((money / scale) ^ (1 - aversion) - 1) / (1 - aversion) - cost * hours ^ exponent, with "
        "the natural logarithm of money / scale where aversion is 1"
    )


@utility_in_words.register
def _(preferences: Prospect) -> str:
    return (
        "money - (aversion - 1) * max(reference - money, 0) - work.cost * hours ^ work.exponent; "
        "money below the reference hurts more than money above it pleases"
    )


def constants_of(preferences: Preferences, worker: int) -> dict[str, float]:
    """The constants of a worker's utility by name."""
    found: dict[str, float] = {}
    for name, value in vars(preferences).items():
        if isinstance(value, Preferences):
            inner = constants_of(value, worker)
            found |= {f"{name}.{key}": number for key, number in inner.items()}
        elif eqx.is_array_like(value):
            found[name] = shown(_own(value, worker))  # pyright: ignore[reportArgumentType]
    return found


def _own(value: object, worker: int) -> float:
    """The worker's number of an array over workers, or the one for all."""
    each = np.asarray(value, float).reshape(-1)
    return float(each[worker] if len(each) > 1 else each[0])


@functools.singledispatch
def welfare_in_words(welfare: Welfare) -> str:
    """What a planner is told to maximise; register your own class as for `utility_in_words`."""
    return _named(welfare)


@welfare_in_words.register
def _(welfare: Utilitarian) -> str:
    return "the mean of the utility of all people"


@welfare_in_words.register
def _(welfare: Weighted) -> str:
    weights = np.asarray(welfare.weights, float)
    return (
        "the mean of the utility of all people, each multiplied by a weight that is fixed for the "
        f"person; weights run from {weights.min():.3g} to {weights.max():.3g}"
    )


@welfare_in_words.register
def _(welfare: Rawlsian) -> str:
    return "the utility of the person who is worst off"


@welfare_in_words.register
def _(welfare: Atkinson) -> str:
    return (
        "the equal amount of money that would be as good as what people have, for an aversion to "
        f"inequality of {float(welfare.aversion):g} (0 counts the mean only)"
    )


@welfare_in_words.register
def _(welfare: Nash) -> str:
    return f"the mean of the natural logarithm of utility above {float(welfare.floor):g}"


@welfare_in_words.register
def _(welfare: EqualityTimesProductivity) -> str:
    return "mean income multiplied by equality, which is 1 less the Gini coefficient of money"


@welfare_in_words.register
def _(welfare: Karten2025) -> str:
    return f"the mean of utility divided by income, income counting as at least {welfare.least:g} $"


def _named(thing: object) -> str:
    words = (type(thing).__doc__ or "").strip().split("\n")[0]
    return f"{type(thing).__name__}: {words}" if words else type(thing).__name__
