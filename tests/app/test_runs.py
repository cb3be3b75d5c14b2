"""`wmjax runs`: what the store holds."""

from __future__ import annotations

import json
import shlex
import zipfile

import numpy as np
import pandas as pd
import pytest

from wmjax.store import RunStore


@pytest.fixture
def two(wm, folder) -> list[str]:
    """The ids of two runs that differ in a parameter."""
    for rate in (0.1, 0.2):
        assert wm("run", "model=savings.yaml", f"parameters.rate={rate}").status == 0
    return [record.id for record in reversed(RunStore(folder / "runs").list())]


def test_list_shows_the_newest_first(wm, two) -> None:
    said = wm("runs", "list").out
    assert said.index(two[1]) < said.index(two[0])
    assert two[0] not in wm("runs", "list", "limit=1").out
    assert two[0] not in wm("runs", "list", "only=calibrate").out


def test_show_tells_what_was_done_and_how_to_do_it_again(wm, two, folder) -> None:
    said = wm("runs", "show", two[1].rsplit("-", 1)[1]).out
    (line,) = [text for text in said.splitlines() if text.startswith("again")]
    words = shlex.split(line.removeprefix("again"))
    assert words == ["wmjax", "run", "model=savings.yaml", "parameters.rate=0.2"]
    assert "trajectory.csv" in said
    assert wm(*words[1:]).status == 0
    tables = [pd.read_csv(r.folder / "trajectory.csv") for r in RunStore(folder / "runs").list(2)]
    np.testing.assert_array_equal(*tables)


def test_compare_shows_what_differs_and_nothing_else(wm, two) -> None:
    said = wm("runs", "compare", *two).out
    assert "parameters.rate" in said and "0.2" in said
    assert "solver" not in said


def test_export_packs_record_and_files(wm, two, folder) -> None:
    assert wm("runs", "export", two[0], "output=out, 1.zip").status == 0
    with zipfile.ZipFile(folder / "out, 1.zip") as archive:
        record = json.loads(archive.read(f"{two[0]}/record.json"))
        assert f"{two[0]}/trajectory.csv" in archive.namelist()
    assert record["config"]["parameters"] == {"rate": 0.1}
    assert wm("runs", "export", two[0], "output=out, 1.zip").status == 2


def test_a_finished_run_is_not_taken_up_again(wm, two) -> None:
    said = wm("runs", "resume", two[0])
    assert said.status == 2 and "done" in said.err


def test_an_empty_store_says_so(wm, folder) -> None:
    assert "no such runs" in wm("runs", "list").out
    assert not (folder / "runs").exists()


def test_a_run_is_repeated_from_the_files_it_read_wherever_one_stands(
    wm, folder, monkeypatch
) -> None:
    assert wm("run", "model=savings.yaml").status == 0
    text = (folder / "savings.yaml").read_text()
    (folder / "savings.yaml").write_text(text.replace("value: 0.1", "value: 0.5"))
    monkeypatch.chdir("/")
    store = RunStore(folder / "runs")
    (record,) = store.list()
    said = wm("runs", "repeat", record.id, f"store.path={folder / 'runs'}")
    assert said.status == 0
    assert "savings.yaml has changed since" in said.out
    tables = [pd.read_csv(r.folder / "trajectory.csv") for r in store.list()]
    assert len(tables) == 2
    np.testing.assert_array_equal(*tables)


def test_a_record_holds_what_the_run_read(wm, folder) -> None:
    (folder / "scenarios").mkdir()
    (folder / "scenarios" / "slow.yaml").write_text("name: slow\nparameters: {rate: 0.01}\n")
    assert wm("run", "model=savings.yaml", "scenario=slow").status == 0
    (record,) = RunStore(folder / "runs").list()
    inputs = record.folder / "inputs"
    assert (inputs / "model" / "savings.yaml").read_bytes() == (
        folder / "savings.yaml"
    ).read_bytes()
    assert (inputs / "model" / "scenarios" / "slow.yaml").is_file()
    said = wm("runs", "show", record.id).out
    assert str(folder) in said and "inputs/model/savings.yaml" in said


def test_limits_that_a_run_does_not_have_are_named(wm, two) -> None:
    said = wm("runs", "resume", two[0], "calls=10")
    assert said.status == 2
    assert "calls" in said.err and "a run of 'run'" in said.err


def test_a_run_whose_folder_is_gone_says_so(wm, folder, tmp_path_factory, monkeypatch) -> None:
    place = tmp_path_factory.mktemp("gone")
    (place / "savings.yaml").write_bytes((folder / "savings.yaml").read_bytes())
    monkeypatch.chdir(place)
    assert wm("run", "model=savings.yaml", f"store.path={folder / 'kept'}").status == 0
    monkeypatch.chdir(folder)
    (place / "savings.yaml").unlink()
    place.rmdir()
    (record,) = RunStore(folder / "kept").list()
    said = wm("runs", "repeat", record.id, f"store.path={folder / 'kept'}")
    assert said.status == 2 and str(place) in said.err
