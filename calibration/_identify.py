"""What the data do not determine, in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

import numpy as np

from calibration._bijection import Bijection
from calibration._free import FreeElement
from calibration._laplace import Information, at_bound


_PART = 0.25  # of the largest component: smaller parts of a direction are not named
_NAMED = 4
_ROUNDING = 1e-11  # of the largest eigenvalue: what is smaller is rounding


@final
@dataclass(frozen=True)
class Direction:
    """A combination of parameters that the data leave open.

    `parts` are the parameters with the largest shares, signed so that the first is positive;
    `learned` is the standard deviation
    before the data over that after: 1 is nothing learned.
    """

    parts: tuple[tuple[str, float], ...]
    learned: float

    def __str__(self) -> str:
        if len(self.parts) == 1:
            return f"{self.parts[0][0]} alone"
        up = [n for n, s in self.parts if s > 0]
        down = [n for n, s in self.parts if s < 0]
        if not up or not down:
            return f"{' and '.join(up or down)} moved the same way"
        return f"{' and '.join(up)} moved one way and {' and '.join(down)} the other"


def open_directions(
    found: Information, bijection: Bijection, z: np.ndarray, elements: Sequence[FreeElement]
) -> tuple[Direction, ...]:
    """Eigenvectors of the Gauss-Newton matrix along which the data say less than was known before.

    Every parameter is measured by what was known of it: its prior's standard deviation, the spread
    between its bounds, or its size.
    """
    scale = before(found, bijection)
    matrix = found.data * np.outer(scale, scale)
    values, vectors = np.linalg.eigh((matrix + matrix.T) / 2)
    names = [e.label for e in elements]
    least = max(1.0, _ROUNDING * float(values.max(initial=0.0)))
    return tuple(
        Direction(_parts(vectors[:, k], names), float(np.sqrt(1 + max(values[k], 0.0))))
        for k in range(len(values)) if values[k] < least
    )  # fmt: skip


def before(found: Information, bijection: Bijection) -> np.ndarray:
    """Standard deviation of each `z` before the data."""
    prior = np.diag(found.prior)
    vague = 1.0 / bijection.reference**2
    return 1.0 / np.sqrt(np.maximum(prior, vague))


def describe(
    found: Information, bijection: Bijection, z: np.ndarray, elements: Sequence[FreeElement],
    reach: np.ndarray, vague: np.ndarray,
) -> str:  # fmt: skip
    """The open directions and the parameters at a bound, as lines of text.

    **Arguments:** `reach`: the other end of the interval of a number at a bound; `vague`: whether
    little is known of where it lies in between.
    """
    directions = open_directions(found, bijection, z, elements)
    p, known = len(elements), len(elements) - len(directions)
    lines = [f"The data determine all {p} parameters better than was known before."]
    if directions:
        lines = [
            f"The data determine {known} of {p} directions of the parameters; they do not tell, "
            "or tell less than was known before:",
            *(f"  - {d}" for d in directions),
        ]
    sides = zip(elements, at_bound(bijection, z), reach, vague, strict=True)
    return "\n".join([*lines, *(_bound(e, int(s), float(r), bool(v)) for e, s, r, v in sides if s)])


def _parts(vector: np.ndarray, names: Sequence[str]) -> tuple[tuple[str, float], ...]:
    order = np.argsort(-np.abs(vector), kind="stable")[:_NAMED]
    least = _PART * abs(vector[order[0]])
    named = sorted(int(i) for i in order if abs(vector[i]) >= least)
    sign = np.sign(vector[named[0]])
    return tuple((names[i], float(sign * vector[i])) for i in named)


def _bound(e: FreeElement, side: int, reach: float, vague: bool) -> str:
    which, value = ("lower", e.lower) if side < 0 else ("upper", e.upper)
    if vague:
        return (
            f"{e.label} stands at its {which} bound {value:g}, and the data hardly tell it: with "
            f"95 % it lies between the bound and {reach:.4g}."
        )
    return (
        f"{e.label} stands at its {which} bound {value:g}: the data ask for more than the bound "
        "allows, or another part of the model is wrong."
    )
