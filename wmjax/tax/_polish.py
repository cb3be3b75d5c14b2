"""The last stretch of a search, where derivatives mislead."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from jaxtyping import Float


Worth = Callable[[Float[np.ndarray, "points rates"]], Float[np.ndarray, " points"]]


def polished(
    worth: Worth, start: Float[np.ndarray, " rates"], reach: float = 0.02, least: float = 1e-6
) -> Float[np.ndarray, " rates"]:
    """The end of a climb by trials around a point, within 0 and 1.

    Welfare has ridges along which its derivative points across: where somebody stands at a kink, or
    is about to jump. So each round tries steps along the axes, in some directions drawn at random
    (by a seed of its own) and on in those it came from; it goes to the best of them with twice the
    step, or halves the step if none is better.

    **Arguments:**

    - `worth`: of each row of a table of rates.
    - `reach`, `least`: the first step and the last.
    """
    random, first = np.random.default_rng(0), reach
    past, axes = [np.clip(start, 0.0, 1.0)] * 3, np.eye(len(start))
    point, rows = past[0], 2 * len(start) + _DRAWN + len(past)
    best = float(worth(np.repeat(point[None], rows, axis=0))[0])  # one shape, compiled once
    while reach >= least:
        drawn = random.standard_normal((_DRAWN, len(start)))
        drawn = np.concatenate([axes, -axes, drawn, point - past[-3:]])
        lengths = np.linalg.norm(drawn, axis=1, keepdims=True)
        tried = np.clip(point + reach * drawn / np.where(lengths > 0, lengths, 1.0), 0.0, 1.0)
        found = worth(tried)
        if float(found.max()) > best + 1e-12 * abs(best):
            point, best = tried[int(found.argmax())], float(found.max())
            past.append(point)
            reach = min(2 * reach, first)
        else:
            reach /= 2
    return point


_DRAWN = 24
