"""Rational candidates and voters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from wmjax._errors import UserError
from wmjax.tax._economy import Economy
from wmjax.tax._planner import ladder
from wmjax.tax._schedule import Schedule
from wmjax.tax._society import Ballots, Candidate, History


@dataclass(frozen=True)
class RationalCampaign:
    """Everybody who may stand does so, for the rates best for itself.

    Citizen-candidates (Osborne & Slivinski 1996, Quarterly Journal of Economics 111, 65-96; Besley
    & Coate 1997, ibid. 112, 85-114): they promise what they want, as the winner is bound. The rates
    are, of all multiples of `percent`, the best for the own felt utility in equilibrium.

    - `percent`: the step; by default the finest with at most 2,000 schedules.
    """

    floors: Float[Array, " brackets"]
    percent: float | None = None
    _seen: list[tuple[Economy, np.ndarray]] = field(default_factory=list, repr=False)

    async def platforms(
        self, economy: Economy, history: History, who: Sequence[int]
    ) -> Sequence[Candidate]:
        table = ladder(self.floors.shape[0], self.percent, _MANY)
        if not self._seen or self._seen[0][0] is not economy:
            felt = np.asarray(_felt(economy, self.floors, jnp.asarray(table)), float)
            self._seen[:] = [(economy, felt)]
        best = np.argmax(self._seen[0][1], axis=0)
        return [Candidate(w, Schedule(self.floors, jnp.asarray(table[best[w]]))) for w in who]


_MANY = 2_000


@eqx.filter_jit
def _felt(
    economy: Economy, floors: Array, table: Float[Array, "schedules brackets"]
) -> Float[Array, "schedules workers"]:
    def one(rates: Array) -> Array:
        return economy.equilibrium(Schedule(floors, rates)).felt

    return jax.lax.map(one, table, batch_size=64)


@dataclass(frozen=True)
class RationalElectorate:
    """Voters rank platforms by their own exact felt utility in equilibrium.

    Ties are broken by lot. `ballot` "ranked" lists all candidates, and a rule that looks at the
    first choice only is then a vote for the best; "approval" names those better than the mean of
    all (the sincere strategy of Brams & Fishburn 1978).

    - `turnout`: the share that votes, drawn anew each year.

    **Raises:** `UserError` for a turnout outside 0 to 1.
    """

    ballot: Literal["ranked", "approval"] = "ranked"
    turnout: float = 1.0
    seed: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.turnout <= 1:
            raise UserError("turnout", f"{self.turnout:g}", "a share of 0 to 1")

    async def ballots(
        self, economy: Economy, history: History, candidates: Sequence[Candidate]
    ) -> Ballots:
        felt = np.stack([np.asarray(economy.equilibrium(c.platform).felt) for c in candidates])
        lots = _drawn(self.seed, 4, history).random(felt.shape)
        comes = set(voters(felt.shape[1], self.turnout, self.seed, history))
        # Utilities equal up to rounding are equal, and a lot decides.
        order = np.lexsort((lots, -np.round(felt, 6)), axis=0).T
        mean = felt.mean(axis=0)
        return Ballots([
            self._ballot(order[i], felt[:, i] > mean[i] + 1e-6) if i in comes else ()
            for i in range(len(order))
        ])  # fmt: skip

    def _ballot(self, order: np.ndarray, good: np.ndarray) -> tuple[int, ...]:
        """The whole order, or the good ones of it; the first alone if none stands out."""
        named = [int(c) for c in order if self.ballot == "ranked" or good[c]]
        return tuple(named) or (int(order[0]),)


def voters(workers: int, turnout: float, seed: int, history: History) -> list[int]:
    """Who goes to the election that follows: each with the probability `turnout`."""
    drawn = _drawn(seed, 7, history).random(workers)
    return np.flatnonzero(drawn < turnout).tolist()


def _drawn(seed: int, use: int, history: History) -> np.random.Generator:
    time = history[-1].time + 1 if len(history) else 0
    return np.random.default_rng([seed, use, time])
