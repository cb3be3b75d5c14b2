"""Runs of a model like the last one: what did not change is not looked at again.

A run of World3 takes 40 us as C, and asking an `eqx.Module` for an attribute 1 us: a model of 200
numbers is compared with the last one by identity, and only parameters that are others are read.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from operator import is_
from typing import Any, final

import jax
import numpy as np
from jax.core import Tracer
from jaxtyping import Array

from wmjax.model import CompiledModel
from wmjax.sim._axis import Grid
from wmjax.sim._solver import RK2, RK4, Euler
from wmjax.spec import TimeAxis


Rows = tuple[Array, Mapping[str, Array], Array | None]
"""Times, saved values, and whether these are finite (None: not known)."""
Call = Callable[[Any, Any], Rows]
"""From the numbers of the axis and of the model."""
Key = tuple[int, object, type, Grid, tuple[str, ...], bool]
"""Program, back end, solver, steps and rows, names, and whether JAX computes in 64 bits."""
_MOST = 32  # runs remembered
_KNOWN = (Euler, RK2, RK4)  # others may have numbers of their own


@final
@dataclass(frozen=True)
class Warm:
    """A run that was made: of which numbers, and the function that made it."""

    program: object
    time: TimeAxis
    order: tuple[str, ...]
    parameters: tuple[Any, ...]
    rest: tuple[Any, ...]
    """Lookups and series."""
    vector: np.ndarray
    on_device: Array
    places: tuple[tuple[int, int], ...]
    """Where each parameter begins and ends in the vector."""
    axis: Array
    call: Call


_remembered: dict[Key, Warm] = {}


def recalled(
    model: CompiledModel, time: TimeAxis, grid: Grid, solver: object, names: tuple[str, ...]
) -> Rows | None:
    """A run, if one of this kind was made before."""
    own = vars(model)
    key = _key(own, grid, solver, names)
    warm = _remembered.get(key)
    if warm is None or warm.program is not own["program"] or warm.time is not time:
        return None
    parameters, rest = own["parameters"], _rest(own)
    if tuple(parameters) != warm.order or not _same(rest, warm.rest):
        return None
    found = tuple(parameters.values())
    vector: Any = warm.on_device
    if not all(map(is_, found, warm.parameters)):
        changed = _changed(warm, found)
        if changed is None:
            return None
        _remembered[key] = changed
        vector = changed.vector
    return warm.call(warm.axis, vector)


def remember(
    model: CompiledModel, time: TimeAxis, grid: Grid, solver: object, names: tuple[str, ...],
    numbers: tuple[np.ndarray, np.ndarray], call: Call,
) -> None:  # fmt: skip
    """Keeps a run for the next of its kind; `numbers` are those of the axis and of the model."""
    own, (axis, vector) = vars(model), numbers
    parameters = own["parameters"]
    plain = isinstance(parameters, dict) and tuple(parameters) == model.program.names("parameter")
    if not plain or type(solver) not in _KNOWN:
        return
    found, places, at = tuple(parameters.values()), [], 0
    for x in found:
        places.append((at, at + x.size))
        at += x.size
    if len(_remembered) >= _MOST:
        _remembered.clear()
    _remembered[_key(own, grid, solver, names)] = Warm(
        own["program"], time, tuple(parameters), found, _rest(own), vector, _put(vector),
        tuple(places), _put(axis), call,
    )  # fmt: skip


def _key(own: Mapping[str, Any], grid: Grid, solver: object, names: tuple[str, ...]) -> Key:
    wide = bool(jax.config.jax_enable_x64)  # pyright: ignore[reportAttributeAccessIssue]
    return (id(own["program"]), own["backend"], type(solver), grid, names, wide)


def _put(numbers: np.ndarray) -> Array:
    """On the device now, even while something around the run is traced."""
    with jax.ensure_compile_time_eval():
        return jax.device_put(numbers)


def _rest(own: dict[str, Any]) -> tuple[Any, ...]:
    lookups, series = own["lookups"], own["series"]
    return (*lookups, *lookups.values(), *series, *series.values())


def _same(one: tuple[Any, ...], other: tuple[Any, ...]) -> bool:
    return len(one) == len(other) and all(map(is_, one, other))


def _changed(warm: Warm, parameters: tuple[Any, ...]) -> Warm | None:
    """The same run with other parameters; None if these are no plain arrays of the same shapes."""
    vector = warm.vector.copy()
    for new, old, (start, end) in zip(parameters, warm.parameters, warm.places, strict=True):
        if new is old:
            continue
        if not isinstance(new, jax.Array) or isinstance(new, Tracer):
            return None
        if new.dtype != vector.dtype or new.shape != old.shape:
            return None
        vector[start:end] = np.asarray(new).reshape(-1)
    return replace(warm, parameters=parameters, vector=vector, on_device=_put(vector))
