"""Mistakes: named, explained, status 2, no traceback, and nothing that is stored is touched."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from wmjax.app._report_error import report

from .conftest import MODEL


# words after `wmjax`, and what standard error must say
_MISTAKES = {
    "no model": (["run"], ["wmjax run, model", "nothing"]),
    "verb": (["rnu", "model=a"], ["'rnu'", "did you mean 'run'"]),
    "keys": (["run", "modle=a", "ouptut=b"], ["'modle'", "'model'", "'ouptut'", "'output'"]),
    "nested key": (["run", "model=a", "solver.rtoll=1"], ["'solver.rtoll'", "'solver.rtol'"]),
    "added key": (["run", "model=savings.yaml", "+foo=1"], ["'foo'", "one of ", "scenario"]),
    "types": (["run", "model=a", "start=x", "end=[1]"], ["run, start", "run, end", "a number"]),
    "choice": (["run", "model=a", "compute.precision=16"], ["precision", "16", "64"]),
    "option": (["run", "model=a", "solver=rk5"], ["'rk5'", "solver=rk4"]),
    "list": (["run", "model=a", "save=b,c"], ["save=[b,c]", "-m save=b,c"]),
    "grammar": (["run", "model=a", "start={"], ["run, start", "{"]),
    "word": (["run", "savings.yaml"], ["'savings.yaml'", "key=value"]),
    "flag": (["run", "--multirum"], ["'--multirum'", "'--multirun'"]),
    "cfg": (["run", "--cfg", "jbo"], ["jbo", "job"]),
    "no file": (["run", "model=nowhere.yaml"], ["nowhere.yaml"]),
    "format": (["run", "model=savings.yaml", "output=a.xlsx"], ["'.xlsx'", ".csv or .nc"]),
    "no folder": (["run", "model=savings.yaml", "output=/proc/no/a.csv"], ["/proc/no"]),
    "a folder": (["run", "model=savings.yaml", "output=runs"], ["a folder"]),
    "names": (
        ["run", "model=savings.yaml", "parameters.rat=1", "save=[balanse]"],
        ["parameters.rat", "'rate'", "'balanse'", "'balance'"],
    ),
    "scenario": (["run", "model=savings.yaml", "scenario=boom"], ["'boom'"]),
    "solver name": (["run", "model=savings.yaml", "solver.name=euler2"], ["euler2", "euler"]),
    "device": (["run", "model=savings.yaml", "compute.platform=tpu"], ["compute.platform", "tpu"]),
    "convert": (["convert", "model=savings.yaml", "output=a.txt"], ["'.txt'", ".json"]),
    "action": (["runs", "lits"], ["'lits'", "'list'"]),
    "run id": (["runs", "show", "x-y-z"], ["x-y-z"]),
    "no id": (["runs", "show"], ["no run", "wmjax runs list"]),
    "one id": (["runs", "compare", "a"], ["two runs"]),
    "series": (["data", "describe", "world.pop"], ["world.pop"]),
    "no series": (["data", "describe"], ["no name"]),
}


@pytest.fixture(scope="module")
def one_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a model, a stored run and its output."""
    folder = tmp_path_factory.mktemp("one-run")
    (folder / "savings.yaml").write_text(MODEL, encoding="utf-8")
    command = [sys.executable, "-m", "wmjax", "run", "model=savings.yaml", "output=kept.csv"]
    environment = {k: v for k, v in os.environ.items() if k != "WMJAX_HOME"}
    subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True)
    return folder


@pytest.mark.parametrize("name", _MISTAKES)
def test_a_mistake_is_explained_and_nothing_is_touched(wm, folder, tree, one_run, name) -> None:
    shutil.copytree(one_run, folder, dirs_exist_ok=True)
    before = tree()
    words, said = _MISTAKES[name]
    ended = wm(*words)
    assert ended.status == 2
    assert "Traceback" not in ended.err and "HYDRA_FULL_ERROR" not in ended.err
    for part in (*said, "found:", "wanted:"):
        assert part in ended.err
    assert tree() == before


def test_an_output_that_cannot_be_written_is_found_before_the_model_is_read(wm) -> None:
    said = wm("run", "model=nowhere.yaml", "output=/proc/no/a.csv")
    assert "/proc/no" in said.err and "nowhere.yaml" not in said.err


def test_a_store_that_cannot_be_written_is_reported_first(wm, folder) -> None:
    (folder / "runs").write_text("not a folder")
    said = wm("run", "model=savings.yaml")
    assert said.status == 2 and "found:" in said.err
    assert (folder / "runs").read_text() == "not a folder"


def test_a_program_that_fails_says_so_once(program) -> None:
    done = program("run", "modle=x")
    assert done.status == 2
    assert done.out == ""
    assert done.err.startswith("error: wmjax run") and done.err.count("modle") == 1


def test_a_run_that_leaves_the_finite_numbers_names_variable_and_time(wm) -> None:
    said = wm("run", "model=savings.yaml", "parameters.rate=1e200")
    assert said.status == 2
    assert "at time" in said.err and "Traceback" not in said.err


def test_a_failure_of_ours_keeps_its_traceback_in_a_file(capsys) -> None:
    try:
        raise ZeroDivisionError("of ours")
    except ZeroDivisionError as error:
        assert report(error) == 1
    said = capsys.readouterr().err
    assert "ZeroDivisionError: of ours" in said and "Traceback" not in said
    (path,) = [word.rstrip(";") for word in said.split() if word.startswith("/")]
    with open(path, encoding="utf-8") as file:
        assert "raise ZeroDivisionError" in file.read()
