"""A model's numbers as one vector.

JAX takes 0.7 us for each argument of a compiled function, and flattening a model of 200 numbers
takes milliseconds: longer than the run. One vector is passed instead, and kept until a number
changes, so that a call costs what changed.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.core import Tracer
from jaxtyping import Array

from wmjax.model._backend import Backend
from wmjax.model._forcing import Forcing
from wmjax.model._table import Table
from wmjax.program import Program


if TYPE_CHECKING:
    from wmjax.model._compiled import CompiledModel

Shapes = tuple[tuple[int, ...], ...]


@jax.tree_util.register_pytree_node_class
class Slices(Mapping[str, Array]):
    """Arrays by name, cut from one vector when they are asked for."""

    def __init__(self, vector: Array, shapes: Mapping[str, tuple[int, ...]]) -> None:
        self.vector, self.shapes = vector, shapes

    @cached_property
    def starts(self) -> dict[str, int]:
        """Where each array begins."""
        ends = np.cumsum([math.prod(s) for s in self.shapes.values()]).tolist()
        return dict(zip(self.shapes, [0, *ends], strict=False))

    def __getitem__(self, name: str) -> Array:
        start, shape = self.starts[name], self.shapes[name]
        return lax.slice(self.vector, (start,), (start + math.prod(shape),)).reshape(shape)

    def __contains__(self, name: object) -> bool:
        return name in self.shapes

    def __iter__(self) -> Iterator[str]:
        return iter(self.shapes)

    def __len__(self) -> int:
        return len(self.shapes)

    def tree_flatten(self) -> tuple[tuple[Array], tuple[tuple[str, tuple[int, ...]], ...]]:
        return (self.vector,), tuple(self.shapes.items())

    @classmethod
    def tree_unflatten(cls, shapes: Any, leaves: tuple[Array]) -> Slices:
        return cls(leaves[0], dict(shapes))


def joined(arrays: Mapping[str, Array], names: Sequence[str], dtype: Any) -> Array:
    """Arrays one after another; of those cut from one vector, side by side, that part of it."""
    if isinstance(arrays, Slices) and names:
        order = list(arrays.shapes)
        first = order.index(names[0])
        if order[first : first + len(names)] == list(names):
            start, last = arrays.starts[names[0]], names[-1]
            end = arrays.starts[last] + math.prod(arrays.shapes[last])
            return lax.slice(arrays.vector, (start,), (end,))
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


@dataclass(frozen=True)
class Layout:
    """What a vector of numbers holds: parameters, x and y of lookups, then series."""

    program: Program
    backend: Backend
    even: tuple[bool, ...]
    shapes: Shapes
    dtype: str

    @cached_property
    def _hash(self) -> int:
        return hash((self.program, self.backend, self.even, self.shapes, self.dtype))

    def __hash__(self) -> int:
        return self._hash

    @cached_property
    def ends(self) -> tuple[int, ...]:
        return tuple(np.cumsum([math.prod(s) for s in self.shapes]).tolist())

    def model(self, vector: Array) -> CompiledModel:
        """The model of a vector; traceable."""
        from wmjax.model._compiled import CompiledModel, Unnamed

        program, shapes = self.program, list(self.shapes)
        parameters = program.names("parameter")
        lookups, series = ([n for n, _ in rows] for rows in (program.lookups, program.series))
        parts, first = [], 0
        for names in (parameters, lookups, lookups, [f"{k} {n}" for n in series for k in "tvs"]):
            own = dict(zip(names, shapes[: len(names)], strict=True))
            shapes = shapes[len(names) :]
            size = sum(map(math.prod, own.values()))
            parts.append(Slices(lax.slice(vector, (first,), (first + size,)), own))
            first += size
        tables = TableSlices(parts[1], parts[2], dict(zip(lookups, self.even, strict=True)))
        forcings = {n: Forcing(*(parts[3][f"{k} {n}"] for k in "tvs")) for n in series}
        return CompiledModel(parts[0], tables, forcings, program, Unnamed(), self.backend)


@dataclass(frozen=True)
class _Packed:
    """The numbers packed last, for the next model of the same structure."""

    leaves: tuple[object, ...]
    vector: np.ndarray
    layout: Layout


@lru_cache(maxsize=16)
def _kept(program: Program, backend: Backend) -> list[_Packed]:
    """A place for the numbers packed last."""
    return []


def packed(model: CompiledModel) -> tuple[np.ndarray, Layout] | None:
    """The numbers of a model; None if they are traced, or not all arrays of one type."""
    place = _kept(model.program, model.backend)
    last = place[0] if place else None
    leaves = tuple(_leaves(model))
    even = tuple(model.lookups[n].even for n, _ in model.program.lookups)
    known = last is not None and len(last.leaves) == len(leaves) and last.layout.even == even
    old = last.leaves if known and last is not None else (None,) * len(leaves)
    changed = [i for i, (x, y) in enumerate(zip(leaves, old, strict=True)) if x is not y]
    if known and not changed and last is not None:
        return last.vector, last.layout
    if not all(_is_plain(leaves[i], model.dtype) for i in changed):
        return None
    new = _repacked(model, leaves, even, last if known else None, changed)
    place[:] = [new]  # threads see the old or the new
    return new.vector, new.layout


def _is_plain(leaf: object, dtype: jnp.dtype) -> bool:
    return isinstance(leaf, jax.Array) and not isinstance(leaf, Tracer) and leaf.dtype == dtype


def _repacked(
    model: CompiledModel,
    leaves: tuple[Array, ...],
    even: tuple[bool, ...],
    last: _Packed | None,
    changed: Sequence[int],
) -> _Packed:
    shapes = tuple(x.shape for x in leaves)
    if last is None or last.layout.shapes != shapes:
        layout = Layout(model.program, model.backend, even, shapes, str(model.dtype))
        flat = [np.asarray(x).reshape(-1) for x in jax.device_get(leaves)]
        return _Packed(leaves, np.concatenate([np.zeros(0, model.dtype), *flat]), layout)
    vector, ends = last.vector.copy(), last.layout.ends
    for i in changed:
        vector[ends[i] - leaves[i].size : ends[i]] = np.asarray(leaves[i]).reshape(-1)
    return _Packed(leaves, vector, last.layout)


def _leaves(model: CompiledModel) -> list[Array]:
    lookups = [model.lookups[n] for n, _ in model.program.lookups]
    found: list[Array] = [model.parameters[n] for n in model.program.names("parameter")]
    found += [t.x for t in lookups]
    found += [t.y for t in lookups]
    for n, _ in model.program.series:
        found += (model.series[n].t, model.series[n].v, model.series[n].slope)
    return found


def all_points(model: CompiledModel) -> tuple[Array, Array, dict[str, int]]:
    """The x and y values of all lookups one after another, and how many each has."""
    names, tables = [n for n, _ in model.program.lookups], model.lookups
    if isinstance(tables, TableSlices):
        x, y, sizes = tables.x, tables.y, {n: math.prod(tables.x.shapes[n]) for n in names}
    else:
        x, y = {n: tables[n].x for n in names}, {n: tables[n].y for n in names}
        sizes = {n: v.shape[0] for n, v in x.items()}
    return joined(x, names, model.dtype), joined(y, names, model.dtype), sizes
