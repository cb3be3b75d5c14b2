"""A model's numbers as one vector.

JAX takes 0.7 us for each argument of a compiled function, and flattening a model of 200 numbers
takes milliseconds: longer than the run. One vector is passed instead, and kept until a number
changes, so that a call costs what changed.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import jax
import numpy as np
from jax.core import Tracer
from jaxtyping import Array

from wmjax.model import CompiledModel, Forcing, Table, Unnamed
from wmjax.program import Program


@dataclass(frozen=True)
class Layout:
    """What a vector of numbers holds: the shapes of the leaves in the order of `leaves`."""

    program: Program
    even: tuple[bool, ...]
    shapes: tuple[tuple[int, ...], ...]
    dtype: str

    @cached_property
    def _hash(self) -> int:
        return hash((self.program, self.even, self.shapes, self.dtype))

    def __hash__(self) -> int:
        return self._hash

    @cached_property
    def ends(self) -> tuple[int, ...]:
        return tuple(np.cumsum([math.prod(s) for s in self.shapes]).tolist())

    def model(self, vector: Array) -> CompiledModel:
        """The model of a vector; traceable."""
        parts = jax.lax.split(vector, [math.prod(s) for s in self.shapes]) if self.shapes else []
        leaves = (p.reshape(s) for p, s in zip(parts, self.shapes, strict=True))
        program = self.program
        return CompiledModel(
            {n: next(leaves) for n in program.names("parameter")},
            {n: Table(next(leaves), next(leaves), flag)
             for (n, _), flag in zip(program.lookups, self.even, strict=True)},
            {n: Forcing(next(leaves), next(leaves), next(leaves)) for n, _ in program.series},
            program, Unnamed(),
        )  # fmt: skip


@dataclass
class _Last:
    """The numbers packed last, for the next model of the same structure."""

    leaves: tuple[object, ...] = ()
    vector: np.ndarray | None = None
    layout: Layout | None = None


@lru_cache(maxsize=16)
def _last(program: Program) -> list[_Last]:
    return [_Last()]


def packed(model: CompiledModel) -> tuple[np.ndarray, Layout] | None:
    """The numbers of a model; None if they are traced, or not all arrays of one type."""
    cell = _last(model.program)
    last, leaves = cell[0], tuple(_leaves(model))
    if len(leaves) == len(last.leaves) and last.vector is not None:
        changed = [i for i, x in enumerate(leaves) if x is not last.leaves[i]]
    else:
        changed = range(len(leaves))
    even = tuple(model.lookups[n].even for n, _ in model.program.lookups)
    if not changed and last.layout is not None and even == last.layout.even:
        assert last.vector is not None
        return last.vector, last.layout
    new = _repacked(model, leaves, even, last, changed)
    if new is None:
        return None
    cell[0] = new  # one assignment: threads see the old or the new
    assert new.vector is not None and new.layout is not None
    return new.vector, new.layout


def _repacked(
    model: CompiledModel,
    leaves: tuple[object, ...],
    even: tuple[bool, ...],
    last: _Last,
    changed: Sequence[int],
) -> _Last | None:
    dtype = model.dtype
    for i in changed:
        leaf = leaves[i]
        if not isinstance(leaf, jax.Array) or isinstance(leaf, Tracer) or leaf.dtype != dtype:
            return None
    shapes = tuple(x.shape for x in leaves)  # pyright: ignore[reportAttributeAccessIssue]
    layout = Layout(model.program, even, shapes, str(dtype))
    if last.vector is None or last.layout is None or last.layout != layout:
        flat = [np.asarray(x).reshape(-1) for x in leaves]
        vector = np.concatenate(flat) if flat else np.zeros(0, dtype)
        return _Last(leaves, vector, layout)
    vector, layout = last.vector.copy(), last.layout
    for i in changed:
        end = layout.ends[i]
        vector[end - math.prod(shapes[i]) : end] = np.asarray(leaves[i]).reshape(-1)
    return _Last(leaves, vector, layout)


def _leaves(model: CompiledModel) -> list[object]:
    program = model.program
    leaves: list[object] = [model.parameters[n] for n in program.names("parameter")]
    for n, _ in program.lookups:
        leaves += (model.lookups[n].x, model.lookups[n].y)
    for n, _ in program.series:
        leaves += (model.series[n].t, model.series[n].v, model.series[n].slope)
    return leaves
