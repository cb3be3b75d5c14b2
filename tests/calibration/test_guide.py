"""The example of docs/calibrate-your-model.md."""

from __future__ import annotations

import runpy
from pathlib import Path

import pandas as pd
import pytest

from calibration import backtest, fit
from wmjax.model import compile_model
from wmjax.series import load_observations
from wmjax.spec import check_spec, load_spec


_FOLDER = Path(__file__).parents[2] / "docs" / "examples" / "epidemic"
_UNITS = {"cases": "person/day", "in_care": "person"}


@pytest.fixture(scope="module")
def epidemic():
    model = compile_model(_FOLDER / "model.yaml")
    return model, load_observations(_FOLDER / "cases.csv", units=_UNITS)


def test_the_model_has_no_issue() -> None:
    assert not check_spec(load_spec(_FOLDER / "model.yaml"))


def test_the_script_makes_the_data(tmp_path: Path) -> None:
    for name in ("model.yaml", "make_cases.py"):
        (tmp_path / name).write_bytes((_FOLDER / name).read_bytes())
    runpy.run_path(str(tmp_path / "make_cases.py"), run_name="__main__")
    made, kept = (pd.read_csv(f / "cases.csv") for f in (tmp_path, _FOLDER))
    pd.testing.assert_frame_equal(made, kept, atol=1.0)


def test_the_fit_finds_what_made_the_data(epidemic) -> None:
    found = fit(*epidemic, settings=_FOLDER / "fit.yaml").table().set_index("parameter")
    truth = runpy.run_path(str(_FOLDER / "make_cases.py"))["TRUTH"]
    for name, value in truth.items():
        assert found.loc[name, "lower"] < value < found.loc[name, "upper"], name


def test_the_model_beats_the_naive_methods(epidemic) -> None:
    skill = backtest(*epidemic, settings=_FOLDER / "fit.yaml").summary
    assert skill.ratio < 0.2 and skill.won == 1.0
