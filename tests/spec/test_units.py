"""Units: against pint on whole expressions, and equations by hand."""

from __future__ import annotations

import math
from typing import Any

import pint
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wmjax.spec import Unit, UnitError, check_spec, convert_factor, load_spec, unit_of


_registry = pint.UnitRegistry(cache_folder=None)
_names = st.sampled_from(["kg", "m", "second", "year", "month", "kJ", "W", "ha", "mol", "week"])


@st.composite
def _unit_texts(draw: st.DrawFn) -> str:
    text = draw(_names)
    for _ in range(draw(st.integers(0, 3))):
        power = draw(st.sampled_from(["", "**2", "^2", "**-1", "^3"]))
        text += draw(st.sampled_from(["*", "/", " ", " / "])) + draw(_names) + power
    return text


@settings(max_examples=100, deadline=None)
@given(_unit_texts(), _unit_texts())
def test_conversions_are_pints(first: str, second: str) -> None:
    one, other = (_registry.parse_expression(t.replace("^", "**")) for t in (first, second))
    if one.is_compatible_with(other):
        expected = (one / other).to("dimensionless").magnitude
        assert convert_factor(first, second) == pytest.approx(expected, rel=1e-9)
    else:
        with pytest.raises(UnitError) as caught:
            convert_factor(first, second)
        assert repr(first) in str(caught.value) and repr(second) in str(caught.value)


@pytest.mark.parametrize(
    ("source", "target", "factor"),
    [
        ("person/year", "person/month", 1 / 12),
        ("percent", "1", 0.01),
        ("1e6 person", "people", 1e6),
        ("USD/Year", "$/year", 1.0),
        ("permille/year", "1/year", 1e-3),
        ("nmol/mol", "ppb", 1.0),
        ("degC", "K", 1.0),
        ("kcal/day/person", "kJ/day/capita", 4.184),
        ("decade", "year", 10.0),
        ("m^0.5", "km^(1/2)", math.sqrt(1e-3)),
        ("", "kg", 1.0),
        ("dmnl", "fraction", 1.0),
    ],
)
def test_conversions_by_hand(source: str, target: str, factor: float) -> None:
    assert convert_factor(source, target) == pytest.approx(factor, rel=1e-9)


def test_units_of_a_model() -> None:
    units = {"GtC": "", "GtCO2": "12/44 GtC", "hare": "", "money": "[currency]"}
    assert convert_factor("GtCO2/year", "GtC/year", units) == pytest.approx(12 / 44)
    assert convert_factor("hare", "hare", units) == 1.0
    for other in ("ha", "usd", "1"):
        with pytest.raises(UnitError):
            convert_factor("hare", other, units)
    with pytest.raises(UnitError, match="widget"):
        convert_factor("widget", "kg")


def test_a_name_with_an_accidental_prefix_is_no_unit_of_pint() -> None:
    """pint reads hare as hecto-are and unit as micro-nit."""
    with pytest.raises(UnitError):
        convert_factor("hare", "m^2")
    with pytest.raises(UnitError):
        convert_factor("unit", "cd/m^2")


@pytest.mark.parametrize(
    "text", ["9**9**9**9", "((((", "1/0", "0 kg", "kg+kg", "-kg", "kg^1e9", "kg, m", "kg" * 200]
)
def test_what_is_no_unit_is_refused(text: str) -> None:
    with pytest.raises(UnitError):
        convert_factor(text, "kg")


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=30))
def test_any_text_is_a_unit_or_a_unit_error(text: str) -> None:
    try:
        factor = convert_factor(text, text)
    except UnitError:
        return
    assert factor == 1.0


def _model(equation: str, unit: str, **more: Any) -> dict[str, Any]:
    def parameter(unit: str) -> dict[str, Any]:
        return {"kind": "parameter", "value": 2, "unit": unit}

    return {
        "name": "m",
        "time": {"unit": "year"},
        "variables": {
            "people": parameter("person"), "rate": parameter("1/year"),
            "slow": parameter("1/month"), "money": parameter("usd"), "share": parameter("1"),
            "lag": parameter("year"), "free": parameter(""),
            "table": {"kind": "lookup", "x": {"unit": "usd/person", "points": [0, 1]},
                      "y": {"unit": "1/year", "points": [0, 1]}},
            "y": {"kind": "auxiliary", "unit": unit, "equation": equation},
            **more,
        },
    }  # fmt: skip


def _found(equation: str, unit: str) -> list[str]:
    issues = check_spec(_model(equation, unit))
    codes = [i.code for i in issues if i.path.startswith("variables.y.equation")]
    return [code for code in codes if code.startswith("unit")]


@pytest.mark.parametrize(
    ("equation", "unit"),
    [
        ("people * rate", "person/year"),
        ("people + 0", "person"),
        ("max(0, people)", "person"),
        ("people if money > 0 else 0", "person"),
        ("people * table(money / people)", "person/year"),
        ("(money / people) ^ 2", "usd^2/person^2"),
        ("sqrt(money * money)", "usd"),
        ("(money * people) ^ (1/2)", "usd^0.5*person^0.5"),
        ("share ^ share", "1"),
        ("exp(rate * lag) + ln(people / people)", "1"),
        ("exp(rate * (time - lag))", "1"),
        ("people * time_step / lag", "person"),
        ("smooth(people, lag, people)", "person"),
        ("delay_n(people, lag, people, 3)", "person"),
        ("step(people, lag) + people * pulse(lag, lag)", "person"),
        ("ramp(rate * people, lag)", "person"),
        ("xidz(money, people, money / people)", "usd/person"),
        ("zidz(money, people)", "usd/person"),
        ("if_then_else(people > 0, money, 0)", "usd"),
        ("free + people", "person"),
        ("free * people", "usd"),
        ("sum(people) + abs(-people)", "person"),
        ("not (people > 0 and money > 0)", "1"),
        ("modulo(time, lag)", "year"),
        ("sign(people) + 1", "1"),
    ],
)
def test_equations_that_fit(equation: str, unit: str) -> None:
    assert _found(equation, unit) == []


@pytest.mark.parametrize(
    ("equation", "unit"),
    [
        ("people * rate", "person"),
        ("people + money", "person"),
        ("max(people, money)", "person"),
        ("1 if people > money else 0", "1"),
        ("exp(people)", "1"),
        ("people ^ share", "person"),
        ("share ^ people", "1"),
        ("table(people)", "1/year"),
        ("table(money / people)", "1"),
        ("smooth(people, share)", "person"),
        ("smooth(people, lag, money)", "person"),
        ("step(people, people)", "person"),
        ("ramp(people, lag)", "person"),
        ("xidz(money, people, people)", "usd/person"),
        ("people if share else money", "person"),
        ("pulse(people, lag)", "1"),
        ("sqrt(people)", "person"),
    ],
)
def test_equations_that_clash(equation: str, unit: str) -> None:
    assert _found(equation, unit) == ["unit-clash"]


@pytest.mark.parametrize(
    ("equation", "unit"),
    [("people + 1", "person"), ("5 - people", "person"), ("1 if people > 1e9 else 0", "1"),
     ("smooth(people, 3)", "person"), ("max(people, 2 * 50)", "person")],
)  # fmt: skip
def test_a_number_beside_a_quantity_takes_its_unit_and_says_so(equation: str, unit: str) -> None:
    issues = check_spec(_model(equation, unit))
    (found,) = [i for i in issues if i.code in ("unit-literal", "unit-clash")]
    assert (found.code, found.severity) == ("unit-literal", "warning")


@pytest.mark.parametrize("number", ["1000", "-2.5e3", "3 * 1000"])
def test_an_equation_that_is_a_number_has_the_unit_of_its_variable(number: str) -> None:
    assert _found(number, "person") == []


def test_a_factor_is_reported_with_its_size() -> None:
    issues = check_spec(_model("people * rate", "person/month"))
    (scale,) = [i for i in issues if i.code == "unit-scale"]
    assert scale.severity == "warning"
    assert "0.08333" in scale.message and "0.08333" in scale.hint
    assert _found("rate + slow", "1/year") == ["unit-scale"]


def test_a_stock_gathers_its_flows_over_time() -> None:
    def codes(unit: str, time: str) -> list[str]:
        stock = {"kind": "stock", "unit": "person", "initial": "people", "inflows": ["born"]}
        born = {"kind": "flow", "unit": unit, "equation": "people * rate"}
        model = {**_model("people", "person", born=born, stock=stock), "time": {"unit": time}}
        return [i.code for i in check_spec(model) if i.path.startswith("variables.stock")]

    assert codes("person/year", "year") == []
    assert codes("person/year", "month") == ["unit-scale"]
    assert codes("person", "year") == ["unit-clash"]


def test_unknown_and_missing_units_are_said_once() -> None:
    data = _model("people * rate", "person/yaer")
    issues = check_spec(data)
    (unknown,) = [i for i in issues if i.code == "unit-unknown"]
    assert unknown.severity == "warning" and "'year'" in unknown.hint
    (missing,) = [i for i in issues if i.code == "unit-missing"]
    assert "free" in missing.message
    bare = {"name": "m", "variables": {"x": {"kind": "parameter", "value": 1}}}
    assert not [i for i in check_spec(bare) if i.code in ("unit-literal", "unit-clash")]


def test_units_can_be_left_out_of_a_check() -> None:
    assert not [i for i in check_spec(_model("people + money", "x y z"), units=False)
                if i.code.startswith("unit")]  # fmt: skip


def test_definitions_in_a_circle() -> None:
    data = {**_model("people", "person"), "units": {"a": "2 b", "b": "3 a"}}
    assert "a -> b -> a" in " ".join(i.message for i in check_spec(data) if i.code == "unit-clash")


def test_the_unit_of_a_variable() -> None:
    spec = load_spec(_model("people", "person/year"))
    assert str(unit_of(spec, "y")) == "person/year"
    assert str(unit_of(spec, "table")) == "1/year"
    assert unit_of(spec, "free") is None
    assert unit_of(spec, "share") == Unit()
    with pytest.raises(KeyError):
        unit_of(spec, "nobody")
