"""ModelSpec to CompiledModel."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Mapping, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array

from wmjax._errors import SpecError, UserError
from wmjax._garbage import garbage_later, garbage_now
from wmjax.model._backend import Backend, Grouped, chosen, prepare
from wmjax.model._compiled import About, CompiledModel
from wmjax.model._forcing import forcing
from wmjax.model._numbers import packed
from wmjax.model._table import Table, is_even
from wmjax.program import expand_connections, lower
from wmjax.spec import Lookup, ModelSpec, Parameter, check_spec, load_spec


@garbage_later()
def compile_model(
    source: ModelSpec | str | os.PathLike[str] | Mapping[str, Any],
    *,
    dtype: Any = None,
    backend: Backend | None = None,
) -> CompiledModel:
    """Compiles a spec.

    **Arguments:**

    - `source`: a spec, or anything that `load_spec` reads.
    - `dtype`: of every number; 64-bit floats if JAX has them switched on, else 32-bit.
    - `backend`: `Scalar()`, `Grouped()` or `Native()`; one of the first two, by predicted compile
        time, if absent.

    **Raises:** `SpecError` listing every error that `check_spec` finds (units aside);
    `UserError` for 64-bit floats that JAX has not switched on.
    """
    spec = load_spec(source)
    errors = [i for i in check_spec(spec, units=False) if i.severity == "error"]
    if errors:  # then all of them, those of the units too
        errors = [i for i in check_spec(spec) if i.severity == "error"]
        raise SpecError(f"model {spec.name!r}", errors)
    dtype = _dtype(dtype)
    full = expand_connections(spec)
    program = lower(spec)
    backend = chosen(program) if backend is None else backend
    prepare(backend, program)
    parameters, tables = _numbers(full, dtype)
    model = CompiledModel(
        parameters=parameters,
        lookups=tables,
        series={n: forcing(full, n, known_until=None, dtype=dtype) for n, _ in program.series},
        program=program,
        about=About(full, dtype),
        backend=backend,
    )
    if isinstance(backend, Grouped):  # large: no trace should wait for this
        packed(model)
        garbage_now()
    return model


def _numbers(spec: ModelSpec, dtype: Any) -> tuple[dict[str, Array], dict[str, Table]]:
    """Parameters and tables, put on the device together: there may be very many."""
    values, points = {}, {}
    for name, variable in spec.variables.items():
        if isinstance(variable, Parameter):
            values[name] = np.asarray(parameter_values(spec, name), dtype)
        elif isinstance(variable, Lookup):
            points[name] = tuple(np.asarray(p.points, dtype) for p in (variable.x, variable.y))
    placed, pairs = jax.device_put((list(values.values()), list(points.values())))
    tables = {
        n: Table(x, y, is_even(own[0]))
        for (n, own), (x, y) in zip(points.items(), pairs, strict=True)
    }
    return dict(zip(values, placed, strict=True)), tables


def known_until(model: CompiledModel, time: float) -> CompiledModel:
    """The model as it can be known at a time: exogenous series follow their rules from there on."""
    series = {n: forcing(model.spec, n, known_until=time, dtype=model.dtype) for n in model.series}
    return dataclasses.replace(model, series=series)


def _dtype(dtype: Any) -> Any:
    if dtype is None:
        return jnp.zeros(()).dtype
    wanted = np.dtype(dtype)
    if wanted == np.float64 and jnp.zeros(()).dtype != np.float64:
        raise UserError(
            "compile_model(dtype=float64)", "JAX with 64-bit floats switched off",
            "64-bit floats switched on",
            'call jax.config.update("jax_enable_x64", True) first, or set JAX_ENABLE_X64=1',
        )  # fmt: skip
    return wanted


def parameter_values(spec: ModelSpec, name: str) -> np.ndarray:
    """The value of a parameter as an array with the shape of its dimensions."""
    parameter = spec.variables[name]
    assert isinstance(parameter, Parameter)
    if isinstance(parameter.value, int | float) and not parameter.dims:
        return np.asarray(parameter.value, float)
    return value_array(spec, name, parameter.value)


def value_array(spec: ModelSpec, name: str, value: Any) -> np.ndarray:
    """A value of a parameter, in any form that a spec allows, as an array of its shape.

    **Raises:** `UserError` for an element that is missing or unknown, and for another shape.
    """
    return _array(spec, f"parameter {name!r}", value, spec.variables[name].dims)


def _array(spec: ModelSpec, place: str, value: Any, dims: Sequence[str]) -> np.ndarray:
    shape = tuple(len(spec.elements(d)) for d in dims)
    if isinstance(value, Mapping) and dims:
        wanted = spec.elements(dims[0])
        strange = sorted(set(value) ^ set(wanted))
        if strange:
            raise UserError(
                f"{place}, element {strange[0]!r}",
                "no value" if strange[0] in wanted else f"no such element of {dims[0]!r}",
                f"one value for each of {', '.join(wanted[:8])}",
            )  # fmt: skip
        return np.stack([_array(spec, f"{place}[{e}]", value[e], dims[1:]) for e in wanted])
    try:
        found = np.asarray(value, float)
    except (TypeError, ValueError):
        found = None
    if found is None or found.shape not in ((), shape):
        shown = repr(value)
        raise UserError(
            place, shown if len(shown) < 80 else f"{shown[:77]}...",
            f"a number, or numbers of shape {shape} for {', '.join(dims)}" if dims else "a number",
        )  # fmt: skip
    return np.broadcast_to(found, shape)
