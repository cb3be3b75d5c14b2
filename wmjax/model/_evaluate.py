"""Nodes to values: the scalar back end, one JAX operation for each node.

Each node is computed once for one clock and one set of values. Inside the branches of a choice the
operations that can leave the finite numbers are guarded, see `PARTIAL`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import jax
import jax.numpy as jnp
from jaxtyping import Array

from wmjax.model._operations import POINTWISE, REDUCTIONS, TIMED, Clock
from wmjax.program import PARTIAL, Node, Program
from wmjax.spec import TIME_NAMES


Key = tuple[int, ...]


class _Mask:
    """Where a branch is taken: a condition over named axes."""

    def __init__(self, condition: Array, dims: tuple[str, ...], key: Key) -> None:
        self._condition, self._dims, self.key = condition, dims, key
        self._known: dict[tuple[str, ...], Array] = {}

    def over(self, dims: tuple[str, ...]) -> Array:
        """The condition over other axes: true where any of those left out is."""
        if dims not in self._known:
            gone = tuple(i for i, d in enumerate(self._dims) if d not in dims)
            condition = jnp.any(self._condition, axis=gone) if gone else self._condition
            have = tuple(d for d in self._dims if d in dims)
            self._known[dims] = _aligned(condition, have, dims)
        return self._known[dims]


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
        self._done: dict[tuple[int, Key], Array] = {}
        self._masks: dict[Key, _Mask] = {}
        self._dtype = clock.time.dtype

    def __call__(self, node: Node) -> Array:
        """The value of a node, with the shape of its dims (axes it lacks may have size one)."""
        stack: list[tuple[Node, _Mask | None]] = [(node, None)]
        while stack:
            top, mask = stack[-1]
            waiting = [w for w in self._needs(top, mask) if _key(*w) not in self._done]
            if waiting:
                stack.extend(waiting)
                continue
            stack.pop()
            key = _key(top, mask)
            if key not in self._done:
                self._done[key] = self._compute(top, mask)
        return self._done[_key(node, None)]

    def _needs(self, node: Node, mask: _Mask | None) -> list[tuple[Node, _Mask | None]]:
        """What has to be computed before a node; for a choice first its condition."""
        if node.op != "if_then_else":
            return [(a, mask) for a in node.args]
        condition, then, otherwise = node.args
        if _key(condition, mask) not in self._done:
            return [(condition, mask)]
        return [(then, self._branch(node, mask, 1)), (otherwise, self._branch(node, mask, 0))]

    def _branch(self, node: Node, outer: _Mask | None, side: int) -> _Mask | None:
        if not node.args[2 - side].partial:
            return None
        key = (*(outer.key if outer else ()), node.key, side)
        if key not in self._masks:
            taken = self._done[_key(node.args[0], outer)] != 0
            condition = taken if side else ~taken
            if outer is not None:
                condition = outer.over(node.dims) & condition
            self._masks[key] = _Mask(condition, node.dims, key)
        return self._masks[key]

    def _compute(self, node: Node, mask: _Mask | None) -> Array:
        op = node.op
        if op == "const":
            return jnp.asarray(node.data, self._dtype)
        if op == "ref":
            return self.values[str(node.data)]
        if op in TIME_NAMES:
            return getattr(self._clock, op)
        if op == "index":
            return jnp.arange(1, self._program.size(str(node.data)) + 1, dtype=self._dtype)
        args = [self._done[_key(*need)] for need in self._needs(node, mask)]
        if op == "if_then_else":
            return jnp.where(self._done[_key(node.args[0], mask)] != 0, *args)
        if mask is not None and op in PARTIAL:
            for i, harmless in PARTIAL[op].items():
                if i < len(args):
                    args[i] = jnp.where(mask.over(node.dims), args[i], harmless)
        return self._apply(node, args)

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


def _key(node: Node, mask: _Mask | None) -> tuple[int, Key]:
    """A mask makes no difference to what cannot leave the finite numbers."""
    return node.key, mask.key if mask is not None and node.partial else ()


def _power(base: Array, exponent: float) -> Array:
    """Whole powers by multiplication: exact at negative bases, finite gradient at zero."""
    whole = abs(exponent) <= 64 and exponent == int(exponent)
    return base ** int(exponent) if whole else jnp.power(base, exponent)


def _aligned(x: Array, have: tuple[str, ...], want: tuple[str, ...]) -> Array:
    order = [have.index(d) for d in want if d in have]
    x = jnp.transpose(x, order) if order != sorted(order) else x
    missing = tuple(i for i, d in enumerate(want) if d not in have)
    return jnp.expand_dims(x, missing) if missing else x


def _taken(x: Array, picks: object) -> Array:
    """Elements picked from each axis: by slices where they stand side by side."""
    assert isinstance(picks, tuple)
    for axis in reversed(range(len(picks))):
        pick = picks[axis]
        if isinstance(pick, int):
            x = jax.lax.index_in_dim(x, pick, axis, keepdims=False)
        elif pick == tuple(range(pick[0], pick[0] + len(pick))) if pick else False:
            x = jax.lax.slice_in_dim(x, pick[0], pick[0] + len(pick), axis=axis)
        elif pick is not None:
            x = jnp.take(x, jnp.asarray(pick), axis=axis)
    return x
