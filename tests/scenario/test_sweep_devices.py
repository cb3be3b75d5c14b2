"""Sweeps over several devices: the same numbers."""

from __future__ import annotations

import os
import subprocess
import sys


_PROGRAM = """
import jax, numpy as np
from wmjax import compile_model, sweep
from wmjax.scenario import Final, Statistics, Summary, Trajectories
assert len(jax.devices()) == 4
model = compile_model({"name": "d", "time": {"end": 5, "step": 0.25},
    "variables": {"k": {"kind": "parameter", "value": 1},
                  "x": {"kind": "stock", "initial": 1, "outflows": ["loss"]},
                  "loss": {"kind": "flow", "equation": "k * x"}}})
draws = {"k": np.linspace(0, 1, 203)}
worlds = {"a": None, "b": {"k": 0.5}}
for keep in (Trajectories(), Final(), Summary(), Statistics()):
    for devices in (jax.devices(), jax.devices()[1:3]):
        one = sweep(model, worlds, draws, keep=keep, chunk=8)
        many = sweep(model, worlds, draws, keep=keep, chunk=8, devices=devices)
        for name in one.data_vars:
            np.testing.assert_allclose(many[name], one[name], rtol=1e-13, atol=1e-14)
plain = sweep(model, worlds, keep=Final(), devices=jax.devices())
np.testing.assert_allclose(plain["x"][:, 0], [0.75**20, 0.875**20], rtol=1e-12)
print("equal")
"""


def test_devices_share_the_runs() -> None:
    flags = "--xla_force_host_platform_device_count=4"
    environment = {**os.environ, "XLA_FLAGS": flags, "JAX_ENABLE_X64": "1"}
    ended = subprocess.run(
        [sys.executable, "-c", _PROGRAM], env=environment, capture_output=True, text=True,
        timeout=300,
    )  # fmt: skip
    assert ended.stdout.strip() == "equal", ended.stderr[-2000:]
