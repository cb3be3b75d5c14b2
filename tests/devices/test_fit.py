"""Starts of a fit over several devices, which are processors that pretend to be several."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.optimize import least_squares

from tests.devices.problem import STARTS, times_and_values


_ROOT = Path(__file__).resolve().parents[2]


def _fit(count: int, checkpoint: object = "", method: str = "least_squares") -> dict[str, Any]:
    """What `spread_fit.py` tells, and its number of evaluations."""
    command = [sys.executable, "-m", "tests.devices.spread_fit", str(count), str(checkpoint), "0",
               method]  # fmt: skip
    done = subprocess.run(command, cwd=_ROOT, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    *lines, last = done.stdout.splitlines()
    return {**json.loads(last), "evaluations": len(lines)}


def _kill(count: int, checkpoint: Path, after: int) -> None:
    command = [sys.executable, "-m", "tests.devices.spread_fit", str(count), str(checkpoint),
               "0.05", "least_squares"]  # fmt: skip
    with subprocess.Popen(command, cwd=_ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for _ in range(after):
            process.stdout.readline()
        process.send_signal(signal.SIGKILL)


@pytest.fixture(scope="module")
def alone() -> dict[str, Any]:
    """The fit without any word of devices."""
    return _fit(0)


def _assert_same(found: dict[str, Any], wanted: dict[str, Any]) -> None:
    for name in ("loss", "z", "sd"):
        np.testing.assert_allclose(found[name], wanted[name], rtol=1e-7, err_msg=name)
    assert len(found["starts"]) == len(wanted["starts"]) == STARTS
    np.testing.assert_allclose(found["starts"], wanted["starts"], rtol=1e-7)


def test_it_is_the_optimum_of_scipy(alone) -> None:
    times, x = times_and_values()

    def residuals(p: np.ndarray) -> np.ndarray:
        rate, capacity = p
        path, now = [2.0], 2.0
        for _ in range(2 * int(times[-1])):  # Euler's steps of a half, as in the model
            now += 0.5 * rate * now * (1 - now / capacity)
            path.append(now)
        return np.array(path[::2]) - x

    best = least_squares(residuals, [0.5, 80], bounds=([0.01, 5], [2, 1000]), xtol=1e-13)
    assert alone["loss"] == pytest.approx(best.cost, rel=1e-9)


@pytest.mark.parametrize("count", [1, 2, 4])
def test_the_number_of_devices_changes_nothing(alone, count) -> None:
    found = _fit(count)
    assert found["devices"] == count
    _assert_same(found, alone)


def test_killed_on_four_and_taken_up_on_two_it_ends_alike(alone, tmp_path) -> None:
    checkpoint = tmp_path / "fit.npz"
    _kill(4, checkpoint, alone["evaluations"] // 2)
    assert checkpoint.exists()
    found = _fit(2, checkpoint)
    assert found["devices"] == 2 and 0 < found["evaluations"] < alone["evaluations"]
    _assert_same(found, alone)


@pytest.mark.slow
@pytest.mark.parametrize("method", ["lbfgs", "adam"])
def test_the_other_methods_too(method) -> None:
    alone, spread = _fit(0, method=method), _fit(3, method=method)
    np.testing.assert_allclose(spread["loss"], alone["loss"], rtol=1e-6)
    np.testing.assert_allclose(spread["z"], alone["z"], rtol=1e-4)
