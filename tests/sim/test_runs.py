"""Segments, scenarios, events, saved rows, failures, files, traces."""

from __future__ import annotations

import csv

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pandas as pd
import pytest
import xarray as xr

from tests.models import decay, formula, logistic, parameter, predation
from wmjax import (
    Native,
    Scalar,
    SimulationError,
    UserError,
    advance,
    compile_model,
    initial_state,
    simulate,
    verify,
    with_parameters,
)
from wmjax.sim import effect_rows, event_inputs, simulate_inputs
from wmjax.spec import Event, Scenario


@pytest.mark.parametrize("solver", ["euler", "rk2", "rk4"])
@pytest.mark.parametrize("cuts", [(80,), (1, 79), (13, 27, 40), (20, 20, 20, 20)])
def test_segments_are_the_whole_exactly(solver, cuts):
    model = compile_model(predation(save_every=0.125))
    whole = simulate(model, solver=solver)
    state, row = initial_state(model), 0
    for steps in cuts:
        state, part = advance(model, state, steps, solver=solver)
        for name in ("prey", "hunters", "eaten"):
            np.testing.assert_array_equal(part[name], whole[name][row : row + steps + 1])
        row += steps
    np.testing.assert_array_equal(state.stocks["prey"], whole["prey"][-1])


def test_segments_with_hidden_stocks_and_events():
    data = predation()
    data["variables"]["eaten"]["equation"] = "b * prey * smooth3(hunters, 2)"
    data["events"] = [
        {"name": "cull", "start": 4, "duration": 2, "effects": [{"target": "a", "multiply": 0.5}]}
    ]
    model = compile_model(data)
    whole = simulate(model)
    state, _ = advance(model, initial_state(model), 37)
    state, part = advance(model, state, 43)
    np.testing.assert_array_equal(part["prey"], whole["prey"][37:])


@pytest.mark.parametrize("save_every", [0.25, 0.5, 2.5, 10])
def test_rows_are_saved_where_asked_and_nothing_else_changes(save_every):
    fine = simulate(compile_model(decay()))
    run = simulate(compile_model(decay()), save_every=save_every)
    stride = round(save_every / 0.25)
    np.testing.assert_array_equal(run.times, np.asarray(fine.times)[::stride])
    np.testing.assert_allclose(run["x"], np.asarray(fine["x"])[::stride], rtol=1e-14)


def test_other_dates():
    run = simulate(compile_model(decay()), start=5, end=7)
    assert run.times[0] == 5 and run.times[-1] == 7
    assert float(run["x"][0]) == 100
    with pytest.raises(UserError, match="whole multiple"):
        simulate(compile_model(decay()), end=7.1)


def test_events_multiply_add_and_set_for_their_time():
    data = formula("a", a=parameter([1.0, 2.0], dims=["d"]))
    data["dimensions"] = {"d": ["p", "q"]}
    data["variables"]["y"]["dims"] = ["d"]
    model = compile_model(data)

    def run(**effect):
        event = {"name": "e", "start": 1, "duration": 2, "effects": [effect]}
        return np.asarray(simulate(model, {"name": "s", "events": [event]})["y"])

    np.testing.assert_array_equal(run(target="a", multiply=3)[:, 0], [1, 3, 3, 1, 1])
    np.testing.assert_array_equal(run(target="a[q]", add=5)[:, 1], [2, 7, 7, 2, 2])
    np.testing.assert_array_equal(run(target="a[q]", add=5)[:, 0], [1, 1, 1, 1, 1])
    np.testing.assert_array_equal(run(target="y", set=9)[:, 0], [1, 9, 9, 1, 1])


def test_an_event_comes_into_force_over_its_ramp():
    model = compile_model(formula("a", a=parameter(10.0)))
    event = Event.model_validate(
        {"name": "phase-in", "start": 0, "ramp": 4, "effects": [{"target": "a", "multiply": 0}]}
    )
    run = simulate(model, Scenario(name="s", events=(event,)))
    np.testing.assert_allclose(run["y"], [10, 7.5, 5, 2.5, 0])


def test_neutral_rows_change_nothing():
    model = compile_model(predation())
    event = Event.model_validate(
        {"name": "e", "start": 2, "effects": [{"target": "a", "multiply": 1.2}]}
    )
    rows = effect_rows(model, [Scenario(name="s", events=(event, event))])
    padded = simulate_inputs(model, event_inputs(model, (), like=rows))
    # two programs, so XLA may fuse differently: equal to rounding, not to the bit
    np.testing.assert_allclose(padded["prey"], simulate(model)["prey"], rtol=1e-13)


def test_a_series_can_be_replaced_from_a_date_on():
    data = formula("s", s={"kind": "series", "times": [0, 1, 2, 3, 4], "values": [1, 2, 3, 4, 5]})
    path = {"times": [2, 4], "values": [10, 20]}
    run = simulate(compile_model(data), {"name": "x", "series": {"s": path}})
    assert run["y"].tolist() == [1, 2, 10, 15, 20]


def test_unknown_names_in_a_scenario_are_reported_together():
    model = compile_model(decay())
    scenario = {
        "name": "s",
        "parameters": {"kk": 1},
        "series": {"z": {"times": [0], "values": [1]}},
    }
    with pytest.raises(UserError) as caught:
        simulate(model, scenario)
    assert "'kk'" in str(caught.value) and "'z'" in str(caught.value) and "'k'" in str(caught.value)


def test_a_value_that_is_not_finite_names_variable_time_and_causes():
    data = decay(step=1, save_every=5)
    data["variables"]["loss"]["equation"] = "30"
    data["variables"]["y"] = {"kind": "auxiliary", "equation": "ln(x - 10)"}
    with pytest.raises(SimulationError) as caught:
        simulate(compile_model(data))
    assert (caught.value.variable, caught.value.time) == ("y", 3.0)
    assert "x = 10" in str(caught.value)
    assert not np.isfinite(simulate(compile_model(data), throw=False)["y"]).all()


def test_a_diffrax_run_that_breaks_off_says_so():
    data = decay()
    data["variables"]["loss"]["equation"] = "-x ^ 2"
    import diffrax

    with pytest.raises(SimulationError):
        simulate(compile_model(data), solver=diffrax.Tsit5())


def test_equal_specs_and_changed_numbers_share_one_trace():
    @eqx.filter_jit
    @eqx.debug.assert_max_traces(max_traces=1)
    def last(model):
        return simulate(model, throw=False, save=("x",))["x"][-1]

    one, two = compile_model(logistic()), compile_model(logistic())
    a = last(one)
    assert last(two) == a
    assert last(with_parameters(one, {"r": 0.1})) != a


def test_ensembles_by_vmap_are_loops():
    model = compile_model(predation())
    values = jnp.linspace(0.8, 1.2, 5)
    run = lambda a: simulate(with_parameters(model, {"a": a}), throw=False)["prey"]  # noqa: E731
    np.testing.assert_allclose(
        jax.vmap(run)(values), jnp.stack([run(a) for a in values]), rtol=1e-12
    )


def test_tables_and_files(tmp_path):
    data = formula("a * time", a=parameter([[1.5, 2.25]], dims=["p", "q"], unit="kg", doc="amount"))
    data["dimensions"] = {"p": ["x"], "q": ["u", "v w"]}
    data["variables"]["y"] |= {"dims": ["p", "q"], "unit": "kg"}
    run = simulate(compile_model(data))
    frame = run.to_dataframe()
    assert list(frame.columns) == ["a[x,u]", "a[x,v w]", "y[x,u]", "y[x,v w]"]
    assert frame.index.name == "time"
    back = pd.read_csv(run.to_csv(tmp_path / "r.csv"), index_col="time")
    back.index = back.index.astype(float)
    pd.testing.assert_frame_equal(back, frame, rtol=1e-15)
    with xr.open_dataset(run.to_netcdf(tmp_path / "r.nc"), engine="h5netcdf") as stored:
        assert stored["y"].dims == ("time", "p", "q")
        assert stored["a"].attrs["units"] == "kg" and stored["a"].attrs["long_name"] == "amount"
        np.testing.assert_array_equal(stored["y"], run["y"])


def test_csv_keeps_full_double_precision(tmp_path):
    run = simulate(compile_model(logistic()))
    with run.to_csv(tmp_path / "x.csv").open() as file:
        back = [float(row["x"]) for row in csv.DictReader(file)]
    np.testing.assert_array_equal(back, run["x"])


def test_interpolated_rows():
    run = simulate(compile_model(formula("2 * time")))
    np.testing.assert_allclose(run.at("y", np.array([0.5, 3.25])), [1.0, 6.5])


def test_checks_of_the_model_are_held_against_a_run():
    data = decay()
    data["checks"] = [
        {"name": "positive", "assert": "x > 0"},
        {"name": "large", "assert": "x >= 50"},
        {"name": "large early", "assert": "x >= 50", "end": 2},
    ]
    (violation,) = verify(compile_model(data))
    assert violation.check == "large"
    first = next(t for t in np.arange(0, 10.25, 0.25) if 100 * (1 - 0.075) ** (t * 4) < 50)
    assert violation.time == first


@pytest.mark.parametrize("backend", [Scalar(), Native()])
def test_a_run_like_the_last_one_is_that_of_its_own_numbers(backend):
    """Whatever is remembered of the run before: its parameters, its dates, traces around it."""
    model = compile_model(predation(), backend=backend)
    fresh = {a: simulate(compile_model(_with(a), backend=backend))["prey"] for a in (1.1, 1.3)}
    inside = jax.jit(lambda scale: scale * simulate(model, throw=False)["prey"])
    np.testing.assert_array_equal(inside(1.0), fresh[1.1])
    for _ in range(2):
        np.testing.assert_array_equal(simulate(model)["prey"], fresh[1.1])
        other = with_parameters(model, {"a": 1.3})
        np.testing.assert_array_equal(simulate(other)["prey"], fresh[1.3])
        np.testing.assert_array_equal(simulate(model, end=5)["prey"], fresh[1.1][:41])
        np.testing.assert_array_equal(inside(1.0), fresh[1.1])
        assert jnp.isfinite(jax.grad(lambda a: _last(model, a))(1.1))


def _with(a):
    data = predation()
    data["variables"]["a"]["value"] = a
    return data


def _last(model, a):
    return simulate(with_parameters(model, {"a": a}), throw=False)["prey"][-1]
