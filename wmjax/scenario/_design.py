"""Designs: where in the space of the parameters a model is run."""

from __future__ import annotations

import math

import numpy as np

from wmjax._errors import UserError
from wmjax.model import CompiledModel
from wmjax.scenario._margin import Parameters, draws_at, margins


def sobol(
    model: CompiledModel, parameters: Parameters = None, n: int = 1024, seed: int = 0
) -> dict[str, np.ndarray]:
    """`n` draws at the points of a scrambled Sobol sequence, for `sweep`.

    Every margin is met evenly and so, for powers of two, are all pairs: means converge faster than
    with random draws (Owen 1998, *J. Complexity* 14).

    **Arguments:**

    - `parameters`: names that vary over the priors and bounds of the spec, or a mapping from names
        to `(lower, upper)` or priors; every parameter with bounds or a prior if absent.
    - `n`: a power of two.
    - `seed`: of the scrambling; the same seed gives the same draws.

    **Returns:** by name of a parameter an array `(n, *dims)`.

    **Raises:** `UserError` for names or ranges that make no sense, and another `n`.
    """
    refuse_no_power("sobol, n", n)
    from scipy.stats import qmc

    varied = margins(model, parameters)
    points = qmc.Sobol(len(varied), scramble=True, rng=seed).random_base2(n.bit_length() - 1)
    return draws_at(model, varied, points)


def latin_hypercube(
    model: CompiledModel, parameters: Parameters = None, n: int = 1000, seed: int = 0
) -> dict[str, np.ndarray]:
    """`n` draws of a Latin hypercube, for `sweep`: each margin has one draw in each `n`-th part.

    Arguments, result and errors are those of `sobol`, with any `n` of at least 1 (McKay, Beckman
    and Conover 1979, *Technometrics* 21).
    """
    from scipy.stats import qmc

    if n < 1:
        raise UserError("latin_hypercube, n", str(n), "at least 1 draw")
    varied = margins(model, parameters)
    return draws_at(model, varied, qmc.LatinHypercube(len(varied), rng=seed).random(n))


def refuse_no_power(place: str, n: int) -> None:
    """**Raises:** `UserError` with the nearest powers for what is no power of two."""
    if n >= 1 and n & (n - 1) == 0:
        return
    below = 2 ** max(int(math.log2(max(n, 1))), 0)
    raise UserError(
        place, str(n), "a power of two, at which a Sobol sequence is balanced",
        f"take {below} or {2 * below}; a Latin hypercube takes any number",
    )  # fmt: skip
