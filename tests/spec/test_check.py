"""`check_spec`: all mistakes at once, each with its code, its place and what to do."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import wmjax.spec
from wmjax import SpecError, UserError
from wmjax.spec import CODES, Issue, Scenario, check_scenario, check_spec, load_spec


Data = dict[str, Any]


def _good() -> Data:
    """A model without issues."""
    return {
        "name": "good",
        "time": {"start": 0, "end": 10, "step": 0.5, "unit": "year"},
        "dimensions": {"region": ["north", "south"]},
        "variables": {
            "population": {"kind": "stock", "unit": "person", "initial": "start", "inflows":
                           ["births"], "outflows": ["deaths"], "observed": "world.pop_persons"},
            "births": {"kind": "flow", "unit": "person/year", "equation": "population * rate"},
            "deaths": {"kind": "flow", "unit": "person/year", "equation": "population / life"},
            "rate": {"kind": "parameter", "unit": "1/year", "value": 0.03, "bounds": [0, 0.1],
                     "prior": {"normal": [0.03, 0.01]}},
            "life": {"kind": "auxiliary", "unit": "year", "equation": "table(wealth)"},
            "wealth": {"kind": "parameter", "unit": "usd", "value": 1.0},
            "start": {"kind": "parameter", "unit": "person", "value": 100.0},
            "table": {"kind": "lookup", "x": {"unit": "usd", "points": [0, 2]},
                      "y": {"unit": "year", "points": [40, 80]}},
        },
        "actors": [
            {"name": "World", "category": "world", "level": 1},
            {"name": "Utopia", "category": "country", "level": 2, "parent": "World",
             "parameters": ["rate"], "levers": ["push"]},
        ],
        "levers": {"push": {"target": "rate", "bounds": [0.01, 0.05], "step": 0.01,
                            "unit": "1/year"}},
        "connections": [{"from": "rate", "to": "births", "polarity": "+"},
                        {"from": "wealth", "to": "population", "polarity": ""},
                        {"from": "life", "to": "deaths", "polarity": "-"}],
        "events": [{"name": "war", "kind": "war", "start": 5, "duration": 1,
                    "effects": [{"target": "births", "multiply": 0.5}]}],
        "checks": [{"name": "people", "assert": "population >= 0"}],
    }  # fmt: skip


def _codes(issues: tuple[Issue, ...]) -> list[str]:
    return [issue.code for issue in issues]


def test_a_good_model_has_no_issues() -> None:
    assert check_spec(_good()) == ()


def _variable(name: str, **changes: Any) -> Callable[[Data], None]:
    def change(data: Data) -> None:
        new = {**data["variables"].get(name, {}), **changes}
        data["variables"][name] = {k: v for k, v in new.items() if v is not None}

    return change


def _part(path: str, value: Any) -> Callable[[Data], None]:
    def change(data: Any) -> None:
        *above, last = path.split(".")
        for key in above:
            data = data[int(key)] if isinstance(data, list) else data[key]
        if isinstance(data, list):
            data.insert(int(last), value)
        else:
            data[last] = value

    return change


def _aux(equation: str, **more: Any) -> Data:
    return {"kind": "auxiliary", "unit": "1", "equation": equation, "observed": "x", **more}


def _new(name: str, equation: str, **more: Any) -> Callable[[Data], None]:
    return _variable(name, **_aux(equation, **more))


def _together(*changes: Callable[[Data], None]) -> Callable[[Data], None]:
    def change(data: Data) -> None:
        for one in changes:
            one(data)

    return change


_CASES: list[tuple[str, str, Callable[[Data], None], str]] = [
    # code, path, the mistake, words in the message or hint
    ("format", "variables.rate.value", _variable("rate", value="much"), "much"),
    ("format", "variables.rate.kind", _variable("rate", kind="paramter"), "paramter parameter"),
    ("unknown-key", "variables.rate.uint", _variable("rate", uint="1"), "'uint' 'unit'"),
    ("missing-key", "variables.births.equation", _variable("births", equation=None), "equation"),
    ("missing-initial", "variables.population.initial", _variable("population", initial=None),
     "population"),
    ("missing-initial", "variables.population.initial", _variable("population", initial=""),
     "population"),
    ("time-step", "time", _part("time.step", 0.3), "0.3 10"),
    ("time-step", "time", _part("time.end", 1e308), "1e+308"),
    ("time-step", "variables.y.equation", _together(
        _new("y", "smooth(wealth, lag) / wealth"), _variable("lag", kind="parameter",
                                                             unit="year", value=0.1)), "0.1 0.5"),
    ("syntax", "variables.births.equation", _variable("births", equation="population * * rate"),
     "line 1, column 14 ^ name"),
    ("syntax", "checks[0].assert", _part("checks.0", {"name": "c", "assert": "population >"}),
     "column 13"),
    ("syntax", "variables.rate.unit", _variable("rate", unit="1/(year"), "1/(year"),
    ("unknown-name", "variables.births.equation", _variable("births", equation="popluation * rate"),
     "'popluation' 'population'"),
    ("unknown-name", "variables.births.equation", _variable("births", equation="max * population"),
     "'max' max(...)"),
    ("unknown-name", "levers.push.cost", _part("levers.push.cost", "wealht"), "'wealth'"),
    ("unknown-name", "variables.wealth.constituents", _variable("wealth", constituents=["stert"]),
     "'start'"),
    ("unknown-function", "variables.y.equation", _new("y", "sqr(1)"), "'sqr' 'sqrt'"),
    ("unknown-function", "variables.y.equation", _new("y", "MAX(1, 2)"), "'MAX' 'max'"),
    ("unknown-function", "variables.y.equation", _new("y", "rate(1)"), "parameter rate *"),
    ("wrong-arity", "variables.y.equation", _new("y", "exp(1, 2)"), "exp() 2 1"),
    ("wrong-arity", "variables.y.equation", _new("y", "zidz(1)"), "1 argument 2"),
    ("wrong-arity", "variables.life.equation", _variable("life", equation="table(wealth, 1)"),
     "'table' 2"),
    ("lookup-use", "variables.y.equation", _new("y", "table / table(wealth)"), "table(x)"),
    ("delay-order", "variables.y.equation",
     _new("y", "delay_n(1, life, 1, wealth / wealth)"), "delay_n whole"),
    ("reserved-name", "variables.time", _new("time", "1"), "'time'"),
    ("reserved-name", "variables.If", _new("If", "1"), "'If'"),
    ("reserved-name", "dimensions.max", _part("dimensions.max", ["a"]), "'max'"),
    ("duplicate-name", "actors.World",
     _part("actors.2", {"name": "World", "category": "world", "level": 1}), "2 actors"),
    ("duplicate-name", "variables.region", _new("region", "1"), "dimension"),
    ("duplicate-name", "connections[3]",
     _part("connections.3", {"from": "wealth", "to": "deaths", "form": "linear",
                             "coefficient": "rate"}), "rate"),
    ("algebraic-loop", "variables.a",
     _together(_new("a", "b"), _new("b", "c + 1"), _new("c", "a * 2")), "a -> b -> c -> a"),
    ("algebraic-loop", "variables.births",
     _part("connections.0", {"from": "births", "to": "births", "form": "elasticity"}),
     "births -> births"),
    ("initial-loop", "variables.s", _together(
        _variable("s", kind="stock", unit="1", initial="a", inflows=["f"]), _new("a", "s"),
        _variable("f", kind="flow", unit="1/year", equation="rate")), "s -> a -> s"),
    ("unit-clash", "variables.births.equation", _variable("births", equation="population + rate"),
     "rate person"),
    ("unit-clash", "levers.push.unit", _part("levers.push.unit", "usd"), "usd 1/year"),
    ("unit-scale", "variables.births.equation", _variable("births", unit="person/month"),
     "person/month 0.08333"),
    ("unit-literal", "variables.births.equation",
     _variable("births", equation="(population + 5) * rate"), "5.0 person"),
    ("unit-unknown", "variables.start.unit", _together(
        _variable("start", unit="wigdet"), _variable("population", initial="100 * start / start",
                                                     unit="")), "'wigdet' units"),
    ("unit-missing", "variables", _variable("wealth", unit=""), "wealth"),
    ("dimension-unknown", "variables.rate.dims", _variable("rate", dims=["regoin"]), "'region'"),
    ("dimension-clash", "variables.births.equation", _variable("rate", dims=["region"]),
     "'region' 'births'"),
    ("dimension-clash", "variables.population.inflows", _variable("births", dims=["region"]),
     "'births' 'region'"),
    ("element-unknown", "variables.births.equation", _together(
        _variable("rate", dims=["region"]),
        _variable("births", equation="population * rate[nroth]")), "'nroth' 'north'"),
    ("element-missing", "variables.wealth.value", _together(
        _variable("wealth", dims=["region"], value={"north": 1}),
        _variable("life", equation="table(wealth[north])")), "south"),
    ("element-twice", "variables.life.equation", _together(
        _variable("life", dims=["region"], equation={"north": "table(wealth)", " north": "life_2",
                                                     "south": "life_2"}),
        _new("life_2", "table(wealth)", unit="year"),
        _variable("deaths", equation="population / life[north]")), "2 'north'"),
    ("bounds-exclude-value", "variables.rate.bounds", _variable("rate", value=0.2), "0.2 0.1"),
    ("bounds-exclude-value", "variables.rate.bounds", _variable("rate", bounds=[0.1, 0]), "room"),
    ("bounds-exclude-value", "variables.table.bounds", _variable("table", bounds=[0, 50]), "80"),
    ("bounds-exclude-value", "connections[0].bounds",
     _part("connections.0", {"from": "wealth", "to": "life", "form": "elasticity",
                             "bounds": [0.5, 1]}), "0 0.5"),
    ("prior-outside-bounds", "variables.rate.prior",
     _variable("rate", prior={"lognormal": [0.5, 1]}), "0.5 0.1"),
    ("prior-outside-bounds", "variables.rate.prior",
     _variable("rate", prior={"uniform": [0.2, 0.3]}), "0.2 0.1"),
    ("lever-bounds", "levers.push.bounds", _part("levers.push.bounds", [0.04, 0.05]), "value"),
    ("lever-bounds", "levers.push.bounds", _part("levers.push.bounds", [0.01, 0.5]), "0.1"),
    ("lever-target", "levers.push.target", _part("levers.push", {
        "target": "births", "bounds": [0, 1], "step": 0.1}), "flow parameter"),
    ("lever-target", "levers.push.target", _part("levers.push.target", "raet"), "'rate'"),
    ("stock-flow", "variables.population.inflows", _variable("population", inflows=["brths"]),
     "'brths' 'births'"),
    ("stock-flow", "variables.population.inflows", _variable("population", inflows=["population"]),
     "stock"),
    ("stock-flow", "variables.population", _variable("population", outflows=["births"]),
     "inflow outflow"),
    ("event-target", "events.war.effects[0].target", _part("events.0.effects.0", {
        "target": "population", "multiply": 0}), "stock"),
    ("event-target", "events.war.effects[0].target", _part("events.0.effects.0", {
        "target": "berths", "multiply": 0}), "'births'"),
    ("actor-parent", "actors.Utopia.parent", _part("actors.1.parent", "Wrold"), "'World'"),
    ("actor-parent", "actors.A.parent", _together(
        _part("actors.0", {"name": "B", "category": "company", "level": 3, "parent": "A"}),
        _part("actors.0", {"name": "A", "category": "company", "level": 3, "parent": "B"})),
     "A -> B -> A"),
    ("actor-level", "actors.Acme.parent", _together(
        _part("actors.0", {"name": "Acme", "category": "company", "level": 2, "parent": "Bob"}),
        _part("actors.0", {"name": "Bob", "category": "celebrity", "level": 4})), "'Bob' 4 2"),
    ("actor-owns", "actors.Utopia.parameters[0]", _part("actors.1.parameters", ["raet"]), "'rate'"),
    ("actor-owns", "actors.Utopia.levers[0]", _part("actors.1.levers", ["psh"]), "'push'"),
    ("connection-end", "connections[0].from",
     _part("connections.0", {"from": "raet", "to": "births"}), "'rate'"),
    ("connection-end", "connections[0].to",
     _part("connections.0", {"from": "rate", "to": "brths"}), "'births'"),
    ("connection-target", "connections[0].to",
     _part("connections.0", {"from": "rate", "to": "population", "form": "linear"}), "equation"),
    ("claim-without-path", "connections[0]",
     _part("connections.0", {"from": "population", "to": "wealth"}), "wealth"),
    ("claim-polarity", "connections[0]",
     _part("connections.0", {"from": "rate", "to": "births", "polarity": "-"}), "'+' '-'"),
    ("claim-polarity", "connections[0]",
     _part("connections.0", {"from": "wealth", "to": "deaths", "polarity": "+"}), "'+' '-'"),
    ("unused-variable", "variables.idle",
     _variable("idle", kind="parameter", value=1, unit="1"), "'idle'"),
    ("unreachable", "variables.still",
     _variable("still", kind="stock", initial=1, unit="1"), "'still'"),
    ("unreachable", "events.war", _part("events.0.start", 99), "0 10"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("code", "path", "mistake", "words"), _CASES, ids=[f"{c}-{p}" for c, p, *_ in _CASES]
)
def test_one_mistake(
    code: str, path: str, mistake: Callable[[Data], None], words: str
) -> None:
    data = copy.deepcopy(_good())
    mistake(data)
    issues = check_spec(data)
    (issue,) = [i for i in issues if i.code == code and i.path == path]
    text = f"{issue.message} {issue.hint}"
    assert all(word in text for word in words.split()), text
    others = {i.code for i in issues if i.severity == "error"} - {code}
    assert not others, issues


def test_every_code_has_a_test_here() -> None:
    elsewhere = {"unknown-series", "scenario-target"}
    assert {code for code, *_ in _CASES} | elsewhere == set(CODES)


def test_every_code_is_documented() -> None:
    readme = Path(wmjax.spec.__file__).with_name("README.md").read_text(encoding="utf-8")
    for code, (severity, meaning) in CODES.items():
        assert f"| `{code}` | {severity} | {meaning} |" in readme


def test_series_of_the_catalogue() -> None:
    assert check_spec(_good(), catalogue=["world.pop_persons"]) == ()
    (issue,) = check_spec(_good(), catalogue=["world.population_persons"])
    assert (issue.code, issue.path) == ("unknown-series", "variables.population.observed")
    assert "world.population_persons" in issue.hint


def test_columns_of_own_tables_are_no_series_of_the_catalogue() -> None:
    data = copy.deepcopy(_good())
    data["variables"]["population"]["observed"] = "people"
    assert check_spec(data, catalogue=["world.pop_persons"]) == ()


def test_a_series_in_another_unit_is_found() -> None:
    assert check_spec(_good(), catalogue={"world.pop_persons": "person"}) == ()
    (issue,) = check_spec(_good(), catalogue={"world.pop_persons": "kg"})
    assert (issue.code, issue.path) == ("unit-clash", "variables.population.observed")
    assert "kg" in issue.message and "person" in issue.message


def test_a_mistake_hides_no_other_in_its_part() -> None:
    data = copy.deepcopy(_good())
    data["time"] |= {"method": "eulr", "end": -1}
    del data["variables"]["population"]["initial"]
    data["variables"]["population"]["outflows"] = ["deths"]
    data["actors"][1] |= {"colour": "red", "parent": "Wrld"}
    data["variables"]["rate"] |= {"value": "abc"}
    found = {(i.code, i.path) for i in check_spec(data) if i.severity == "error"}
    assert found == {
        ("format", "time.method"), ("format", "time"),
        ("missing-initial", "variables.population.initial"),
        ("stock-flow", "variables.population.outflows"),
        ("unknown-key", "actors[1].colour"), ("actor-parent", "actors.Utopia.parent"),
        ("format", "variables.rate.value"),
    }  # fmt: skip


def test_reading_a_spec_that_does_not_fit_names_what_checking_it_would() -> None:
    data = copy.deepcopy(_good())
    data["variables"]["population"]["colour"] = "red"
    data["variables"]["births"]["equation"] = "populaton * 0.1"
    with pytest.raises(SpecError) as raised:
        load_spec(data)
    found = {i.code for i in raised.value.issues}
    assert {"unknown-key", "unknown-name"} <= found


_TEN = """
wmjax: 1
name: ten mistakes
colour: blue
time: {start: 0, end: 10, step: 1, unit: year}
dimensions: {region: [north, south]}
variables:
  herd: {kind: stock, unit: animal, inflows: [calves]}
  calves: {kind: flow, unit: animal/year, equation: "herd * fertilty"}
  fertility: {kind: parameter, unit: 1/year, value: 0.5, bounds: [0, 0.1]}
  grass: {kind: auxiliary, unit: kg, equation: "rain * ("}
  rain: {kind: parameter, unit: mm, value: 3}
  a: {kind: auxiliary, unit: 1, equation: b + 1}
  b: {kind: auxiliary, unit: 1, equation: 2 * a}
  c: {kind: auxiliary, unit: 1, equation: "rain + a"}
  d: {kind: auxiliary, unit: 1, equation: "squareroot(a)"}
  e: {kind: auxiliary, unit: mm, equation: "wet[west]"}
  wet: {kind: parameter, unit: mm, dims: [region], value: [1, 2]}
events:
  - {name: drought, start: 3, effects: [{target: rian, multiply: 0.5}]}
units: {animal: ""}
"""


def test_ten_mistakes_are_ten_issues(tmp_path: Path) -> None:
    path = tmp_path / "ten.yaml"
    path.write_text(_TEN, encoding="utf-8")
    errors = [(i.code, i.path) for i in check_spec(path) if i.severity == "error"]
    assert sorted(errors) == sorted([
        ("unknown-key", "colour"),
        ("missing-initial", "variables.herd.initial"),
        ("unknown-name", "variables.calves.equation"),
        ("bounds-exclude-value", "variables.fertility.bounds"),
        ("syntax", "variables.grass.equation"),
        ("algebraic-loop", "variables.a"),
        ("unit-clash", "variables.c.equation"),
        ("unknown-function", "variables.d.equation"),
        ("element-unknown", "variables.e.equation"),
        ("event-target", "events.drought.effects[0].target"),
    ])  # fmt: skip


def test_what_could_not_be_read_causes_no_further_issues() -> None:
    data = _good()
    data["variables"]["population"]["initail"] = 1
    data["variables"]["rate"]["kind"] = "number"
    data["dimensions"]["zone"] = {"elements": ["arctic"], "alias": "region"}
    data["variables"]["z"] = _aux("q[zone] + q[arctic] + zone + arctic", dims=["zone"])
    data["variables"]["q"] = {"kind": "parameter", "dims": ["zone"], "value": [1], "unit": "1"}
    data["levers"]["push"]["colour"] = "red"
    data["actors"][0]["level"] = 3
    assert {(i.code, i.path) for i in check_spec(data)} == {
        ("unknown-key", "variables.population.initail"), ("format", "variables.rate.kind"),
        ("format", "dimensions.zone"), ("unknown-key", "levers.push.colour"),
        ("format", "actors[0]"),
    }  # fmt: skip


@pytest.mark.parametrize(
    "text", ["a: [1, 2", "- 1\n- 2", "", "wmjax: 99\nname: a\nvariables: {}", "name: a\nname: b"]
)
def test_a_file_that_is_no_spec_is_an_issue(tmp_path: Path, text: str) -> None:
    path = tmp_path / "model.yaml"
    path.write_text(text, encoding="utf-8")
    (issue,) = check_spec(path)
    assert issue.code == "format"


def test_no_file_at_all_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(UserError, match="world"):
        check_spec("wordl")


def test_issues_read_well() -> None:
    data = _good()
    data["variables"]["births"]["equation"] = "population * * rate"
    text = str(check_spec(data)[0])
    assert text.startswith("error [syntax] variables.births.equation: line 1, column 14")
    assert "    population * * rate\n                 ^" in text


def test_errors_come_before_warnings_and_no_issue_twice() -> None:
    data = _good()
    data["variables"]["idle"] = {"kind": "parameter", "value": 1}
    data["variables"]["births"]["equation"] = "popl + popl"
    issues = check_spec(data)
    assert _codes(issues) == ["unknown-name", "unused-variable", "unit-missing"]


def test_the_bundled_model_has_no_errors() -> None:
    assert [i for i in check_spec("world") if i.severity == "error"] == []


def test_scenarios() -> None:
    spec = load_spec(_good())
    assert check_scenario(spec, Scenario(name="base")) == ()
    scenario = Scenario.model_validate(
        {
            "name": "s",
            "parameters": {"raet": 1, "births": 2, "wealth": [1, 2], "rate": 5},
            "series": {"rate": {"times": [1], "values": [2]}},
            "events": [{"name": "e", "start": 1, "effects": [{"target": "table", "add": 1}]}],
        }
    )
    assert [(i.code, i.path, i.severity) for i in check_scenario(spec, scenario)] == [
        ("scenario-target", "parameters.raet", "error"),
        ("scenario-target", "parameters.births", "error"),
        ("dimension-clash", "parameters.wealth", "error"),
        ("scenario-target", "series.rate", "error"),
        ("event-target", "events.e.effects[0].target", "error"),
        ("bounds-exclude-value", "parameters.rate", "warning"),
    ]


_junk = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=6,
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_no_replacement_of_a_part_makes_it_raise(draw: st.DataObject) -> None:
    """Any value anywhere in a good model gives issues or a good model, never an exception."""
    data = json.loads(json.dumps(_good()))
    place: Any = data
    for _ in range(draw.draw(st.integers(1, 4))):
        keys = list(place) if isinstance(place, dict) else list(range(len(place)))
        key = draw.draw(st.sampled_from(keys))
        if not isinstance(place[key], dict | list) or not place[key]:
            break
        if draw.draw(st.booleans()):
            place = place[key]
    place[key if key in (place if isinstance(place, dict) else range(len(place))) else 0] = (
        draw.draw(_junk)
    )
    for issue in check_spec(data):
        assert issue.code in CODES and issue.message
