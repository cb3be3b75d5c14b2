"""World3 as plain Python is World3."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from benchmarks._sections._rivals import _plain_python
from benchmarks._world3 import OUTPUTS
from wmjax import compile_model, simulate


def test_plain_python_runs_world3_to_the_same_numbers(tmp_path: Path) -> None:
    found = importlib.util.spec_from_file_location("world3", _plain_python(tmp_path / "w.py"))
    assert found is not None and found.loader is not None
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    stocks, run = list(module.INITIAL), simulate(compile_model("world3"), save=list(OUTPUTS))
    for k in range(401):
        rates, outputs = module.rates(module.START + k * module.STEP, stocks)
        if k % 40 == 0:
            assert outputs == pytest.approx([float(run[n][k]) for n in OUTPUTS], rel=1e-12)
        stocks = [s + module.STEP * r for s, r in zip(stocks, rates, strict=True)]
