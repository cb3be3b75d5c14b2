"""`scripts/gpu_check.py`: the CPU against itself, and what it says where there is no GPU."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import jax
import numpy as np
import pytest

from tests.devices.bank import open_bank


_SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "gpu_check.py"


def _has_gpu() -> bool:
    try:
        return bool(jax.devices("gpu"))
    except RuntimeError:
        return False


def _check(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(_SCRIPT), *words], cwd=folder, capture_output=True, text=True,
        timeout=1200,
    )  # fmt: skip


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("gpu_check", _SCRIPT)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["gpu_check"] = module
    spec.loader.exec_module(module)
    return module


def test_the_cpu_agrees_with_itself(tmp_path) -> None:
    open_bank(tmp_path)
    words = ("--platform", "cpu", "--models", "savings.yaml,nowhere", "--runs", "64",
             "--starts", "0", "--out", "told")  # fmt: skip
    done = _check(tmp_path, *words)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "all agree" in done.stdout and "nowhere" in done.stdout
    told = json.loads((tmp_path / "told" / "gpu_check.json").read_text())
    assert {(f["what"], f["bits"]) for f in told["found"]} == {
        (what, bits) for what in ("forward", "gradient", "sweep") for bits in (32, 64)
    }
    for one in told["found"]:
        assert one["agrees"] and one["per_second_cpu"] > 0 and one["per_second_device"] > 0


@pytest.mark.skipif(_has_gpu(), reason="there is a GPU")
def test_without_a_gpu_it_says_so(tmp_path) -> None:
    done = _check(tmp_path)
    assert done.returncode == 2
    assert "no gpu" in done.stderr and "jax[cuda12]" in done.stderr


def test_a_difference_is_a_share_of_the_largest_value(script) -> None:
    ours = np.array([0.0, 100.0, np.nan])
    assert script._gap(ours, ours) == 0
    assert script._gap(ours, ours + [1, 0, 0]) == pytest.approx(0.01)
    assert script._gap(ours, np.array([0.0, np.inf, np.nan])) == np.inf


def test_a_disagreement_fails(script, monkeypatch, capsys) -> None:
    wrong = script.Found("world", "forward", 64, 1e-3, 1e-9, "runs", 1.0, 2.0)
    monkeypatch.setattr(script, "_compared", lambda *given: iter([wrong]))
    assert script.main(["--platform", "cpu"]) == 1
    said = capsys.readouterr().out
    assert "DISAGREES" in said and "disagree: world forward f64" in said


@pytest.mark.gpu
@pytest.mark.skipif(not _has_gpu(), reason="no GPU")
def test_the_gpu_agrees_with_the_cpu(tmp_path) -> None:
    done = _check(tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
