"""A model's numbers as one vector.

JAX takes 0.7 us for each argument of a compiled function, and flattening a model of 200 numbers
takes milliseconds: longer than the run. One vector is passed instead, and kept until a number
changes, so that a call costs what changed.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

import jax
import numpy as np
from jax import lax
from jax.core import Tracer
from jaxtyping import Array

from wmjax._garbage import garbage_later
from wmjax.model._backend import Backend
from wmjax.model._forcing import Forcing
from wmjax.model._slices import Slices, TableSlices
from wmjax.program import Program


if TYPE_CHECKING:
    from wmjax.model._compiled import CompiledModel

Shapes = tuple[tuple[int, ...], ...]


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

    def model(self, vector: Array, own: Mapping[str, Array] | None = None) -> CompiledModel:
        """The model of a vector; traceable.

        **Arguments:**

        - `own`: parameters, and y values of lookups, that stand beside the vector.
        """
        own = own or {}
        from wmjax.model._compiled import CompiledModel, Unnamed

        program, shapes = self.program, list(self.shapes)
        parameters = program.names("parameter")
        lookups, series = ([n for n, _ in rows] for rows in (program.lookups, program.series))
        beside = own or {}
        parts, first = [], 0
        for names, moved in (
            (parameters, beside), (lookups, {}), (lookups, beside),
            ([f"{k} {n}" for n in series for k in "tvs"], {}),
        ):  # fmt: skip
            mine = dict(zip(names, shapes[: len(names)], strict=True))
            shapes = shapes[len(names) :]
            size = sum(map(math.prod, mine.values()))
            own = {n: x for n, x in moved.items() if n in mine}
            parts.append(Slices(lax.slice(vector, (first,), (first + size,)), mine, own))
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
    found = packed_apart(model)
    return None if found is None or found[2] else found[:2]


def packed_apart(model: CompiledModel) -> tuple[np.ndarray, Layout, dict[str, Array]] | None:
    """The same, with parameters and y values of lookups that are traced beside the vector. None for
    parameters in one vector, too."""
    if isinstance(model.parameters, Slices):
        return None
    place = _kept(model.program, model.backend)
    last = place[0] if place else None
    leaves, even = _leaves(model)
    if last is not None and not _alike(last, model, len(leaves), even):
        last = None
    old = last.leaves if last is not None else [None] * len(leaves)
    changed = [i for i, (x, y) in enumerate(zip(leaves, old, strict=True)) if x is not y]
    if last is not None and not changed:
        return last.vector, last.layout, {}
    own: dict[str, Array] = {}
    dtype = model.dtype
    for i in changed:
        leaf = leaves[i]
        if not isinstance(leaf, jax.Array) or leaf.dtype != dtype:
            return None
        if isinstance(leaf, Tracer):
            name = _name(model.program, i)
            if name is None:
                return None
            own[name] = leaf
            leaves[i] = _stand_in(leaf, old[i])
    new = _repacked(model, tuple(leaves), even, last, changed)
    place[:] = [new]  # threads see the old or the new
    return new.vector, new.layout, own


def _alike(last: _Packed, model: CompiledModel, count: int, even: tuple[bool, ...]) -> bool:
    kind = (len(last.leaves), last.layout.even, last.layout.dtype)
    return kind == (count, even, str(model.dtype))


def _name(program: Program, place: int) -> str | None:
    """Whose numbers a leaf holds, if it is a parameter or the y values of a lookup."""
    parameters, lookups = program.names("parameter"), program.lookups
    if place < len(parameters):
        return parameters[place]
    at = place - len(parameters) - len(lookups)
    return lookups[at][0] if 0 <= at < len(lookups) else None


def _stand_in(leaf: Array, old: object) -> Any:
    """Numbers that mean nothing, in the place of those that are traced."""
    same = old is not None and np.shape(old) == leaf.shape  # pyright: ignore[reportArgumentType]
    return old if same else np.zeros(leaf.shape, leaf.dtype)


@garbage_later()
def _repacked(
    model: CompiledModel,
    leaves: tuple[Array | np.ndarray, ...],
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


def _leaves(model: CompiledModel) -> tuple[list[Array], tuple[bool, ...]]:
    """All arrays, and which lookups are even; from `vars`, since asking an `eqx.Module` for 200
    attributes takes longer than a run."""
    own = vars(model)
    program = own["program"]
    parameters, lookups, series = own["parameters"], own["lookups"], own["series"]
    tables = [vars(lookups[n]) for n, _ in program.lookups]
    found: list[Array] = [parameters[n] for n in program.names("parameter")]
    found += [t["x"] for t in tables]
    found += [t["y"] for t in tables]
    for n, _ in program.series:
        forcing = vars(series[n])
        found += (forcing["t"], forcing["v"], forcing["slope"])
    return found, tuple(t["even"] for t in tables)
