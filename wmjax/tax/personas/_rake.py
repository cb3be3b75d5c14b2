"""Iterative proportional fitting: a table whose sums are given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

import numpy as np
from jaxtyping import Float

from wmjax._errors import UserError, UserErrors


_TOLERANCE = 1e-12


@final
@dataclass(frozen=True)
class Margin:
    """What the table shall sum to over all axes but `axes`; `total` has those, in this order."""

    axes: tuple[int, ...]
    total: Float[np.ndarray, "*axes"]


def rake(
    seed: Float[np.ndarray, "*table"], margins: Sequence[Margin], *, rounds: int = 10_000
) -> Float[np.ndarray, "*table"]:
    """The table nearest to `seed` (in relative entropy) that has the given margins.

    Each margin is met in turn by a factor for each of its cells, until all hold (Deming & Stephan
    1940). Interactions that no margin speaks of stay those of the seed.

    **Raises:** `UserError` (or `UserErrors`) for margins that are negative, do not fit the table or
    each other, or cannot be met because the seed is zero there.
    """
    errors = [e for i, m in enumerate(margins, 1) for e in _mistakes(seed, m, i)]
    if not errors and np.ptp([float(np.sum(m.total)) for m in margins]) > 1e-9 * np.sum(
        margins[0].total
    ):
        sums = ", ".join(f"{np.sum(m.total):g}" for m in margins)
        errors = [UserError("raking", f"margins that sum to {sums}", "one sum for all")]
    if errors:
        raise errors[0] if len(errors) == 1 else UserErrors(errors)
    table = np.asarray(seed, float)
    for _ in range(rounds):
        for margin in margins:
            table = table * _factors(table, margin)
        if all(_met(table, margin) for margin in margins):
            return table
    raise UserError(
        "raking", f"no table after {rounds} rounds", "margins that one table can have",
        "compare the margins with the zeros of the seed",
    )  # fmt: skip


def _factors(table: np.ndarray, margin: Margin) -> np.ndarray:
    held = _summed(table, margin)
    factor = np.divide(margin.total, held, out=np.zeros_like(held), where=held > 0)
    order = np.argsort(margin.axes)
    shape = [n if axis in margin.axes else 1 for axis, n in enumerate(table.shape)]
    return np.transpose(factor, order).reshape(shape)


def _met(table: np.ndarray, margin: Margin) -> bool:
    return bool(np.allclose(_summed(table, margin), margin.total, rtol=_TOLERANCE, atol=_TOLERANCE))


def _summed(table: np.ndarray, margin: Margin) -> np.ndarray:
    others = tuple(a for a in range(table.ndim) if a not in margin.axes)
    order = np.argsort(np.argsort(margin.axes))
    return np.transpose(table.sum(axis=others), order)


def _mistakes(seed: np.ndarray, margin: Margin, number: int) -> list[UserError]:
    place = f"margin {number} of the raking"
    wanted = tuple(seed.shape[a] for a in margin.axes)
    if margin.total.shape != wanted:
        return [UserError(place, f"shape {margin.total.shape}", f"{wanted}, as the seed has it")]
    if not (np.all(np.isfinite(margin.total)) and np.all(margin.total >= 0)):
        return [UserError(place, "a value that is negative or no number", "values of at least 0")]
    if np.any((margin.total > 0) & (_summed(seed, margin) <= 0)):
        return [UserError(place, "a total where the seed is zero", "a seed with people there")]
    return []
