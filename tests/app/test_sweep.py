"""`wmjax sweep`: designs, what is kept, who moves what, and a sweep that was cut short."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from wmjax.store import RunStore


_LARGE = """\
wmjax: 1
name: savings
time: {start: 0, end: 10, step: 0.0005, save_every: 1, unit: year, method: euler}
variables:
  balance: {kind: stock, unit: usd, initial: deposit, inflows: [interest]}
  deposit: {kind: parameter, value: 100, unit: usd, bounds: [50, 150]}
  interest: {kind: flow, unit: usd/year, equation: "balance * rate"}
  rate: {kind: parameter, value: 0.1, unit: 1/year}
"""


@pytest.fixture
def bank(folder: Path) -> Path:
    (folder / "large.yaml").write_text(_LARGE)
    return folder


def _read(path: Path) -> xr.Dataset:
    with xr.open_dataset(path, engine="h5netcdf") as runs:
        return runs.load()


def test_a_design_is_swept(wm, bank) -> None:
    words = ("model=savings.yaml", "design=sobol", "n=16", "vary={rate: [0, 0.2]}")
    said = wm("sweep", *words, "output=runs.nc")
    assert said.status == 0, said.err
    runs = _read(bank / "runs.nc")
    assert runs["balance"].dims == ("scenario", "draw", "time") and runs.sizes["draw"] == 16
    ends = runs["balance"][0, :, -1].values
    assert 100 <= ends.min() < 120 and 600 < ends.max() <= 100 * 1.05**40
    assert wm("sweep", *words, "keep=final", "output=ends.nc").status == 0
    np.testing.assert_allclose(_read(bank / "ends.nc")["balance"][0], ends, rtol=1e-13)
    said = wm("sweep", *words, "keep=statistics", "statistics=[mean,max]", "output=of.nc")
    assert "mean of 16 finite runs in 10" in said.out
    found = _read(bank / "of.nc")["balance"][0, :, -1]
    np.testing.assert_allclose(found, [ends.mean(), ends.max()])


def test_who_moves_what_is_told(wm, bank) -> None:
    words = ("model=savings.yaml", "vary={rate: [0.1, 0.11], deposit: [50, 150]}", "seed=2")
    said = wm("sweep", *words, "sensitivity=sobol", "n=64", "outcomes=[balance]", "output=s.nc")
    assert said.status == 0, said.err
    lines = [line.split()[0] for line in said.out.splitlines()]
    assert lines.index("deposit") < lines.index("rate")
    assert float(_read(bank / "s.nc")["ST"].sel(parameter="deposit")[0]) > 0.9
    said = wm("sweep", *words, "sensitivity=morris", "n=8", "outcomes=[balance]")
    assert said.status == 0 and "mu_star" in said.out and "[usd]" in said.out


def test_settings_that_do_not_go_together_are_told_at_once(wm, bank, tree) -> None:
    before = tree()
    said = wm("sweep", "model=savings.yaml", "n=3", "outcomes=[balance]")
    assert said.status == 2
    for part in ("sweep, n", "sweep, outcomes", "design=sobol"):
        assert part in said.err
    both = ("sensitivity=sobol", "design=sobol", "outcomes=[balance]")
    assert "design as well" in wm("sweep", "model=savings.yaml", *both).err
    said = wm("sweep", "model=savings.yaml", "sensitivity=sobol", "outcomes=[balanse]")
    assert said.status == 2 and "balance" in said.err
    assert tree() == before


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_a_sweep_that_was_cut_short_is_resumed(wm, bank, how) -> None:
    words = ("model=large.yaml", "design=latin_hypercube", "n=40000", "chunk=128", "store.path=cut")
    environment = {k: v for k, v in os.environ.items() if k != "WMJAX_HOME"}
    command = [sys.executable, "-m", "wmjax", "sweep", *words]
    with subprocess.Popen(command, cwd=bank, env=environment, stderr=subprocess.PIPE) as process:
        deadline = time.monotonic() + 120
        while not any('"done": 0' not in p.read_text() for p in bank.glob("cut/*/*.partial.json")):
            assert process.poll() is None and time.monotonic() < deadline
            time.sleep(0.01)
        process.send_signal(how)
        process.communicate(timeout=60)
    assert process.returncode == (130 if how == signal.SIGINT else -signal.SIGKILL)
    (record,) = RunStore(bank / "cut").list(verb="sweep")
    said = wm("runs", "resume", record.id, "store.path=cut")
    assert said.status == 0, said.err
    runs = _read(record.folder / "sweep.nc")
    assert runs["finite"].values.all() and runs.sizes["draw"] == 40000
    ratio = runs["balance"][0, :, -1] / runs["balance"][0, :, 0]
    np.testing.assert_allclose(ratio, (1 + 0.1 * 0.0005) ** 20000, rtol=1e-9)
    assert not list(record.folder.glob("*.partial*"))
