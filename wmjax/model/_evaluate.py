"""Nodes to values: the scalar back end, one JAX operation for each node.

Each node is computed once for one clock and one set of values. Inside the branches of a choice the
operations that can leave the finite numbers are guarded, see `PARTIAL`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import jax.numpy as jnp
from jaxtyping import Array

from wmjax.model._operations import PARTIAL, POINTWISE, REDUCTIONS, TIMED, Clock
from wmjax.program import Node, Program


class _Mask:
    """Where a branch is taken: a condition over named axes."""

    def __init__(self, condition: Array, dims: tuple[str, ...], key: tuple[int, ...]) -> None:
        self.condition, self.dims, self.key = condition, dims, key

    def over(self, dims: tuple[str, ...]) -> Array:
        """The condition over other axes: true where any of those left out is."""
        gone = tuple(i for i, d in enumerate(self.dims) if d not in dims)
        condition = jnp.any(self.condition, axis=gone) if gone else self.condition
        return _aligned(condition, tuple(d for d in self.dims if d in dims), dims)


class Evaluator:
    """Computes nodes from named values.

    **Arguments:**

    - `values`: everything that a `ref` may name; assignments add to it as they are computed.
    - `lookup`: the value of a table at some x.
    """

    def __init__(
        self,
        program: Program,
        values: Mapping[str, Array],
        clock: Clock,
        lookup: Callable[[str, Array], Array],
    ) -> None:
        self.values = dict(values)
        self._program, self._clock, self._lookup = program, clock, lookup
        self._done: dict[tuple[int, tuple[int, ...]], Array] = {}
        self._dtype = clock.time.dtype

    def __call__(self, node: Node, mask: _Mask | None = None) -> Array:
        """The value of a node, with the shape of its dims (axes it lacks may have size one)."""
        key = (node.key, mask.key if mask else ())
        if key not in self._done:
            self._done[key] = self._compute(node, mask)
        return self._done[key]

    def _compute(self, node: Node, mask: _Mask | None) -> Array:
        op = node.op
        if op == "const":
            return jnp.asarray(node.data, self._dtype)
        if op == "ref":
            return self.values[str(node.data)]
        if op in Clock._fields:
            return getattr(self._clock, op)
        if op == "if_then_else":
            return self._choice(node, mask)
        if op == "index":
            return jnp.arange(1, self._program.size(str(node.data)) + 1, dtype=self._dtype)
        args = [self(a, mask) for a in node.args]
        if mask is not None and op in PARTIAL:
            for i in PARTIAL[op]:
                args[i] = jnp.where(mask.over(node.dims), args[i], 1.0)
        return self._apply(node, args)

    def _choice(self, node: Node, mask: _Mask | None) -> Array:
        condition = self(node.args[0], mask)
        taken = condition != 0
        outer = mask.over(node.dims) if mask else jnp.asarray(True)
        key = mask.key if mask else ()
        then = self(node.args[1], _Mask(outer & taken, node.dims, (*key, node.key, 1)))
        otherwise = self(node.args[2], _Mask(outer & ~taken, node.dims, (*key, node.key, 0)))
        return jnp.where(taken, then, otherwise)

    def _apply(self, node: Node, args: list[Array]) -> Array:
        op = node.op
        if op in ("^", "power") and node.args[1].op == "const":
            return _power(args[0], float(str(node.args[1].data)))
        if op in POINTWISE:
            return POINTWISE[op](*args)
        if op in TIMED:
            return TIMED[op](self._clock, *args)
        if op == "lookup":
            return self._lookup(str(node.data), args[0])
        if op == "align":
            return _aligned(args[0], node.args[0].dims, node.dims)
        if op == "fill":
            return self._filled(args[0], node.args[0].dims, node.dims)
        if op == "take":
            return _taken(args[0], node.data)
        if op == "assemble":
            shape = tuple(self._program.size(d) for d in node.dims)
            return jnp.stack(args).reshape(shape)
        axes, sizes = node.data  # pyright: ignore[reportGeneralTypeIssues]
        shape = list(args[0].shape)
        for axis, dim in zip(axes, sizes, strict=True):
            shape[axis] = self._program.size(dim)
        return REDUCTIONS[op](jnp.broadcast_to(args[0], shape), axis=axes)

    def _filled(self, x: Array, have: tuple[str, ...], want: tuple[str, ...]) -> Array:
        shape = tuple(self._program.size(d) for d in want)
        return jnp.broadcast_to(_aligned(x, have, want), shape)


def _power(base: Array, exponent: float) -> Array:
    """Whole powers by multiplication: exact at negative bases, finite gradient at zero."""
    whole = exponent == int(exponent) and abs(exponent) <= 64
    return base ** int(exponent) if whole else jnp.power(base, exponent)


def _aligned(x: Array, have: tuple[str, ...], want: tuple[str, ...]) -> Array:
    order = [have.index(d) for d in want if d in have]
    x = jnp.transpose(x, order) if order != sorted(order) else x
    return jnp.expand_dims(x, tuple(i for i, d in enumerate(want) if d not in have))


def _taken(x: Array, picks: object) -> Array:
    assert isinstance(picks, tuple)
    for axis in reversed(range(len(picks))):
        pick = picks[axis]
        if pick is not None:
            x = jnp.take(x, jnp.asarray(pick), axis=axis)
    return x
