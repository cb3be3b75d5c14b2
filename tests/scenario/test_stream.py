"""Results on disk: the same numbers, cut short and taken up again, and refused in time."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
import xarray as xr

from wmjax import UserError, compile_model, sweep
from wmjax.scenario import Final, Keep, Statistics, Summary, Trajectories


_MODEL = {
    "name": "two places",
    "time": {"start": 0, "end": 10, "step": 0.25, "save_every": 1},
    "dimensions": {"place": ["A", "B"]},
    "variables": {
        "start": {"kind": "parameter", "dims": ["place"], "value": [3, 4], "unit": "person"},
        "rate": {"kind": "parameter", "value": 0.1, "unit": "1/year"},
        "people": {"kind": "stock", "dims": ["place"], "initial": "start", "inflows": ["a/b"],
                   "unit": "person"},
        "a/b": {"kind": "flow", "dims": ["place"], "equation": "people * rate"},
        "root": {"kind": "auxiliary", "equation": "ln(rate + 1)"},
    },
}  # fmt: skip
_WORLDS = {"a": None, "b": {"start": [1.0, 9.0]}, "c": {"rate": 0.2}}
_DRAWS = {"rate": np.linspace(-0.1, 0.4, 40)}
_KEEPS = [Trajectories(), Final(), Summary(), Statistics()]


@pytest.fixture(scope="module")
def model() -> Any:
    return compile_model(_MODEL)


class _Stop(Exception):
    pass


def _sweep(model: Any, keep: Keep, **options: Any) -> xr.Dataset:
    return sweep(model, _WORLDS, _DRAWS, keep=keep, chunk=4, **options)


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wmjax.scenario._plan._MOST_CHUNKS", 1)


def _cut(model: Any, keep: Keep, path: Path, after: int) -> None:
    def stop(done: int, total: int, text: str) -> None:
        if done >= after:
            raise _Stop

    with pytest.raises(_Stop):
        _sweep(model, keep, to=path, progress=stop)


@pytest.mark.parametrize("keep", _KEEPS)
def test_a_file_holds_what_memory_would(model: Any, keep: Keep, tmp_path: Path) -> None:
    path = tmp_path / "new" / "runs.nc"
    held = _sweep(model, keep)
    with _sweep(model, keep, to=path) as stored:
        assert stored["finite"].dtype == bool
        assert stored["people"].attrs["units"] == "person"
        xr.testing.assert_allclose(
            stored.load().drop_attrs(), held.rename({"a/b": "a∕b"}).drop_attrs(), rtol=1e-14
        )
    assert [p.name for p in path.parent.iterdir()] == ["runs.nc"]
    with h5py.File(path) as file:
        assert file["people"].attrs["DIMENSION_LIST"].shape[0] == file["people"].ndim


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize("keep", _KEEPS)
def test_a_sweep_that_was_cut_short_goes_on(model: Any, keep: Keep, tmp_path: Path) -> None:
    path = tmp_path / "runs.nc"
    _cut(model, keep, path, 60)
    assert not path.exists() and (tmp_path / "runs.nc.partial").exists()
    done: list[int] = []
    with _sweep(model, keep, to=path, progress=lambda n, *_: done.append(n)) as stored:
        assert done[0] == 60 and done[1] == 64, "finished blocks are not computed again"
        whole = _sweep(model, keep).rename({"a/b": "a∕b"})
        xr.testing.assert_allclose(stored.load().drop_attrs(), whole.drop_attrs(), rtol=1e-14)
    assert [p.name for p in tmp_path.iterdir()] == ["runs.nc"]


@pytest.mark.parametrize("keep", [Trajectories(), Statistics()])
def test_a_finished_sweep_is_opened_and_another_replaces_it(
    model: Any, keep: Keep, tmp_path: Path
) -> None:
    path = tmp_path / "runs.nc"
    _sweep(model, keep, to=path).close()
    stamp = path.stat().st_mtime_ns
    _sweep(model, keep, to=path).close()
    assert path.stat().st_mtime_ns == stamp
    with _sweep(model, keep, to=path, end=5) as stored:
        assert float(stored["time"][-1]) == 5


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize("keep", [Trajectories(), Statistics()])
def test_another_job_does_not_go_on(model: Any, keep: Keep, tmp_path: Path) -> None:
    path = tmp_path / "runs.nc"
    _cut(model, keep, path, 8)
    other = {"rate": _DRAWS["rate"] + 0.01}
    with pytest.raises(UserError, match="other draws"):
        sweep(model, _WORLDS, other, keep=keep, to=path)
    with pytest.raises(UserError, match="other dates, variables"):
        sweep(model, _WORLDS, _DRAWS, keep=keep, to=path, end=5, save=("people",))
    with pytest.raises(UserError, match="other statistics"):
        _sweep(model, Summary("max"), to=path)
    (tmp_path / "runs.nc.partial.json").write_text("{")
    with pytest.raises(UserError, match="unreadable"):
        _sweep(model, keep, to=path)


def test_two_sweeps_do_not_share_a_file(model: Any, tmp_path: Path) -> None:
    path = tmp_path / "runs.nc"

    def another(*_: Any) -> None:
        with pytest.raises(UserError, match="another process"):
            _sweep(model, Final(), to=path)
        raise _Stop

    with pytest.raises(_Stop):
        _sweep(model, Final(), to=path, progress=another)


def test_a_bad_run_in_a_file_is_marked(
    model: Any, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    draws = {"rate": np.array([0.1, -2.0, 0.3])}
    with sweep(model, None, draws, to=tmp_path / "runs.nc") as stored:
        np.testing.assert_array_equal(stored["finite"].values[0], [True, False, True])
        assert np.isfinite(stored["root"].values[0, [0, 2]]).all()
    assert "draw 1: 'root' is not finite from 0 on" in caplog.text


def test_what_the_disk_cannot_hold_is_refused_before_it_is_computed(
    model: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda p: usage._replace(free=200 * 2**20))
    many = {"rate": np.broadcast_to(0.1, 10**6)}
    with pytest.raises(UserError, match="0.41 GiB") as error:
        sweep(model, None, many, to=tmp_path / "runs.nc")
    assert "keep=" in error.value.hint and "save_every" in error.value.hint
    assert not list(tmp_path.iterdir())


def test_a_full_disk_leaves_a_sweep_that_can_go_on(
    model: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "runs.nc"

    def full(*_: Any) -> int:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "pwrite", full)
        with pytest.raises(UserError, match="No space left") as error:
            _sweep(model, Final(), to=path)
        assert "goes on" in error.value.hint
    with _sweep(model, Final(), to=path) as stored:
        assert stored["finite"].values.all()


@pytest.mark.parametrize("name", ["runs.csv", "runs", "."])
def test_the_name_must_be_that_of_a_netcdf_file(model: Any, tmp_path: Path, name: str) -> None:
    with pytest.raises(UserError, match="NetCDF"):
        _sweep(model, Final(), to=tmp_path / name)


_PROGRAM = """
import sys, numpy as np
import wmjax.scenario._plan as plan
from wmjax import compile_model, sweep
plan._MOST_CHUNKS = 1
model = compile_model({"name": "d", "time": {"end": 10, "step": 0.001, "save_every": 1},
    "variables": {"k": {"kind": "parameter", "value": 1},
                  "x": {"kind": "stock", "initial": 1, "outflows": ["loss"]},
                  "loss": {"kind": "flow", "equation": "k * x"}}})
first = []
def said(done, total, text):
    first.append(done)
    print(done, flush=True)
runs = sweep(model, None, {"k": np.linspace(0, 1, 6000)}, to=sys.argv[1], chunk=10, progress=said)
print("done", first[0], float(runs["x"][0, -1, -1]), int(runs["finite"].sum()))
"""


def test_a_killed_process_loses_no_finished_block(tmp_path: Path) -> None:
    path = tmp_path / "runs.nc"
    command = [sys.executable, "-c", _PROGRAM, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        while int(process.stdout.readline()) < 100:
            pass
        process.send_signal(signal.SIGKILL)
    there = json.loads((tmp_path / "runs.nc.partial.json").read_text())["done"]
    assert 100 <= there < 6000 and not path.exists()
    ended = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    _, first, last, finite = ended.stdout.splitlines()[-1].split()
    assert int(first) == there
    assert float(last) == pytest.approx((1 - 0.001) ** 10_000, rel=1e-4)
    assert int(finite) == 6000
