"""`wmjax run`: results in the form asked for, and nowhere else."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
from collections import namedtuple

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from wmjax.store import RunStore


# Euler's method on compound interest has a closed form.
_EULER = 100 * (1 + 0.1 * 0.25) ** (4 * np.arange(11))


@pytest.mark.parametrize("name", ["a, b=$x [1].csv", "ö ${y}'s \"it\\.csv", "数据#{~}.csv"])
def test_names_are_taken_literally(program, folder, name) -> None:
    model = folder / f"model {name}.yaml"
    (folder / "savings.yaml").rename(model)
    done = program("run", f"model={model.name}", f"output={name}")
    assert (done.status, done.err) == (0, "")
    table = pd.read_csv(folder / name)
    assert list(table.columns)[0] == "time"
    np.testing.assert_allclose(table["balance"], _EULER, rtol=1e-14)
    assert sorted(p.name for p in folder.iterdir()) == sorted([model.name, name, "runs"])


def test_all_formats_hold_the_same_numbers(wm, folder) -> None:
    for name in ("a.csv", "a.nc", "a.parquet"):
        assert wm("run", "model=savings.yaml", f"output={name}").status == 0
    with open(folder / "a.csv", newline="") as file:
        names, *rows = csv.reader(file)
    table = pd.DataFrame([[float(cell) for cell in row] for row in rows], columns=names)
    table = table.set_index("time")
    pd.testing.assert_frame_equal(table, pd.read_parquet(folder / "a.parquet"), check_exact=True)
    with xr.open_dataset(folder / "a.nc", engine="h5netcdf") as dataset:
        assert dataset["balance"].attrs["units"] == "usd"
        np.testing.assert_array_equal(dataset["balance"], table["balance"])


def test_without_output_the_run_keeps_the_table(wm, folder) -> None:
    said = wm("run", "model=savings.yaml")
    (record,) = RunStore(folder / "runs").list()
    table = pd.read_csv(record.folder / "trajectory.csv")
    np.testing.assert_allclose(table["balance"], _EULER, rtol=1e-14)
    assert str(record.folder) in said.out
    assert record.config["model"] == "savings.yaml"


def test_a_solver_that_chooses_its_steps_finds_the_exponential(wm, folder) -> None:
    wm("run", "model=savings.yaml", "solver=tsit5", "solver.rtol=1e-10", "output=a.csv")
    table = pd.read_csv(folder / "a.csv")
    np.testing.assert_allclose(table["balance"], 100 * np.exp(0.1 * table["time"]), rtol=1e-8)


def test_dates_parameters_and_variables_can_be_chosen(wm, folder) -> None:
    words = ["end=4", "parameters.rate=0.2", "save=[balance]", "output=a.csv"]
    assert wm("run", "model=savings.yaml", *words).status == 0
    table = pd.read_csv(folder / "a.csv")
    assert list(table.columns) == ["time", "balance"]
    np.testing.assert_allclose(table["balance"], 100 * 1.05 ** (4 * np.arange(5)), rtol=1e-14)


def test_multirun_makes_one_file_for_each_value(wm, folder) -> None:
    name = "a,b=1.csv"
    words = ("model=savings.yaml", f"output={name}", "-m", "parameters.rate=0.1,0.2")
    assert wm("run", *words).status == 0
    ends = [pd.read_csv(folder / f"a,b=1-{i}.csv")["balance"].iloc[-1] for i in (0, 1)]
    np.testing.assert_allclose(ends, [100 * 1.025**40, 100 * 1.05**40], rtol=1e-14)
    assert {p.name for p in folder.iterdir()} == {
        "savings.yaml", "a,b=1-0.csv", "a,b=1-1.csv", "runs",
    }  # fmt: skip


def test_one_bad_value_of_a_multirun_does_not_stop_the_others(wm, folder) -> None:
    words = ("model=savings.yaml", "output=a.csv", "-m", "parameters.rate=oops,0.2")
    said = wm("run", *words)
    assert said.status == 2
    assert "[0] wmjax run, parameters.rate" in said.err
    assert (folder / "a-1.csv").is_file()
    assert not (folder / "a-0.csv").exists()


def test_a_failed_check_of_the_model_is_status_3(wm, folder) -> None:
    said = wm("run", "model=savings.yaml", "parameters.rate=1", "output=a.csv")
    assert said.status == 3
    assert "nobody is rich" in said.err
    assert (folder / "a.csv").is_file()


def test_settings_are_shown_without_running(wm, folder) -> None:
    said = wm("run", "model=a, b.yaml", "--cfg", "job")
    assert said.status == 0
    assert "model: a, b.yaml" in said.out
    assert [p.name for p in folder.iterdir()] == ["savings.yaml"]


def test_the_store_can_lie_elsewhere(wm, folder) -> None:
    assert wm("run", "model=savings.yaml", "store.path=else/where").status == 0
    assert len(RunStore(folder / "else" / "where").list()) == 1
    assert not (folder / "runs").exists()


def test_the_program_switches_on_64_bit_floats_unless_told_otherwise(program, folder) -> None:
    program("run", "model=savings.yaml", "output=64.csv")
    program("run", "model=savings.yaml", "output=32.csv", "compute.precision=32")
    wide, narrow = (pd.read_csv(folder / f"{n}.csv")["balance"].to_numpy() for n in (64, 32))
    np.testing.assert_array_equal(narrow, narrow.astype(np.float32).astype(float))
    assert not np.array_equal(wide, wide.astype(np.float32).astype(float))


def test_a_reader_that_has_left_is_no_failure(folder) -> None:
    ours, theirs = os.pipe()
    os.close(ours)
    command = [sys.executable, "-m", "wmjax", "run", "model=savings.yaml", "output=all.csv"]
    done = subprocess.run(
        command, cwd=folder, env={**os.environ, "PYTHONUNBUFFERED": "1"}, stdout=theirs,
        stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    os.close(theirs)
    assert (done.returncode, done.stderr) == (0, "")
    assert (folder / "all.csv").is_file()


def test_a_result_without_room_is_refused_before_the_run(wm, folder, monkeypatch) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr("shutil.disk_usage", lambda _: usage(10**9, 10**9 - 2**26, 2**26))
    text = (folder / "savings.yaml").read_text()
    long = text.replace("end: 10,", "end: 2000000,")
    (folder / "long.yaml").write_text(long)
    said = wm("run", "model=long.yaml", "output=x.csv")
    assert said.status == 2
    assert "64 MiB free" in said.err and "MiB for this run" in said.err
    assert not (folder / "runs").exists() and not (folder / "x.csv").exists()
