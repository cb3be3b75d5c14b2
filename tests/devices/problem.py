"""One problem of calibration that every number of devices must solve alike."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

import wmjax
from calibration import FitResult, FitTerm, FreeParameter, fit


STARTS = 6  # not a multiple of four devices


def times_and_values() -> tuple[np.ndarray, np.ndarray]:
    """A logistic curve with a wave on it."""
    times = np.arange(0, 20.5)
    return times, (1 + 0.1 * np.sin(times)) * 90 / (1 + 44 * np.exp(-0.6 * times))


def model() -> wmjax.CompiledModel:
    return wmjax.compile_model({
        "name": "logistic", "time": {"start": 0, "end": 20, "step": 0.5},
        "variables": {
            "r": {"kind": "parameter", "value": 0.3},
            "capacity": {"kind": "parameter", "value": 200},
            "x": {"kind": "stock", "initial": 2, "inflows": ["growth"]},
            "growth": {"kind": "flow", "equation": "r * x * (1 - x / capacity)"},
        },
    })  # fmt: skip


def logistic_fit(**options: Any) -> FitResult:
    times, x = times_and_values()
    data = wmjax.load_observations(pd.DataFrame({"time": times, "x": x}), frequency="step")
    free = {"r": FreeParameter(bounds=(0.01, 2)), "capacity": FreeParameter(bounds=(5, 1000))}
    return fit(
        model(), data, terms=[FitTerm(variable="x", observed="x", sigma=1.0)], free=free,
        starts=STARTS, key=4, checkpoint_every=2, **options,
    )  # fmt: skip
