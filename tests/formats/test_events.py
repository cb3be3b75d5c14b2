"""Events, connections and scenarios, written out and run by other engines."""

from __future__ import annotations

import numpy as np
import pytest

from tests.formats.engines import ENGINES, agree, aux, largest_gap, model, ours
from wmjax import Scenario, SpecError
from wmjax.formats import expand_events, to_xmile, under_scenario


REGIONS = {"region": ["China", "EU"], "west": ["EU"]}
VARIABLES = {
    "tax": {"kind": "parameter", "value": 0.2, "unit": "1", "doc": "of income"},
    "rate": {"kind": "parameter", "dims": "region", "value": {"China": 0.3, "EU": 0.1}},
    "price": {"kind": "series", "times": [0, 8], "values": [1, 5]},
    "income": aux("(1 + time) * (1 - tax)"),
    "trade": aux("rate * price", dims="region"),
    "each": aux({"China": "time", "EU": "rate"}, dims="region"),
    "wealth": {"kind": "stock", "initial": "income", "inflows": ["saving"]},
    "saving": {"kind": "flow", "equation": "income - wealth * 0.1"},
}
EVENTS = [
    {"name": "war", "start": 2, "duration": 2, "effects": [
        {"target": "income", "multiply": 0.5}, {"target": "income", "add": -1},
        {"target": "trade[EU]", "set": 0}]},
    {"name": "law", "start": 1.1, "effects": [{"target": "tax", "set": 0.4}]},
    {"name": "boom", "start": 3, "duration": 2.4, "ramp": 2, "effects": [
        {"target": "income", "multiply": 1.5}, {"target": "income", "multiply": 1.1},
        {"target": "price", "add": 2}, {"target": "rate[China]", "multiply": 3},
        {"target": "each[EU]", "add": 1}, {"target": "trade[west]", "add": -1}]},
    {"name": "short", "start": 5, "duration": 0.1, "effects": [{"target": "saving", "set": 3}]},
    {"name": "from the start", "start": -5, "duration": 5.5, "effects": [
        {"target": "income", "add": 7}]},
    {"name": "nothing", "start": 2, "effects": []},
]  # fmt: skip


def _spec(**more):
    return model(VARIABLES, dimensions=REGIONS, **more)


@pytest.mark.parametrize("engine", ["pysimlin"])
def test_events_agree(engine: str) -> None:
    """PySD does not know DT, with which an event is compared; see `test_functions`."""
    agree(engine, _spec(events=EVENTS))


@pytest.mark.parametrize("method", ["euler", "rk2", "rk4"])
def test_events_written_out_are_the_events(method: str) -> None:
    spec = _spec(events=EVENTS, time={"step": 0.5, "method": method})
    expanded = expand_events(spec)
    assert not expanded.events
    if method == "euler":
        assert largest_gap(ours(spec), ours(expanded))[0] < 1e-12
    strength = ours(expanded)["event_boom"].to_numpy()
    assert strength.max() == pytest.approx(1.0) and strength[6] == 0.0


def test_the_strength_of_an_event_is_a_variable() -> None:
    text = to_xmile(_spec(events=EVENTS)).text
    assert '<aux name="event war">' in text
    assert "* (1.0 + event_war * (-0.5))" in text


SCENARIO = Scenario.model_validate({
    "name": "other", "events": [EVENTS[0]],
    "parameters": {"tax": 0.5, "rate": {"China": 1, "EU": 2}},
    "series": {"price": {"times": [3, 5], "values": [7, 9]}},
})  # fmt: skip


def test_scenarios_agree() -> None:
    spec = _spec(events=EVENTS[2:])
    found = ENGINES["pysimlin"](to_xmile(spec, SCENARIO).text)
    assert largest_gap(ours(spec, SCENARIO), found)[0] < 1e-9
    assert largest_gap(ours(spec), found)[0] > 0.1


def test_a_spec_under_a_scenario_runs_as_the_scenario_does() -> None:
    spec = _spec(events=EVENTS[2:])
    gap, name = largest_gap(ours(spec, SCENARIO), ours(under_scenario(spec, SCENARIO)))
    assert gap < 1e-12, name


def test_a_scenario_that_does_not_fit_is_refused() -> None:
    prize = {"times": [1], "values": [1]}
    wrong = Scenario.model_validate(
        {"name": "wrong", "parameters": {"taxx": 1}, "series": {"prize": prize}}
    )
    with pytest.raises(SpecError) as caught:
        to_xmile(_spec(), wrong)
    assert "taxx" in str(caught.value) and "prize" in str(caught.value)


FORMS = [
    {"form": "linear"}, {"form": "elasticity"}, {"form": "saturating"}, {"form": "threshold"},
    {"form": "delay", "delay": 3}, {"form": "lookup"}, {"form": "linear", "role": "summand"},
    {"form": "elasticity", "to": "trade[EU]"}, {"form": "diffusion", "from": "rate", "to": "trade"},
]  # fmt: skip


@pytest.mark.parametrize("engine", ENGINES)
def test_connections_agree(engine: str) -> None:
    connections = [
        {"from": "wealth", "to": "saving", "value": 0.01, "coefficient": f"link {i}", **form}
        for i, form in enumerate(FORMS)
    ]
    spec = _spec(connections=connections)
    agree(engine, spec, within=1e-8)
    assert np.isfinite(ours(spec)).all(axis=None)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_smooth_in_a_feedback_loop_starts_at_its_initial_value(engine: str) -> None:
    """Its input needs its value at the start, so it is written as a stock and a flow."""
    spec = model({"seen": aux("smooth(real, 2, 5)"), "real": aux("10 - seen * 0.5"),
                  "calm": aux("smooth(time, 2)")})  # fmt: skip
    agree(engine, spec)
    text = to_xmile(spec).text
    assert '<stock name="seen smooth 1">' in text
    assert "<eqn>SMTH1(TIME, 2.0)</eqn>" in text
