"""Sweeps against runs one by one."""

from __future__ import annotations

import logging
import re
from dataclasses import replace
from typing import Any, ClassVar

import jax
import numpy as np
import pytest
import xarray as xr

from wmjax import Euler, Scenario, UserError, compile_model, simulate, sweep, with_parameters
from wmjax.scenario import compare
from wmjax.scenario._memory import Size, free_memory, refuse_too_large


_MODEL = {
    "name": "two places",
    "time": {"start": 0, "end": 10, "step": 0.25, "save_every": 1},
    "dimensions": {"place": ["A", "B"]},
    "variables": {
        "start": {"kind": "parameter", "dims": ["place"], "value": [3, 4], "unit": "person"},
        "rate": {"kind": "parameter", "value": 0.1, "unit": "1/year"},
        "wet": {"kind": "series", "times": [0, 5, 10], "values": [1, 2, 1]},
        "people": {
            "kind": "stock", "dims": ["place"], "initial": "start", "inflows": ["births"],
            "unit": "person",
        },
        "births": {
            "kind": "flow", "dims": ["place"], "equation": "people * rate * wet * table(time)",
            "unit": "person/year",
        },
        "root": {"kind": "auxiliary", "equation": "ln(rate + 1)"},
        "table": {
            "kind": "lookup", "x": {"points": [0, 4, 10]}, "y": {"points": [1, 0.5, 2]}
        },
    },
    "events": [
        {"name": "own", "start": 1, "duration": 1,
         "effects": [{"target": "births[A]", "multiply": 2}]},
    ],
}  # fmt: skip
_SCENARIOS = {
    "baseline": None,
    "fast": {"rate": 0.2},
    "dry": Scenario.model_validate(
        {"name": "-", "series": {"wet": {"times": [2, 10], "values": [0.5, 0.1]}}}
    ),
    "events": Scenario.model_validate(
        {
            "name": "-",
            "events": [
                {"name": "one", "start": 3, "duration": 2, "ramp": 1,
                 "effects": [{"target": "births", "multiply": 3}, {"target": "rate", "add": 0.1}]},
                {"name": "two", "start": 6, "effects": [{"target": "births[B]", "set": 1}]},
            ],
        }
    ),
}  # fmt: skip
_DRAWS = {
    "rate": np.array([0.1, 0.3, 0.05, 0.0, 0.2]),
    "start": np.arange(10.0).reshape(5, 2) + 1,
    "table": np.linspace(0.2, 1.5, 15).reshape(5, 3),
}


@pytest.fixture(scope="module")
def model() -> Any:
    return compile_model(_MODEL)


class _Counted(Euler):
    """Euler that counts how often it is traced."""

    traces: ClassVar[int] = 0

    def step(self, rates: Any, first: Any, time: Any, dt: Any, stocks: Any) -> Any:
        type(self).traces += 1
        return super().step(rates, first, time, dt, stocks)


def _one(model: Any, scenario: str, draw: int) -> xr.Dataset:
    values = {n: v[draw] for n, v in _DRAWS.items()}
    return simulate(with_parameters(model, values), _SCENARIOS[scenario]).to_xarray()


def test_a_sweep_is_the_loop_of_its_runs(model: Any) -> None:
    runs = sweep(model, _SCENARIOS, _DRAWS, chunk=3)
    assert runs.sizes == {"scenario": 4, "draw": 5, "time": 11, "place": 2}
    assert runs["finite"].values.all()
    assert set(runs.data_vars) == {"people", "births", "root", "finite"}
    for scenario in _SCENARIOS:
        for draw in range(5):
            one = _one(model, scenario, draw)
            for name in ("people", "births", "root"):
                got = runs[name].sel(scenario=scenario, draw=draw).values
                np.testing.assert_allclose(got, one[name].values, rtol=1e-12, atol=1e-12)
    assert not np.allclose(
        runs["people"].sel(scenario="dry"), runs["people"].sel(scenario="baseline")
    )


def test_what_a_scenario_sets_overrules_the_draws(model: Any) -> None:
    runs = sweep(model, _SCENARIOS, {"rate": _DRAWS["rate"]})
    root = runs["root"].isel(time=0)
    np.testing.assert_allclose(root.sel(scenario="fast"), np.log(1.2))
    np.testing.assert_allclose(root.sel(scenario="dry"), np.log(1 + _DRAWS["rate"]))


def test_padding_is_neutral(model: Any) -> None:
    """A scenario gives the same numbers alone, beside one with more events, and in any chunk."""
    alone = sweep(model, {"baseline": None}, _DRAWS, chunk=5)
    beside = sweep(model, _SCENARIOS, _DRAWS, chunk=7)
    np.testing.assert_allclose(
        beside["people"].sel(scenario="baseline"), alone["people"].sel(scenario="baseline"),
        rtol=1e-14,
    )  # fmt: skip


def test_all_chunks_and_scenarios_share_one_trace(model: Any) -> None:
    _Counted.traces = 0
    done: list[tuple[int, int]] = []
    sweep(
        model, _SCENARIOS, _DRAWS, chunk=6, solver=_Counted(),
        progress=lambda n, total, text: done.append((n, total)),
    )  # fmt: skip
    first = _Counted.traces
    assert done[-1] == (20, 20) and done == sorted(set(done))
    other = {n: v * 1.1 for n, v in _DRAWS.items()}
    sweep(model, _SCENARIOS, other, chunk=6, solver=_Counted())
    assert _Counted.traces == first
    _Counted.traces = 0
    simulate(model, _SCENARIOS["events"], solver=_Counted())
    assert first == _Counted.traces


def test_other_dates_of_an_equal_program_are_not_confused() -> None:
    late = {**_MODEL, "time": {"start": 0, "end": 4, "step": 0.5, "save_every": 1}}
    short, long = compile_model(late), compile_model(_MODEL)
    for model in (short, long, short):
        np.testing.assert_allclose(
            sweep(model)["people"].values[0, 0], simulate(model)["people"], rtol=1e-14
        )


def test_dates_and_names_are_those_of_simulate(model: Any) -> None:
    runs = sweep(model, end=6, save_every=2, save=("births", "wet"), solver="rk4")
    one = simulate(model, end=6, save_every=2, save=("births", "wet"), solver="rk4")
    np.testing.assert_array_equal(runs["time"], one.times)
    np.testing.assert_allclose(runs["births"].values[0, 0], one["births"], rtol=1e-14)
    assert runs["births"].attrs["units"] == "person/year"
    assert runs["time"].attrs["units"] == "year"
    assert list(runs["scenario"].values) == ["baseline"]


def test_a_bad_run_is_marked_and_named_and_spoils_no_other(
    model: Any, caplog: pytest.LogCaptureFixture
) -> None:
    draws = {"rate": np.array([0.1, -2.0, 0.3])}
    with caplog.at_level(logging.WARNING):
        runs = sweep(model, {"a": None, "b": {"rate": 0.2}}, draws)
    np.testing.assert_array_equal(runs["finite"], [[True, False, True], [True, True, True]])
    good = sweep(model, {"a": None}, {"rate": np.array([0.1, 0.3])})
    np.testing.assert_array_equal(
        runs["people"].sel(scenario="a").values[[0, 2]], good["people"].sel(scenario="a")
    )
    record = caplog.records[0].getMessage()
    assert "'a'" in record and "draw 1" in record and "'root'" in record
    assert len(caplog.records) == 1


def test_a_result_beyond_memory_is_refused_before_it_is_computed(model: Any) -> None:
    many = {"rate": np.broadcast_to(0.1, 10**10)}
    with pytest.raises(UserError, match="GiB") as error:
        sweep(model, {"a": None, "b": None}, many)
    assert "20000000000 runs x 11 times x 5 values" in error.value.found
    assert error.value.hint


def test_the_remedy_of_a_size_fits() -> None:
    """What the message advises passes the very test that refused."""
    free = free_memory() // 8
    result = Size(
        runs=10, rows=1000, columns=free // 4000, width=8, block=1, rows_computed=1000
    )
    with pytest.raises(UserError) as error:
        refuse_too_large(result)
    kept = [int(n) for n in re.findall(r"at most (\d+) of", error.value.hint)]
    refuse_too_large(replace(result, columns=kept[0] * 9 // 10))
    rows = kept[1] * 9 // 10
    refuse_too_large(replace(result, rows=rows, rows_computed=rows))
    chunk = Size(runs=100, rows=1, columns=free // 400, width=8, block=100, rows_computed=1)
    with pytest.raises(UserError, match="chunk=") as error:
        refuse_too_large(chunk)
    refuse_too_large(replace(chunk, block=int(error.value.hint.split("=")[1]) * 9 // 10))


@pytest.mark.parametrize(
    ("call", "said"),
    [
        ({"scenarios": ["nowhere"]}, "nowhere"),
        ({"scenarios": []}, "at least one"),
        ({"scenarios": [Scenario(name="a"), Scenario(name="a")]}, "'a' twice"),
        ({"scenarios": {"x": {"parameters": {"rats": 1}}}}, "did you mean 'rate'"),
        ({"draws": {"rats": np.ones(2), "start": np.ones(2)}}, r"rats(.|\n)*\(2, 2\)"),
        ({"draws": {"rate": np.ones(2), "start": np.ones((3, 2))}}, "equally long"),
        ({"draws": {"rate": np.float64(1)}}, "first axis"),
        ({"save": ("people", "peple")}, "peple"),
        ({"chunk": 0}, "at least 1"),
        ({"end": 3.3}, "whole"),
    ],
)
def test_mistakes_are_named(model: Any, call: dict[str, Any], said: str) -> None:
    with pytest.raises(UserError) as error:
        sweep(model, **call)
    assert re.search(said, str(error.value)), str(error.value)


def test_draws_of_a_fit_are_taken_with_the_key(model: Any) -> None:
    class Fit:
        model: Any = None

        def draws(self, key: Any, n: int) -> dict[str, Any]:
            return {"rate": 0.1 + 0.01 * jax.random.normal(key, (n,))}

        def residual_process(self) -> dict[str, Any]:
            return {}

    a, b, c = (sweep(model, None, Fit(), n=4, key=k)["births"] for k in (1, 1, 2))
    assert a.sizes["draw"] == 4
    np.testing.assert_array_equal(a, b)
    assert not np.allclose(a, c)


def test_single_precision_models_sweep_too() -> None:
    model = compile_model(_MODEL, dtype=np.float32)
    runs = sweep(model, _SCENARIOS, _DRAWS, chunk=3)
    assert runs["people"].dtype == np.float32
    exact = sweep(compile_model(_MODEL), _SCENARIOS, _DRAWS, chunk=3)
    np.testing.assert_allclose(runs["people"], exact["people"], rtol=1e-4)


def test_compare_pairs_the_draws(model: Any) -> None:
    runs = sweep(model, _SCENARIOS, {"start": _DRAWS["start"]})
    table = compare(runs, variables=["people[B]"], times=[5, 10])
    assert list(table["scenario"]) == ["fast"] * 2 + ["dry"] * 2 + ["events"] * 2
    assert set(table["unit"]) == {"person"}
    row = table.iloc[1]
    new, old = (runs["people"].sel(scenario=s, time=10, place="B") for s in ("fast", "baseline"))
    assert row["difference"] == pytest.approx(np.median(new - old))
    assert row["per_cent"] == pytest.approx(100 * np.median((new - old) / old))
    assert row["lower"] == pytest.approx(np.quantile(new - old, 0.05))
    # The model is linear in `start`: the relative effect has no spread at all.
    share = (new - old) / old
    assert float(share.max() - share.min()) == pytest.approx(0, abs=1e-12)
    back = compare(runs, "fast", variables=["people[B]"])
    assert back["difference"].iloc[0] == pytest.approx(-row["difference"])


def test_compare_says_what_is_not_there(model: Any) -> None:
    runs = sweep(model, _SCENARIOS)
    assert len(compare(runs)) == 3 * 5
    for call, said in (
        ({"baseline": "x"}, "'x'"), ({"variables": ["people"]}, r"people\[A\]"),
        ({"variables": ["people[C]"]}, "no such element"), ({"variables": ["cats"]}, "cats"),
        ({"times": [2050]}, "0 to 10"),
    ):  # fmt: skip
        with pytest.raises(UserError, match=said):
            compare(runs, **call)  # type: ignore[arg-type]
