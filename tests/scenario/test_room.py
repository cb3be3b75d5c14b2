"""What has no room is refused before anything is drawn or computed, with a remedy that fits."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from wmjax import UserError, compile_model, sweep
from wmjax.scenario import Design, Final, Statistics, latin_hypercube, sensitivity, sobol


_SPEC = {
    "name": "savings", "time": {"start": 0, "end": 10, "step": 1},
    "variables": {
        "balance": {"kind": "stock", "initial": 100, "inflows": ["interest"]},
        "interest": {"kind": "flow", "equation": "balance * rate"},
        "rate": {"kind": "parameter", "value": 0.1, "bounds": [0, 0.2]},
        "other": {"kind": "parameter", "value": 0.1, "bounds": [0, 0.2]},
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def model() -> Any:
    return compile_model(_SPEC)


@pytest.fixture
def little_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wmjax.scenario._memory.free_memory", lambda: 2**22)
    monkeypatch.setattr("wmjax.scenario._plan._BLOCK_BYTES", 2**16)


def _advised(error: pytest.ExceptionInfo[UserError]) -> int:
    assert "GiB" in error.value.found
    return int(re.findall(r"n=(\d+)$", error.value.hint)[0])


@pytest.mark.usefixtures("little_memory")
@pytest.mark.parametrize(("make", "n"), [(sobol, 2**32), (latin_hypercube, 2 * 10**9)])
def test_a_design_too_large_is_not_drawn(model: Any, make: Any, n: int) -> None:
    with pytest.raises(UserError, match=f"{n} draws of 2 numbers") as error:
        make(model, n=n)
    advised = _advised(error)
    assert len(make(model, n=advised)["rate"]) == advised
    with pytest.raises(UserError):
        make(model, n=2 * advised)


@pytest.mark.usefixtures("little_memory")
@pytest.mark.parametrize("keep", [Final(), Statistics("mean")])
@pytest.mark.parametrize("stored", [True, False])
@pytest.mark.parametrize("kind", ["sobol", "latin_hypercube"])
def test_a_sweep_of_a_design_too_large_is_refused_before_it_is_drawn(
    model: Any, keep: Any, stored: bool, kind: Any, tmp_path: Path
) -> None:
    how: dict[str, Any] = {"keep": keep, "to": tmp_path / "runs.nc" if stored else None}
    how |= {"chunk": 64, "save": ("balance",)}
    with pytest.raises(UserError, match="2147483648 draws") as error:
        sweep(model, None, Design(kind, ["rate"], 2**31), **how)
    advised = _advised(error)
    with sweep(model, None, Design(kind, ["rate"], advised), **how) as runs:
        assert runs.sizes["scenario"] == 1 and int(runs["finite"].sum()) == advised
    assert 2**10 < advised < 2**20


def test_a_result_too_large_is_refused_before_its_draws_are_made(
    model: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Fit:
        model: Any = None

        def draws(self, key: Any, n: int) -> dict[str, Any]:
            assert n == 1, "drawn"
            return {"rate": np.full(n, 0.1)}

        def residual_process(self) -> dict[str, Any]:
            return {}

    monkeypatch.setattr("wmjax.scenario._memory.free_memory", lambda: 2**24)
    monkeypatch.setattr(Design, "draws", lambda *_: pytest.fail("drawn"))
    for draws in (Design("sobol", ["rate"], 2**16), Fit()):
        with pytest.raises(UserError, match="65536 runs x 11 times x 2 values") as error:
            sweep(model, None, draws, n=2**16)
        assert "to=" in error.value.hint and "keep=Final()" in error.value.hint


@pytest.mark.usefixtures("little_memory")
@pytest.mark.parametrize("method", ["sobol", "morris"])
def test_indices_with_too_many_runs_are_refused(model: Any, method: Any) -> None:
    with pytest.raises(UserError, match=r"\d{11} draws") as error:
        sensitivity(model, "balance", method=method, n=2**33)
    found = sensitivity(model, "balance", method=method, n=_advised(error), chunk=64)
    assert found.attrs["runs"] > 2000


def test_a_sobol_sequence_ends(model: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wmjax.scenario._memory.free_memory", lambda: 2**50)
    with pytest.raises(UserError, match="up to 1073741824"):
        sobol(model, n=2**31)


def test_a_design_draws_what_its_function_does(model: Any) -> None:
    for kind, make in (("sobol", sobol), ("latin_hypercube", latin_hypercube)):
        runs = sweep(model, None, Design(kind, {"rate": (0, 1)}, 8, 3), keep=Final())
        wanted = sweep(model, None, make(model, {"rate": (0, 1)}, 8, 3), keep=Final())
        assert runs.identical(wanted)
    assert sweep(model, None, Design("latin_hypercube"), keep=Final()).sizes["draw"] == 1000


def test_the_command_line_refuses_at_once(tmp_path: Path) -> None:
    import json

    (tmp_path / "m.json").write_text(json.dumps(_SPEC))
    words = ["sweep", "model=m.json", "design=latin_hypercube", "n=200000000000"]
    command = [sys.executable, "-m", "wmjax", *words]
    ended = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert ended.returncode == 2 and "Traceback" not in ended.stderr
    assert "for 200000000000 draws" in ended.stderr and "do:     take at most" in ended.stderr
