"""Two processes on the loopback address that work on one job."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from tests.devices.bank import CALIBRATE, open_bank
from wmjax.store import RunRecord, RunStore


_LONG = ("method=adam", "tolerance=1e-300", "max_evaluations=2000")


@pytest.fixture
def bank(tmp_path: Path) -> Path:
    return open_bank(tmp_path)


def _free_port(lowest: int = 1024) -> int:
    """A port of this machine that nobody uses."""
    for port in (0, *range(lowest, 2**16)):
        with socket.socket() as one:
            try:
                one.bind(("127.0.0.1", port))
            except OSError:
                continue
            if one.getsockname()[1] >= lowest:
                return one.getsockname()[1]
    raise AssertionError("no free port")


def _start(folder: Path, *words: str, **environment: str) -> subprocess.Popen[str]:
    kept = {k: v for k, v in os.environ.items() if k not in ("WMJAX_HOME", "XLA_FLAGS")}
    return subprocess.Popen(
        [sys.executable, "-m", "wmjax", *words], cwd=folder, env={**kept, **environment},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def _two(folder: Path, *words: str) -> list[subprocess.Popen[str]]:
    """Both processes of a job whose coordinator is stated."""
    there = ("compute=cluster", "compute.num_processes=2",
             f"compute.coordinator=127.0.0.1:{_free_port()}")  # fmt: skip
    return [_start(folder, *words, *there, f"compute.process_id={i}") for i in range(2)]


def _ended(processes: list[subprocess.Popen[str]]) -> list[tuple[str, str]]:
    """What each said, once all have ended well."""
    said = [p.communicate(timeout=300) for p in processes]
    assert [p.returncode for p in processes] == [0] * len(said), said
    return said


def _parameters(record: RunRecord) -> np.ndarray:
    assert record.status == "done"
    table = pd.read_csv(record.folder / "parameters.csv")
    return table[["value", "sd"]].to_numpy()


def test_two_processes_fit_as_one_does_and_one_of_them_speaks(bank) -> None:
    _ended([_start(bank, *CALIBRATE, "store.path=one")])
    first, second = _ended(_two(bank, *CALIBRATE, "store.path=two"))
    (one,), (two,) = (RunStore(bank / name).list() for name in ("one", "two"))
    np.testing.assert_allclose(_parameters(two), _parameters(one), rtol=1e-7)
    assert "2 devices (cpu, 2 processes)" in first[0] and "wmjax forecast" in first[0]
    assert second == ("", "")
    metrics = {m.name: m.value for m in RunStore(bank / "two").metrics(two.id)}
    assert metrics["devices"] == 2 and metrics["starts"] == 3


def test_the_environment_that_slurm_makes_is_enough(bank) -> None:
    port = _free_port(61440)  # jax derives the port from the number of the job
    slurm = {"SLURM_JOB_ID": str(port - 61440), "SLURM_STEP_NODELIST": "localhost",
             "SLURM_NTASKS": "2", "SLURM_STEP_NUM_NODES": "1"}  # fmt: skip
    words = ("run", "model=savings.yaml", "output=a.csv", "compute=cluster")
    said = _ended([
        _start(bank, *words, **slurm, SLURM_PROCID=str(i), SLURM_LOCALID=str(i)) for i in range(2)
    ])  # fmt: skip
    assert "written: a.csv" in said[0][0] and said[1] == ("", "")
    assert len(RunStore(bank / "runs").list()) == 1
    rows = pd.read_csv(bank / "a.csv")
    np.testing.assert_allclose(rows["balance"], 100 * 1.025 ** (4 * rows["time"]))


def test_a_sweep_of_two_processes_is_that_of_one(bank) -> None:
    (bank / "scenarios").mkdir()
    for i in range(3):
        text = f"name: s{i}\nparameters: {{deposit: {50 + i}}}\n"
        (bank / "scenarios" / f"s{i}.yaml").write_text(text)
    words = ("sweep", "model=savings.yaml", "output=a.nc", "report=charts")
    first, second = _ended(_two(bank, *words))
    assert "written: a.nc" in first[0] and second == ("", "")
    assert (bank / "charts" / "report.html").is_file()
    with xr.open_dataset(bank / "a.nc", engine="h5netcdf") as runs:
        balance = runs["balance"].isel(draw=0)
        for i in range(3):
            wanted = (50 + i) * 1.025 ** (4 * runs["time"].to_numpy())
            np.testing.assert_allclose(balance.sel(scenario=f"s{i}"), wanted)
    assert len(RunStore(bank / "runs").list()) == 1


def test_a_sweep_that_the_first_cannot_write_keeps_no_other_waiting(bank) -> None:
    (bank / "a.nc.partial.json").write_text("{")
    processes = _two(bank, "sweep", "model=savings.yaml", "output=a.nc")
    said = [p.communicate(timeout=120) for p in processes]
    assert [p.returncode for p in processes] == [2, 1], said
    assert "a.nc.partial.json" in said[0][1] and "the first process" in said[1][1]


@pytest.mark.slow
@pytest.mark.parametrize("keep", ["final", "statistics"])
def test_a_killed_sweep_of_two_is_taken_up_by_one(bank, keep: str) -> None:
    """What the first process has written as it came is not computed again."""
    words = ("sweep", "model=savings.yaml", "design=latin_hypercube", "n=400000", f"keep={keep}",
             "vary={rate: [0, 0.2]}", "chunk=16", "save=[balance]")  # fmt: skip
    processes = _two(bank, *words, "output=cut.nc")
    state = bank / ("cut.nc.partial.json" if keep == "final" else "cut.nc.partial")
    deadline = time.monotonic() + 120
    while not state.exists() or keep == "final" and '"done": 0' in state.read_text():
        assert processes[0].poll() is None and time.monotonic() < deadline
        time.sleep(0.02)
    for process in processes:
        process.send_signal(signal.SIGKILL)
        process.communicate()
    (record,) = RunStore(bank / "runs").list()
    assert record.status == "interrupted" and not (bank / "cut.nc").exists()
    _ended([_start(bank, "runs", "resume", record.id, "compute=local")])
    _ended([_start(bank, *words, "output=whole.nc")])
    with (
        xr.open_dataset(bank / "cut.nc", engine="h5netcdf") as cut,
        xr.open_dataset(bank / "whole.nc", engine="h5netcdf") as whole,
    ):
        xr.testing.assert_allclose(cut.load(), whole.load(), rtol=1e-12)
        assert int(cut["finite"].sum()) == 400000


@pytest.mark.slow
def test_a_killed_job_of_two_is_taken_up_by_one(bank) -> None:
    processes = _two(bank, *CALIBRATE, *_LONG, "store.path=cut")
    deadline = time.monotonic() + 120
    while not list(bank.glob("cut/*/checkpoints/fit.npz")):
        assert processes[0].poll() is None and time.monotonic() < deadline
        time.sleep(0.02)
    for process in processes:
        process.send_signal(signal.SIGKILL)
        process.communicate()
    (record,) = RunStore(bank / "cut").list()
    assert record.status == "interrupted"
    words = ("runs", "resume", record.id, "store.path=cut", "compute=local")
    _ended([_start(bank, *words)])
    _ended([_start(bank, *CALIBRATE, *_LONG, "store.path=whole")])
    (cut,), (whole,) = (RunStore(bank / name).list() for name in ("cut", "whole"))
    np.testing.assert_allclose(_parameters(cut), _parameters(whole), rtol=1e-6)


def test_no_cluster_is_a_mistake_that_is_explained(bank) -> None:
    process = _start(bank, "run", "model=savings.yaml", "compute=cluster")
    out, err = process.communicate(timeout=120)
    assert process.returncode == 2 and not out
    assert "srun" in err and "compute.coordinator" in err and "Traceback" not in err
