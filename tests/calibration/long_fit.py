"""A fit that is slow on purpose, as a program of its own: `long_fit.py CHECKPOINT METHOD PAUSE`.

Prints a line for every evaluation and at the end the parameters, to the last bit.
"""

from __future__ import annotations

import sys
import time

import jax


jax.config.update("jax_enable_x64", True)

import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402

import wmjax  # noqa: E402
from calibration import FitTerm, FreeParameter, fit  # noqa: E402


def _model() -> wmjax.CompiledModel:
    return wmjax.compile_model({
        "name": "long", "time": {"start": 0, "end": 20, "step": 0.5},
        "variables": {
            "r": {"kind": "parameter", "value": 0.05},
            "capacity": {"kind": "parameter", "value": 800},
            "x": {"kind": "stock", "initial": 2, "inflows": ["growth"]},
            "growth": {"kind": "flow", "equation": "r * x * (1 - x / capacity)"},
        },
    })  # fmt: skip


def main(checkpoint: str, method: str, pause: float) -> None:
    times = np.arange(0, 20.5)
    wave = 1 + 0.1 * np.sin(times)
    data = wmjax.load_observations(
        pd.DataFrame({"time": times, "x": wave * 90 / (1 + 44 * np.exp(-0.6 * times))}),
        frequency="step",
    )
    free = {"r": FreeParameter(bounds=(0.01, 2)), "capacity": FreeParameter(bounds=(5, 1000))}
    start = time.monotonic()

    def show(done: int, total: int, text: str) -> None:
        print(f"evaluation {done} after {time.monotonic() - start:.2f} s: {text}", flush=True)
        time.sleep(pause)

    found = fit(
        _model(), data, terms=[FitTerm(variable="x", observed="x", sigma=1.0)], free=free,
        starts=3, key=4, method=method, checkpoint=checkpoint, checkpoint_every=2, progress=show,
        max_evaluations=60,
    )  # fmt: skip
    print("ended", found.loss.hex(), *(float(z).hex() for z in found.z), found.evaluations)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], float(sys.argv[3]))
