"""Saved values of many variables as two arrays, cut into one for each when they are looked at."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import final

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array


Shapes = tuple[tuple[str, tuple[int, ...]], ...]


@final
@partial(
    jax.tree_util.register_dataclass,
    data_fields=["times", "rows", "still", "finite"],
    meta_fields=["changing", "fixed"],
)
@dataclass(frozen=True)
class Sheet:
    """Values of a run: XLA needs many times longer to compile one array for each variable.

    - `rows`: (rows, elements) of the variables of `changing`, with their shapes.
    - `still`: (elements,) of those of `fixed`, which are the same in every row.
    """

    times: Array
    rows: Array
    still: Array
    finite: Array
    changing: Shapes
    fixed: Shapes

    @cached_property
    def _places(self) -> dict[str, tuple[bool, int, tuple[int, ...]]]:
        """Of each variable whether it changes, where its elements begin, and its shape."""
        found: dict[str, tuple[bool, int, tuple[int, ...]]] = {}
        for moves, variables in ((True, self.changing), (False, self.fixed)):
            at = 0
            for name, shape in variables:
                found[name] = (moves, at, shape)
                at += math.prod(shape)
        return found

    @cached_property
    def _numbers(self) -> tuple[np.ndarray, np.ndarray]:
        return np.asarray(self.rows), np.asarray(self.still)

    def cut(self, name: str) -> np.ndarray:
        """The values of one variable, the rows first."""
        moves, at, shape = self._places[name]
        (rows, still), end = self._numbers, at + math.prod(shape)
        if moves:
            return rows[:, at:end].reshape(-1, *shape)
        return np.broadcast_to(still[at:end].reshape(shape), (len(rows), *shape))


@final
@jax.tree_util.register_pytree_with_keys_class
class SavedValues(Mapping[str, Array]):
    """Arrays by name; to JAX the same as a dictionary of them."""

    def __init__(self, sheet: Sheet | None, names: Sequence[str]) -> None:
        self._sheet, self._names = sheet, dict.fromkeys(names)
        self._found: dict[str, Array] = {}

    def __getitem__(self, name: str) -> Array:
        if name not in self._found:
            if self._sheet is None or name not in self._names:
                raise KeyError(name)
            self._found[name] = jnp.asarray(self._sheet.cut(name))
        return self._found[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def __repr__(self) -> str:
        return f"<values of {len(self)} variables>"

    def tree_flatten_with_keys(self) -> tuple[list[tuple[object, Array]], tuple[str, ...]]:
        keys = ((jax.tree_util.DictKey(n), self[n]) for n in self._names)
        return list(keys), tuple(self._names)

    @classmethod
    def tree_unflatten(cls, names: tuple[str, ...], leaves: Sequence[Array]) -> SavedValues:
        made = cls(None, names)
        made._found = dict(zip(names, leaves, strict=True))
        return made
