"""`compute=`: one word that says where a job computes, and the flags it sets before JAX starts."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from tests.devices.bank import CALIBRATE, open_bank
from wmjax.app._flags import HOST_DEVICES, VECTOR_WIDTH, has_wide_registers, set_flags
from wmjax.app._settings import Compute
from wmjax.store import RunStore


_THERE = {"platform": None, "precision": 64, "cache": True}


@pytest.fixture
def bank(tmp_path: Path) -> Path:
    return open_bank(tmp_path)


def _wmjax(folder: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {k: v for k, v in os.environ.items() if k not in ("WMJAX_HOME", "XLA_FLAGS")}
    return subprocess.run(
        [sys.executable, "-m", "wmjax", *words], cwd=folder, env={**kept, **environment},
        capture_output=True, text=True, timeout=300,
    )  # fmt: skip


def test_a_calibration_on_devices_is_the_one_without(bank) -> None:
    tables = {}
    for where in ("local", "devices"):
        more = ("compute.host_devices=3", "draws=50") if where == "devices" else ()
        done = _wmjax(bank, *CALIBRATE, f"compute={where}", f"store.path={where}", *more)
        assert done.returncode == 0, done.stderr
        (record,) = RunStore(bank / where).list()
        tables[where] = pd.read_csv(record.folder / "parameters.csv")
    both = [tables[n][["value", "sd"]].to_numpy() for n in ("local", "devices")]
    np.testing.assert_allclose(both[1], both[0], rtol=1e-7)
    assert "a second on 3 devices (cpu)" in done.stdout
    metrics = {m.name: m.value for m in RunStore(bank / "devices").metrics(record.id)}
    assert metrics["devices"] == 3 and metrics["evaluations_per_second"] > 0
    with xr.open_dataset(record.folder / "ensemble.nc", engine="h5netcdf") as members:
        assert members.sizes["draw"] == 50
        ends = members["balance"].isel(time=-1).to_numpy()
    assert ends.std() > 0 and abs(np.median(ends) / (100 * 1.04**40) - 1) < 0.1


@pytest.mark.slow
def test_a_run_killed_on_four_devices_is_resumed_on_two(bank) -> None:
    long = (*CALIBRATE, "method=adam", "tolerance=1e-300", "max_evaluations=2000")
    words = (*long, "compute=devices", "compute.host_devices=4", "store.path=cut")
    kept = {k: v for k, v in os.environ.items() if k not in ("WMJAX_HOME", "XLA_FLAGS")}
    command = [sys.executable, "-m", "wmjax", *words]
    with subprocess.Popen(command, cwd=bank, env=kept, stdout=subprocess.DEVNULL) as process:
        deadline = time.monotonic() + 120
        while not list(bank.glob("cut/*/checkpoints/fit.npz")):
            assert process.poll() is None and time.monotonic() < deadline
            time.sleep(0.02)
        process.kill()
    (record,) = RunStore(bank / "cut").list()
    assert record.status == "interrupted"
    again = ("runs", "resume", record.id, "compute=devices", "compute.host_devices=2")
    for words in ((*again, "store.path=cut"), (*long, "store.path=whole")):
        done = _wmjax(bank, *words)
        assert done.returncode == 0, done.stderr
    tables = []
    for name in ("cut", "whole"):
        (record,) = RunStore(bank / name).list()
        tables.append(pd.read_csv(record.folder / "parameters.csv")[["value", "sd"]].to_numpy())
    np.testing.assert_allclose(tables[0], tables[1], rtol=1e-6)
    (record,) = RunStore(bank / "cut").list()
    metrics = {m.name: m.value for m in RunStore(bank / "cut").metrics(record.id)}
    assert metrics["devices"] == 2


@pytest.mark.parametrize("precision", [64, 32])
def test_32_bits_are_near_64_on_devices_too(bank, precision) -> None:
    words = ("compute=devices", "compute.host_devices=2", f"compute.precision={precision}")
    done = _wmjax(bank, *CALIBRATE, *words)
    assert done.returncode == 0, done.stderr
    (record,) = RunStore(bank / "runs").list()
    table = pd.read_csv(record.folder / "parameters.csv").set_index("parameter")
    rows = pd.read_csv(bank / "money.csv")
    # In logarithms the balance is a straight line: deposit and growth by least squares.
    slope, begin = np.polyfit(rows["time"], np.log(rows["money"]), 1)
    near = {64: 1e-6, 32: 2e-3}[precision]
    assert table["value"]["deposit"] == pytest.approx(np.exp(begin), rel=near)
    assert table["value"]["rate"] == pytest.approx(4 * np.expm1(slope / 4), rel=near)


def test_the_flags_of_the_user_hold(monkeypatch) -> None:
    monkeypatch.setenv("XLA_FLAGS", f"{VECTOR_WIDTH}=256 --xla_dump_to=")
    set_flags(Compute(**_THERE, vector_width=512, host_devices=3))
    wanted = [f"{VECTOR_WIDTH}=256", "--xla_dump_to=", f"{HOST_DEVICES}=3"]
    assert os.environ["XLA_FLAGS"].split() == wanted


@pytest.mark.parametrize(("asked", "wanted"), [(512, "512"), (256, "256"), ("auto", None)])
def test_the_width_of_vectors(monkeypatch, tmp_path, asked, wanted) -> None:
    monkeypatch.setattr("wmjax.app._flags.has_wide_registers", lambda: False)
    monkeypatch.setenv("XLA_FLAGS", "")
    set_flags(Compute(**_THERE, vector_width=asked))
    assert os.environ["XLA_FLAGS"] == (f"{VECTOR_WIDTH}={wanted}" if wanted else "")
    monkeypatch.setattr("wmjax.app._flags.has_wide_registers", lambda: True)
    set_flags(Compute(**_THERE))
    assert os.environ["XLA_FLAGS"] == f"{VECTOR_WIDTH}={wanted or 512}"


def test_wide_registers_are_read_from_the_system(tmp_path) -> None:
    file = tmp_path / "cpuinfo"
    assert not has_wide_registers(file)
    file.write_text("model name : A\nflags : fpu avx2 sse\n")
    assert not has_wide_registers(file)
    file.write_text("model name : A\nflags : fpu avx2 avx512f avx512bw\n")
    assert has_wide_registers(file)


def test_importing_the_library_sets_nothing() -> None:
    code = ("import os, wmjax, calibration, wmjax.sim, wmjax.scenario, jax; "
            "print(repr(os.environ.get('XLA_FLAGS')), jax.config.jax_enable_x64, "
            "jax.config.jax_compilation_cache_dir)")  # fmt: skip
    kept = {k: v for k, v in os.environ.items() if k not in ("XLA_FLAGS", "JAX_ENABLE_X64")}
    done = subprocess.run([sys.executable, "-c", code], env=kept, capture_output=True, text=True)
    assert done.stdout.strip() == "None False None", done.stderr
