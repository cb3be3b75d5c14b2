"""Moves of tax rates in percentage points."""

from __future__ import annotations

import statistics
from collections.abc import Sequence

import jax.numpy as jnp
import numpy as np

from wmjax._errors import UserError
from wmjax.tax._schedule import Schedule
from wmjax.tax.language._answers import DeltaAnswer
from wmjax.tax.language._recall import percent_of


MOST_POINTS = 20  # percentage points that a rate moves in one tax year, as in LLM Economist


def check_most(most: int) -> None:
    """**Raises:** `UserError` for a limit of moves that cannot be."""
    if not 1 <= most <= 100:
        raise UserError("most points a rate moves", f"{most}", "1 to 100")


def moved(schedule: Schedule, delta: Sequence[int], most: int) -> tuple[Schedule, list[str]]:
    """The schedule after a move, and what was clipped, in words.

    A move beyond `most` points is taken as `most`; a rate that would leave 0 to 100 % stops there.
    Nothing else is changed: rates are not rounded.
    """
    clipped, rates = list[str](), list[float]()
    for bracket, (rate, said) in enumerate(zip(percent_of(schedule), delta, strict=True), 1):
        points = max(-most, min(most, said))
        after = max(0.0, min(100.0, rate + points))
        if points != said or after != rate + points:
            clipped.append(
                f"bracket {bracket}: {said:+d} points on {rate:g} %, taken as {after - rate:+g}"
            )
        rates.append(after)
    return Schedule(schedule.floors, jnp.asarray(np.array(rates) / 100)), clipped


def middle(answers: Sequence[DeltaAnswer]) -> list[int]:
    """The median move of each bracket; of an even number of answers the lower of the two."""
    return [
        int(statistics.median_low(each)) for each in zip(*(a.delta for a in answers), strict=True)
    ]
