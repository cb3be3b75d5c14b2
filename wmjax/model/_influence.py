"""Which stocks a derivative moves, said before JAX looks for it.

JAX finds the tangents that a loop carries by differentiating its body again as long as the last
round found more of them: for World3 a third of the time of its trace. The tape knows at once.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.extend.core import Primitive
from jax.interpreters import ad, batching, mlir
from jaxtyping import Array

from wmjax.model._operations import CHOICES, LOGICAL
from wmjax.program import Tape


Named = dict[str, Array]
_READS = ("ref", "lookup", "effect")
_COMPARED = ("=", "<>", "<", "<=", ">", ">=")
_FLAT = frozenset({*_COMPARED, *LOGICAL, "any", "sign", "integer", "round"})
"""Operations without a derivative."""


def moved_together(tape: Tape, stocks: Named, given: Mapping[str, Any]) -> Named:
    """The stocks as they are; in a derivative, those that what varies will reach vary from here.

    **Arguments:**

    - `given`: whatever else the tape reads by name, as arrays.
    """
    others = [(n, x) for n, some in given.items() for x in jax.tree.leaves(some)]
    tie = _Tie(tape, (*stocks, *(n for n, _ in others)), len(stocks))
    found = _tied.bind(*stocks.values(), *(x for _, x in others), tie=tie) if stocks else ()
    return dict(zip(stocks, found, strict=True))


def influenced(tape: Tape, seeds: Collection[str], stocks: Collection[str]) -> frozenset[str]:
    """The stocks that some of the names, stocks among them, sooner or later reach."""
    reached = frozenset(seeds)
    while True:
        active: list[bool] = []
        for e in tape.entries:
            args = () if e.op in _FLAT else e.args[e.op in CHOICES :]
            active.append(e.op in _READS and e.data in reached or any(active[a] for a in args))
        more = reached | {n for n, at in tape.rates.items() if active[at]}
        if more == reached:
            return reached & frozenset(stocks)
        reached = more


@dataclass(frozen=True)
class _Tie:
    """The names of the operands, the first `count` of which are stocks."""

    tape: Tape
    names: tuple[str, ...]
    count: int

    def jvp(self, primals: Any, tangents: Any) -> Any:
        count, stocks = self.count, self.names[: self.count]
        seeds = [(n, t) for n, t in zip(self.names, tangents, strict=True) if not _is_zero(t)]
        reached = influenced(self.tape, {n for n, _ in seeds}, stocks)
        moves = [
            _zeros(x, seeds[0][1]) if n in reached and _is_zero(t) else t
            for n, x, t in zip(stocks, primals, tangents, strict=False)
        ]
        return _tied.bind(*primals, tie=self), moves[:count]


def _is_zero(tangent: Any) -> bool:
    return type(tangent) is ad.Zero


def _zeros(like: Array, seed: Array) -> Array:
    """Zeros that stand for a change with the seed, whose cotangent they leave alone."""
    change = jnp.broadcast_to(jnp.sum(seed), like.shape)
    return lax.select(np.zeros(like.shape, bool), change, jnp.zeros_like(like))


def _first(*operands: Any, tie: _Tie) -> list[Any]:
    return list(operands[: tie.count])


_tied = Primitive("tied")
_tied.multiple_results = True
_tied.def_impl(_first)
_tied.def_abstract_eval(_first)
ad.primitive_jvps[_tied] = lambda primals, tangents, *, tie: tie.jvp(primals, tangents)
batching.primitive_batchers[_tied] = lambda xs, axes, *, tie: (
    _tied.bind(*xs, tie=tie), list(axes[: tie.count])
)  # fmt: skip
mlir.register_lowering(_tied, lambda context, *operands, tie: _first(*operands, tie=tie))
