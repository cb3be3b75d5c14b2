"""Designs: where in the space of the parameters a model is run."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, final

import numpy as np

from wmjax._errors import UserError
from wmjax.model import CompiledModel
from wmjax.scenario._draws import Unmade
from wmjax.scenario._margin import Margin, Parameters, draws_at, margins
from wmjax.scenario._memory import Drawing, refuse_draws


_USUAL = {"sobol": 1024, "latin_hypercube": 1000}
_LONGEST = 2**30  # points of the Sobol sequence of SciPy


@final
@dataclass(frozen=True)
class Design(Unmade):
    """A design that a sweep draws itself, once it is clear that it and the result have room.

    **Arguments:**

    - `kind`: "sobol" or "latin_hypercube".
    - `parameters`, `n`, `seed`: as in the functions of these names.
    """

    kind: Literal["sobol", "latin_hypercube"]
    parameters: Parameters = None
    n: int | None = None
    seed: int = 0

    def drawing(self, model: CompiledModel) -> Drawing:
        return drawing(model, margins(model, self.parameters), self._count)

    def draws(self, model: CompiledModel) -> dict[str, np.ndarray]:
        make = sobol if self.kind == "sobol" else latin_hypercube
        return make(model, self.parameters, self._count, self.seed)

    @property
    def _count(self) -> int:
        return _USUAL[self.kind] if self.n is None else self.n


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

    **Raises:** `UserError` for names or ranges that make no sense, another `n`, and more draws than
    memory holds.
    """
    varied = margins(model, parameters)
    refuse_draws("sobol, n", drawing(model, varied, n))
    refuse_no_power("sobol, n", n)
    from scipy.stats import qmc

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
    refuse_draws("latin_hypercube, n", drawing(model, varied, n))
    return draws_at(model, varied, qmc.LatinHypercube(len(varied), rng=seed).random(n))


def drawing(
    model: CompiledModel, varied: Sequence[Margin], n: int, together: int = 1
) -> Drawing:  # fmt: skip
    """What there is to draw for `n` times so many draws, which hold all elements of a parameter."""
    numbers = sum(math.prod(model.program.shape(name)) for name in {m.name for m in varied})
    return Drawing(n * together, numbers, together)


def refuse_no_power(place: str, n: int) -> None:
    """**Raises:** `UserError` with the nearest powers for what is no power of two, or more points
    than the sequence has."""
    if 1 <= n <= _LONGEST and n & (n - 1) == 0:
        return
    below = 2 ** int(math.log2(max(n, 1)))
    near = f"{below} or {2 * below}" if 2 * below <= _LONGEST else str(_LONGEST)
    raise UserError(
        place, str(n), f"a power of two up to {_LONGEST}, at which a Sobol sequence is balanced",
        f"take {near}; a Latin hypercube takes any number",
    )  # fmt: skip
