"""Arrays by name that are parts of one vector."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jaxtyping import Array

from wmjax.model._table import Table


@jax.tree_util.register_pytree_node_class
class Slices(Mapping[str, Array]):
    """Arrays by name, cut from one vector when they are asked for.

    - `own`: arrays that stand beside the vector; what it holds in their places means nothing.
    """

    def __init__(
        self,
        vector: Array,
        shapes: Mapping[str, tuple[int, ...]],
        own: Mapping[str, Array] | None = None,
    ) -> None:
        self.vector, self.shapes, self.own = vector, shapes, own or {}

    @cached_property
    def starts(self) -> dict[str, int]:
        """Where each array begins."""
        ends = np.cumsum([math.prod(s) for s in self.shapes.values()]).tolist()
        return dict(zip(self.shapes, [0, *ends], strict=False))

    def __getitem__(self, name: str) -> Array:
        if name in self.own:
            return self.own[name]
        start, shape = self.starts[name], self.shapes[name]
        return lax.slice(self.vector, (start,), (start + math.prod(shape),)).reshape(shape)

    def __contains__(self, name: object) -> bool:
        return name in self.shapes

    def __iter__(self) -> Iterator[str]:
        return iter(self.shapes)

    def __len__(self) -> int:
        return len(self.shapes)

    def moved(self, names: Sequence[str], indices: Sequence[int], x: Array) -> Slices:
        """With the numbers `x` in the places of so many elements, each given by its array and its
        flat index there: one operation however many there are."""
        starts, count = self.starts, self.vector.shape[0]
        source = np.arange(count)
        source[[starts[n] + i for n, i in zip(names, indices, strict=True)]] = (
            count + np.arange(len(names)))  # fmt: skip
        both = jnp.concatenate([self.vector, x.astype(self.vector.dtype)])
        vector = both.at[source].get(mode="promise_in_bounds", unique_indices=True)
        return Slices(vector, self.shapes, self.own)

    def part(self, first: str, last: str) -> Array:
        """The arrays from one name to another, side by side."""
        start = self.starts[first]
        end = self.starts[last] + math.prod(self.shapes[last])
        found = lax.slice(self.vector, (start,), (end,))
        for name, array in self.own.items():
            at = self.starts[name]
            if start <= at < end:
                found = lax.dynamic_update_slice(found, array.reshape(-1), (at - start,))
        return found

    def tree_flatten(self) -> tuple[tuple[Any, ...], tuple[Any, Any]]:
        return (self.vector, *self.own.values()), (tuple(self.shapes.items()), tuple(self.own))

    @classmethod
    def tree_unflatten(cls, names: tuple[Any, Any], leaves: Sequence[Any]) -> Slices:
        made = object.__new__(cls)  # JAX also puts together what holds no arrays
        made.vector, made.shapes = leaves[0], dict(names[0])
        made.own = dict(zip(names[1], leaves[1:], strict=True))
        return made


def joined(arrays: Mapping[str, Array], names: Sequence[str], dtype: Any) -> Array:
    """Arrays one after another; of those cut from one vector, side by side, that part of it."""
    if isinstance(arrays, Slices) and names:
        order = list(arrays.shapes)
        first = order.index(names[0])
        if order[first : first + len(names)] == list(names):
            return arrays.part(names[0], names[-1])
    parts = [arrays[n].reshape(-1) for n in names]
    return jnp.concatenate(parts) if parts else jnp.zeros(0, dtype)


class TableSlices(Mapping[str, Table]):
    """Tables by name, cut from the x and y values of all."""

    def __init__(self, x: Slices, y: Slices, even: Mapping[str, bool]) -> None:
        self.x, self.y, self._even = x, y, even

    def __getitem__(self, name: str) -> Table:
        return Table(self.x[name], self.y[name], self._even[name])

    def __iter__(self) -> Iterator[str]:
        return iter(self._even)

    def __len__(self) -> int:
        return len(self._even)
