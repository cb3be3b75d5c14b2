"""What a sweep keeps, against the rows of plain runs."""

from __future__ import annotations

import logging
from typing import Any

import numpy as np
import pytest

from wmjax import Native, UserError, compile_model, simulate, sweep, with_parameters
from wmjax.native import compiler
from wmjax.scenario import Final, Statistics, Summary, Trajectories


_RATES = np.array([0.1, 0.3, -0.05, 0.2, 0.05, 0.4, 0.15])
_ALL = ("final", "mean", "min", "max", "at_min", "at_max", "integral")


@pytest.fixture(scope="module")
def model() -> Any:
    return compile_model({
        "name": "waves",
        "time": {"start": 1, "end": 11, "step": 0.25, "save_every": 0.75},
        "dimensions": {"place": ["A", "B"]},
        "variables": {
            "start": {"kind": "parameter", "dims": ["place"], "value": [3, 4], "unit": "person"},
            "rate": {"kind": "parameter", "value": 0.1},
            "people": {"kind": "stock", "dims": ["place"], "initial": "start", "inflows": ["born"],
                       "unit": "person"},
            "born": {"kind": "flow", "dims": ["place"], "equation": "people * rate * sin(time)"},
            "root": {"kind": "auxiliary", "equation": "ln(rate + 1)"},
        },
    })  # fmt: skip


def _rows(model: Any, draw: int, name: str, **options: Any) -> tuple[np.ndarray, np.ndarray]:
    run = simulate(with_parameters(model, {"rate": _RATES[draw]}), save=(name,), **options)
    return np.asarray(run.times), np.asarray(run[name])


def _expected(which: str, times: np.ndarray, rows: np.ndarray) -> np.ndarray:
    return {
        "final": lambda: rows[-1], "mean": lambda: rows.mean(0), "min": lambda: rows.min(0),
        "max": lambda: rows.max(0), "at_min": lambda: times[rows.argmin(0)],
        "at_max": lambda: times[rows.argmax(0)],
        "integral": lambda: np.trapezoid(rows, times, axis=0),
    }[which]()  # fmt: skip


@pytest.mark.parametrize("solver", ["euler", "rk4", "diffrax"])
def test_a_summary_is_that_of_the_rows_of_each_run(model: Any, solver: str) -> None:
    """Rows every third step, and a last one after a single step."""
    if solver == "diffrax":
        import diffrax

        from wmjax import Diffrax

        method: Any = Diffrax(diffrax.Euler())
    else:
        method = solver
    kept = sweep(
        model, None, {"rate": _RATES}, save=("people", "born"), keep=Summary(*_ALL), chunk=3,
        solver=method,
    )  # fmt: skip
    assert kept.sizes == {"scenario": 1, "draw": 7, "statistic": 7, "place": 2}
    for name in ("people", "born"):
        for draw in range(7):
            times, rows = _rows(model, draw, name, solver=method)
            for which in _ALL:
                got = kept[name].isel(scenario=0, draw=draw).sel(statistic=which)
                np.testing.assert_allclose(got, _expected(which, times, rows), rtol=1e-12)


def test_the_final_values_are_the_last_row(model: Any) -> None:
    kept = sweep(model, None, {"rate": _RATES}, keep=Final(), end=10)
    whole = sweep(model, None, {"rate": _RATES}, end=10)
    assert kept["people"].dims == ("scenario", "draw", "place")
    assert float(kept["time"]) == 10
    for name in ("people", "born", "root"):
        np.testing.assert_allclose(kept[name], whole[name].isel(time=-1), rtol=1e-13)


@pytest.mark.parametrize("chunk", [2, 3, 300])
def test_statistics_are_those_of_all_draws(model: Any, chunk: int) -> None:
    worlds = {"a": None, "b": {"start": [1.0, 9.0]}}
    kept = sweep(model, worlds, {"rate": _RATES}, keep=Statistics(), chunk=chunk)
    whole = sweep(model, worlds, {"rate": _RATES})
    assert kept["people"].dims == ("scenario", "statistic", "time", "place")
    np.testing.assert_array_equal(kept["count"], [7, 7])
    for name in ("people", "born"):
        draws = whole[name]
        for which, expected in (
            ("mean", draws.mean("draw")), ("sd", draws.std("draw", ddof=1)),
            ("min", draws.min("draw")), ("max", draws.max("draw")),
        ):  # fmt: skip
            np.testing.assert_allclose(
                kept[name].sel(statistic=which), expected, rtol=1e-10, atol=1e-12
            )


@pytest.mark.parametrize("keep", [Final(), Summary(), Statistics()])
def test_a_bad_run_is_marked_named_and_left_out(
    model: Any, keep: Any, caplog: pytest.LogCaptureFixture
) -> None:
    rates = np.where(np.arange(7) == 4, -2.0, _RATES)
    with caplog.at_level(logging.WARNING):
        kept = sweep(model, None, {"rate": rates}, keep=keep, chunk=3)
    np.testing.assert_array_equal(kept["finite"].values[0], np.arange(7) != 4)
    (record,) = caplog.records
    assert "draw 4" in record.getMessage()
    good = sweep(model, None, {"rate": np.delete(rates, 4)}, keep=keep, chunk=3)
    if isinstance(keep, Statistics):
        assert int(kept["count"][0]) == 6
        np.testing.assert_allclose(kept["root"], good["root"], rtol=1e-12)
    else:
        assert "'root'" in record.getMessage()
        np.testing.assert_array_equal(kept["people"].values[:, rates != -2], good["people"])


_PASSING = {
    "name": "passing",
    "time": {"start": 0, "end": 10, "step": 1},
    "variables": {
        "k": {"kind": "parameter", "value": 1},
        "x": {"kind": "stock", "initial": 1, "inflows": ["f"]},
        "f": {"kind": "flow", "equation": "1 if time < 5 or k > 0 else ln(k)"},
        "blip": {"kind": "auxiliary", "equation": "1 / k if time = 3 else 1"},
        "capped": {"kind": "auxiliary", "equation": "min(blip, 10) + time"},
        "still": {"kind": "auxiliary", "equation": "sqrt(k + 1)"},
    },
}  # fmt: skip
_KEEPS = [Trajectories(), Final(), Statistics(), Summary("at_max"), Summary(*_ALL)]


_C = pytest.param(
    Native(), "rk4", marks=pytest.mark.skipif(compiler() is None, reason="no C compiler")
)


@pytest.mark.parametrize(("backend", "solver"), [(None, "euler"), _C])
def test_a_run_is_finite_or_not_whatever_is_kept_of_it(backend: Any, solver: str) -> None:
    """An infinity that passes shows neither in the last row, nor in the time of the least."""
    model = compile_model(_PASSING)
    draws = {"k": np.array([1.0, -1.0, 0.0, 2.0, -2.0])}
    for save, wanted in (
        (("blip",), [1, 1, 0, 1, 1]), (("still", "capped"), [1, 1, 1, 1, 0]),
        (("capped", "x", "blip"), [1, 0, 0, 1, 0]),
    ):  # fmt: skip
        for keep in _KEEPS:
            kept = sweep(model, None, draws, save=save, keep=keep, backend=backend, solver=solver)
            np.testing.assert_array_equal(kept["finite"][0], wanted, err_msg=f"{save} {keep}")
    how: dict[str, Any] = {"keep": Final(), "save": ("blip",), "backend": backend}
    assert sweep(model, None, draws, save_every=2, **how)["finite"].all(), "no saved row is bad"


@pytest.mark.parametrize("runs", [11, 12])
def test_the_log_names_runs_that_look_finite_and_counts_the_rest(
    runs: int, caplog: pytest.LogCaptureFixture
) -> None:
    draws = {"k": np.zeros(runs)}
    sweep(compile_model(_PASSING), None, draws, save=("blip",), keep=Final())
    said = [r.getMessage() for r in caplog.records]
    assert len(said) == 11 and "draw 0: a saved variable is not finite at some time" in said[0]
    more = {11: "1 more run is not finite", 12: "2 more runs are not finite"}[runs]
    assert said[-1] == f"{more}; see `finite`"


def test_without_a_finite_run_there_are_no_statistics(model: Any) -> None:
    kept = sweep(model, None, {"rate": np.array([-2.0, -3.0])}, keep=Statistics())
    assert int(kept["count"][0]) == 0 and np.isnan(kept["root"]).all()
    one = sweep(model, None, {"rate": np.array([-2.0, 0.1])}, keep=Statistics("sd", "mean"))
    assert np.isnan(one["root"].sel(statistic="sd")).all()
    np.testing.assert_allclose(one["root"].sel(statistic="mean"), np.log(1.1))


def test_single_precision_statistics_do_not_drift() -> None:
    """The mean of many equal numbers is that number, which sums in single precision miss."""
    model = compile_model(
        {"name": "still", "time": {"end": 1, "step": 1}, "variables": {
            "k": {"kind": "parameter", "value": 1}, "x": {"kind": "stock", "initial": "k"}}},
        dtype=np.float32,
    )  # fmt: skip
    kept = sweep(model, None, {"k": np.full(5000, 1e6 + 0.0625)}, keep=Statistics())
    np.testing.assert_allclose(kept["x"].sel(statistic="mean"), 1e6 + 0.0625, rtol=1e-12)
    np.testing.assert_allclose(kept["x"].sel(statistic="sd"), 0, atol=1e-6)


def test_unknown_statistics_are_named() -> None:
    for make, name in ((Summary, "median"), (Statistics, "final")):
        with pytest.raises(UserError, match=name):
            make(name)
    with pytest.raises(UserError, match="twice"):
        Summary("mean", "mean")
