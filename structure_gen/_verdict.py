"""When the evidence for an edit is strong enough.

**The evidence** is the gain: the sum over origins and series of the logarithm of the predictive
density that the changed model gave to rows its fit had not seen, less that of the model before. If
the change is useless the ratio of the densities is, but for estimated variances, a product of
ratios whose expectation is 1 given the past: by Ville's inequality (1939) it exceeds x with a
probability of at most 1/x. The gain holds the price of further coefficients already (see
`_predictive`).

**The price of choice.** Of m edits that are looked at in a round the best is taken, so a gain must
exceed log m to be told from the best of m useless ones. Round r may err with a probability of
`risk` / (r (r + 1)); these add up to `risk` over all rounds. Together the gain must exceed

    log m + log(1 / risk) + log(r (r + 1)),

which is also the length of a message that names one edit in m, as in a minimum description length.

**The paired blocks.** The gain must exceed its own standard error, estimated from the blocks of
rows between origins, within which everything may be dependent: one block cannot decide alone.

**The sign.** A link that was proposed with a polarity and fitted with the other one is not the link
that was proposed.

An edit that takes something away need not gain: it must not lose.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, final

import numpy as np

from structure_gen._evaluation import Evaluation


Ruling = Literal["accepted", "better", "weak", "uneven", "wrong sign", "failed", "refused"]
"""`better`: good enough, but another edit of the round was better. `weak`: below the price.
`uneven`: within its standard error. `failed`: could not be fitted. `refused`: invalid."""

RISK = 0.05
"""Probability of taking in a useless edit, at most, over a whole search."""


@final
@dataclass(frozen=True)
class Gain:
    """`total` and its standard error `error`, in nats, and by series."""

    total: float
    error: float
    series: dict[str, float]


def gain(before: Evaluation, after: Evaluation, weight: Mapping[str, float]) -> Gain:
    """What `after` foretold better than `before`; see above."""
    if after.failure or before.failure:
        return Gain(-math.inf if after.failure else math.inf, 0.0, {})
    weights = np.array([weight[s] for s in before.series])
    each = (np.asarray(after.density) - np.asarray(before.density)) * weights
    blocks = each.sum(axis=1)
    error = math.sqrt(len(blocks)) * float(np.std(blocks, ddof=1)) if len(blocks) > 1 else 0.0
    by_series = dict(zip(before.series, each.sum(axis=0).tolist(), strict=True))
    return Gain(float(blocks.sum()), error, by_series)


def price(choices: int, turn: int, risk: float = RISK) -> float:
    """What an edit must gain [nats] if it is one of so many in the round `turn` = 1, 2, ..."""
    return math.log(max(choices, 1)) + math.log(1 / risk) + math.log(turn * (turn + 1))


def rule(found: Gain, least: float, *, simpler: bool, sign: float, polarity: str) -> Ruling:
    """**Arguments:**

    - `least`: what must be gained.
    - `simpler`: whether the edit only takes something away.
    - `sign`, `polarity`: of the fitted coefficient, and as it was claimed; "" for no claim.
    """
    if not math.isfinite(found.total) and found.total < 0:
        return "failed"
    if simpler:
        return "better" if found.total >= 0 else "weak"
    if found.total < least:
        return "weak"
    if found.total <= found.error:
        return "uneven"
    if polarity and sign and (sign > 0) != (polarity == "+"):
        return "wrong sign"
    return "better"
