"""Fits that are killed, interrupted and taken up again."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from calibration import FitTerm, fit
from tests.calibration.problems import product, table
from tests.models import logistic
from wmjax._errors import UserError
from wmjax.model import compile_model


_PROGRAM = Path(__file__).with_name("long_fit.py")


def _run(checkpoint: Path, method: str, kill_after: int | None) -> tuple[str, int]:
    """The last line of the program and its evaluations; killed after so many, if it gets there."""
    pause = "0" if kill_after is None else "0.02"
    command = [sys.executable, str(_PROGRAM), str(checkpoint), method, pause]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        lines = []
        for line in process.stdout:
            lines.append(line)
            if kill_after is not None and len(lines) >= kill_after:
                process.send_signal(signal.SIGKILL)
                break
        process.stdout.close()
        process.wait()
    if kill_after is None:
        assert process.returncode == 0
    return lines[-1].strip(), len(lines)


def test_killed_and_resumed_it_ends_at_the_same_answer(tmp_path: Path) -> None:
    whole, evaluations = _run(tmp_path / "whole.npz", "least_squares", None)
    assert whole.startswith("ended") and evaluations > 8
    _run(tmp_path / "killed.npz", "least_squares", evaluations // 2)
    assert (tmp_path / "killed.npz").exists()
    again, left = _run(tmp_path / "killed.npz", "least_squares", None)
    assert again == whole
    assert left < evaluations


@pytest.mark.slow
@pytest.mark.parametrize("method", ["least_squares", "lbfgs", "adam"])
def test_killed_at_random_moments_again_and_again(tmp_path: Path, method: str) -> None:
    whole, evaluations = _run(tmp_path / "whole.npz", method, None)
    chance = random.Random(11)
    for trial in range(3):
        path = tmp_path / f"{trial}.npz"
        for _ in range(3):
            _run(path, method, chance.randint(2, max(evaluations // 2, 3)))
        assert _run(path, method, None)[0] == whole


def test_a_finished_fit_is_not_repeated(tmp_path: Path) -> None:
    times = np.arange(11.0)
    data = table(times, x=6 * times, y=4 * times)
    first = fit(product(), data, checkpoint=tmp_path / "fit.npz")
    seen: list[int] = []
    again = fit(product(), data, checkpoint=tmp_path / "fit.npz",
                progress=lambda done, total, text: seen.append(done))  # fmt: skip
    assert not seen
    assert again.parameters == first.parameters and again.evaluations == first.evaluations


def test_an_interrupted_fit_leaves_a_checkpoint(tmp_path: Path) -> None:
    times = np.arange(0, 20.5)
    data = table(times, x=90 / (1 + 44 * np.exp(-0.6 * times)))
    model = compile_model(logistic())
    ask = {"terms": [FitTerm(variable="x", observed="x", sigma=1.0)], "free": ["r", "capacity"]}

    def interrupt(done: int, total: int, text: str) -> None:
        if done == 3:
            raise KeyboardInterrupt

    whole = fit(model, data, **ask)
    with pytest.raises(KeyboardInterrupt):
        fit(model, data, **ask, checkpoint=tmp_path / "c.npz", progress=interrupt)
    steps: list[int] = []
    resumed = fit(model, data, **ask, checkpoint=tmp_path / "c.npz",
                  progress=lambda done, total, text: steps.append(done))  # fmt: skip
    assert steps[0] == 4
    assert resumed.parameters == whole.parameters


@pytest.mark.parametrize(
    ("part", "change"),
    [
        ("window", {"window": (0, 5)}),
        ("observations", {"terms": [FitTerm(variable="x", observed="x", weight=2.0)]}),
        ("parameters", {"free": ["a", "c"]}),
        ("method", {"method": "lbfgs"}),
        ("starts", {"starts": 2}),
    ],
)
def test_a_checkpoint_of_another_fit_is_refused(tmp_path: Path, part: str, change) -> None:
    times = np.arange(11.0)
    data = table(times, x=6 * times, y=4 * times)
    path = tmp_path / "fit.npz"
    ask = {"terms": [FitTerm(variable="x", observed="x")], "free": ["a", "b"]}
    fit(product(), data, checkpoint=path, **ask)
    before = path.read_bytes()
    with pytest.raises(UserError) as caught:
        fit(product(), data, checkpoint=path, **{**ask, **change})
    assert part in caught.value.found and str(path) in caught.value.place
    assert path.read_bytes() == before


def test_a_broken_checkpoint_is_named(tmp_path: Path) -> None:
    path = tmp_path / "fit.npz"
    path.write_bytes(b"PK\x03\x04 nothing")
    times = np.arange(11.0)
    with pytest.raises(UserError) as caught:
        fit(product(), table(times, x=times, y=times), checkpoint=path)
    assert str(path) in caught.value.place
