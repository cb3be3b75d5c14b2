"""Small problems with known answers, and made-up data."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from wmjax.model import CompiledModel, compile_model, with_parameters
from wmjax.series import Observations, load_observations
from wmjax.sim import simulate


def table(time: Any, **columns: Any) -> Observations:
    """Observed series from arrays."""
    return load_observations(pd.DataFrame({"time": time, **columns}), frequency="step")


def constant(
    prior: dict[str, Any] | None = None, bounds: list[float] | None = None
) -> CompiledModel:
    """x = a at all times."""
    a = {"kind": "parameter", "value": 1.0, "trainable": True, "prior": prior, "bounds": bounds}
    return compile_model({
        "name": "constant", "time": {"start": 0, "end": 20, "step": 1},
        "variables": {"a": a, "x": {"kind": "auxiliary", "equation": "a", "observed": "x"}},
    })  # fmt: skip


def product() -> CompiledModel:
    """x = a b t: only the product can be known."""
    free = {"kind": "parameter", "value": 1.0, "trainable": True, "bounds": [0.01, 50]}
    return compile_model({
        "name": "product", "time": {"start": 0, "end": 10, "step": 1},
        "variables": {
            "a": free, "b": {**free, "value": 2.0}, "c": {**free, "value": 3.0},
            "x": {"kind": "auxiliary", "equation": "a * b * time", "observed": "x"},
            "y": {"kind": "auxiliary", "equation": "c * time", "observed": "y"},
        },
    })  # fmt: skip


def noisy(
    model: CompiledModel, truth: dict[str, float], times: Any, sigma: float, **names: str
) -> Observations:
    """Series of a run at other parameters with relative noise; `series=variable`."""
    run = simulate(with_parameters(model, truth))
    rng = np.random.default_rng(7)
    times = np.asarray(times, float)
    columns = {
        series: run.at(variable, times) * np.exp(sigma * rng.normal(size=len(times)))
        for series, variable in names.items()
    }
    return table(times, **columns)
