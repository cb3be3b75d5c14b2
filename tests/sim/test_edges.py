"""Edges of runs: switches inside steps, rows, scenarios, checks, what traces share."""

from __future__ import annotations

import diffrax
import equinox as eqx
import numpy as np
import pytest
import xarray as xr

from tests.models import decay, formula, parameter
from wmjax import SimulationError, UserError, compile_model, simulate, verify
from wmjax.sim import apply_scenario, effect_rows, simulate_inputs
from wmjax.spec import Scenario


def _tank(flow, **time):
    data = formula("1", x={"kind": "stock", "initial": 0, "inflows": ["f"]},
                   f={"kind": "flow", "equation": flow})  # fmt: skip
    data["time"] = {"start": 0, "end": 2, "step": 0.1, **time}
    return data


@pytest.mark.parametrize("solver", ["euler", "rk2", "rk4"])
@pytest.mark.parametrize("start", [0.3, 0.6, 0.7, 1.1])
def test_a_pulse_pours_its_width_whatever_the_method_and_the_rounding(solver, start):
    run = simulate(compile_model(_tank(f"pulse({start}, 0.4)")), solver=solver)
    assert float(run["x"][-1]) == pytest.approx(0.4, rel=1e-12)


@pytest.mark.parametrize("solver", ["euler", "rk2", "rk4"])
def test_so_does_an_event(solver):
    data = _tank("a", step=0.25)
    data["variables"]["a"] = parameter(0.0)
    data["events"] = [{"name": "e", "start": 0.5, "duration": 0.75,
                       "effects": [{"target": "a", "set": 2}]}]  # fmt: skip
    run = simulate(compile_model(data), solver=solver)
    assert float(run["x"][-1]) == pytest.approx(1.5, rel=1e-12)


def test_an_adaptive_solver_switches_at_the_time_itself():
    run = simulate(compile_model(_tank("step(1, 1)", step=0.5)), solver=diffrax.Tsit5())
    assert float(run["x"][-1]) == pytest.approx(1.0, rel=1e-6)


def test_a_solver_that_gives_up_is_named():
    data = decay()
    data["variables"]["loss"]["equation"] = "-x ^ 2"
    with pytest.raises(SimulationError, match="Tsit5 stopped"):
        simulate(compile_model(data), solver=diffrax.Tsit5())


@pytest.mark.parametrize("solver", ["euler", "rk4", diffrax.Tsit5()])
def test_the_last_row_is_at_the_end_even_off_the_saving_interval(solver):
    model = compile_model(decay(step=1))
    whole, run = simulate(model, solver=solver), simulate(model, save_every=3, solver=solver)
    assert run.times.tolist() == [0, 3, 6, 9, 10]
    np.testing.assert_allclose(run["x"], whole["x"][np.array([0, 3, 6, 9, 10])], rtol=1e-6)


def test_only_what_is_saved_is_computed_and_nothing_else_changes():
    data = decay()
    data["variables"]["bad"] = {"kind": "auxiliary", "equation": "ln(x - 1000)"}
    np.testing.assert_array_equal(simulate(compile_model(data), save=("x",))["x"],
                                  simulate(compile_model(decay()))["x"])  # fmt: skip


@pytest.mark.parametrize("solver", ["euler", diffrax.Tsit5()])
def test_models_without_moving_stocks(solver):
    for data in (formula("time"), formula("x", x={"kind": "stock", "initial": 3})):
        assert simulate(compile_model(data), solver=solver)["y"].shape == (5,)


def test_a_large_value_is_set_exactly():
    data = formula("a", a=parameter(1e20))
    data["events"] = [{"name": "e", "start": 1, "effects": [{"target": "a", "set": 1.5}]}]
    assert simulate(compile_model(data))["y"].tolist() == [1e20, 1.5, 1.5, 1.5, 1.5]


def test_a_scenario_keeps_every_point_of_its_path():
    data = formula("s", s={"kind": "series", "times": [0, 4], "values": [0, 4]})
    path = {"times": [1, 2, 3], "values": [5, 9, 5]}
    run = simulate(compile_model(data), {"series": {"s": path}})
    assert run["y"].tolist() == [0, 5, 9, 5, 5]


def test_scenarios_with_other_numbers_of_points_and_effects_fit_one_shape():
    data = formula("s + a", s={"kind": "series", "times": [0, 4], "values": [0, 4]}, a=parameter(0))
    model = compile_model(data)
    event = {"name": "e", "start": 2, "effects": [{"target": "a", "add": 1}]}
    scenarios = [
        Scenario(name="a"),
        Scenario.model_validate({"name": "b", "events": [event],
                                 "series": {"s": {"times": [1, 2, 3], "values": [5, 9, 5]}}}),
    ]  # fmt: skip
    shapes = effect_rows(model, scenarios)
    for scenario in scenarios:
        padded = simulate_inputs(*apply_scenario(model, scenario, like=shapes))
        np.testing.assert_array_equal(padded["y"], simulate(model, scenario)["y"])


def test_events_on_a_subrange_and_on_an_element_that_does_not_exist():
    data = formula("1", a=parameter(1.0, dims=["d"]))
    data["dimensions"] = {"d": ["p", "q", "r"], "some": ["q", "r"]}
    model = compile_model(data)

    def event(target):
        return {"events": [{"name": "e", "start": 0, "effects": [{"target": target, "add": 1}]}]}

    assert simulate(model, event("a[some]"))["a"][0].tolist() == [1, 2, 2]
    with pytest.raises(UserError, match="'qq'"):
        simulate(model, event("a[qq]"))


def test_traced_runs_of_one_structure_keep_their_own_dates_and_events():
    last = eqx.filter_jit(lambda model: simulate(model, throw=False)["x"][-1])
    event = {"name": "e", "start": 1, "effects": [{"target": "k", "multiply": 2}]}
    for data in (decay(), decay(step=0.5), decay(end=20), {**decay(), "events": [event]}):
        model = compile_model(data)
        assert float(last(model)) == float(simulate(model)["x"][-1])


def test_checks_know_initial_values_and_tolerances():
    data = decay()
    data["checks"] = [
        {"name": "held", "assert": "x <= initial(x)"},
        {"name": "half", "assert": "x >= 0.5 * initial(x)", "end": 1},
        {"name": "near", "assert": "x >= 60", "end": 2, "tolerance": 10},
        {"name": "far", "assert": "x >= 60", "end": 2, "tolerance": 1},
    ]
    model = compile_model(data)
    assert [v.check for v in verify(model)] == ["far"]
    with pytest.raises(UserError, match="saved"):
        verify(model, simulate(model, save=("loss",)))


def test_names_that_files_cannot_hold(tmp_path):
    data = formula('"a/b" + d', **{"a/b": parameter(2.0)})
    data["dimensions"] = {"d": ["p", "q"]}
    data["variables"]["d"] = {"kind": "parameter", "dims": ["d"], "value": 1}
    data["variables"]["y"]["dims"] = ["d"]
    run = simulate(compile_model(data))
    with xr.open_dataset(run.to_netcdf(tmp_path / "r.nc"), engine="h5netcdf") as stored:
        assert stored["a∕b"].attrs["name"] == "a/b"
        assert stored["d_"].dims == ("time", "d") and stored["d"].dims == ("d",)
    assert "a/b" in run.to_csv(tmp_path / "r.csv").read_text().splitlines()[0]


def test_a_long_chain_of_variables_compiles_in_linear_time():
    variables = {f"v{i}": {"kind": "auxiliary", "equation": f"v{i - 1} + 1"} for i in range(1, 60)}
    run = simulate(compile_model(formula("v59", v0=parameter(1), **variables)))
    assert float(run["y"][0]) == 60
