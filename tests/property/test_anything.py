"""Whatever is loaded, checked or run: an error of ours, or none."""

from __future__ import annotations

import json

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wmjax import WmjaxError, check_spec, compile_model, load_spec, simulate
from wmjax.spec import parse_expression


_QUICK = settings(
    max_examples=60, deadline=None, derandomize=True, database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)  # fmt: skip
_LONG = settings(_QUICK, max_examples=1500)

_NAMES = st.sampled_from(["x", "y", "time", "a b", "p", "d", 'q"', "a/b", "#", "é", "", "region"])
_TEXT = st.sampled_from([
    "1", "x", "y", "x + y", "x[p]", "sum(x[d!])", "1 / 0", "smooth(x, 2)", "delay_n(x, 2, 1, 3)",
    "initial(y)", "x(1)", "min()", "((", "size(d)", "-" * 300 + "1", "1e400", "x[d!]", "x[q]", "\0",
])  # fmt: skip
_SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | _NAMES | _TEXT
    | st.sampled_from(["stock", "flow", "auxiliary", "parameter", "lookup", "series", "linear"])
)  # fmt: skip
_KEYS = st.sampled_from([
    "kind", "equation", "initial", "inflows", "outflows", "value", "dims", "x", "y", "points",
    "times", "values", "data", "unit", "bounds", "prior", "alias", "elements", "start", "end",
    "step", "effects", "target", "set", "from", "to", "form", "name", "assert", "interpolation",
])  # fmt: skip
_ANY = st.recursive(
    _SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS | _NAMES, inner, max_size=4),
    max_leaves=12,
)
_VARIABLE = st.one_of(
    st.fixed_dictionaries({"kind": st.just("auxiliary"), "equation": _TEXT | _ANY}),
    st.fixed_dictionaries({"kind": st.just("stock"), "initial": _TEXT, "inflows": _ANY}),
    st.fixed_dictionaries(
        {"kind": st.just("parameter"), "value": _ANY}, optional={"dims": st.just(["d"]) | _ANY}
    ),
    _ANY,
)
_SPECS = st.fixed_dictionaries(
    {"name": st.just("n") | _ANY, "variables": st.dictionaries(_NAMES, _VARIABLE, max_size=4)},
    optional={
        "time": st.just({"start": 0, "end": 2, "step": 1}) | _ANY,
        "dimensions": st.dictionaries(_NAMES, st.just(["p", "q"]) | _ANY, max_size=2),
        "events": _ANY, "checks": _ANY, "connections": _ANY, "actors": _ANY, "units": _ANY,
        "fields": _ANY, "levers": _ANY,
    },
)  # fmt: skip


def _survives(data):
    try:
        check_spec(data, units=False)
        simulate(compile_model(data), end=None)
    except WmjaxError as error:
        assert str(error)


@_QUICK
@given(_SPECS)
def test_any_data(data):
    _survives(data)


@pytest.mark.slow
@_LONG
@given(_SPECS)
def test_any_data_in_a_long_search(data):
    _survives(data)


@_QUICK
@given(st.one_of(st.text(max_size=60), st.text("{}[]:,-&*!|>'\"#%@ \n\tab01.e", max_size=60),
                 _SPECS.map(lambda d: yaml.safe_dump(d, allow_unicode=True)),
                 _SPECS.map(json.dumps)),
       st.sampled_from(["yaml", "json"]))  # fmt: skip
def test_any_text(tmp_path_factory, text, suffix):
    path = tmp_path_factory.mktemp("any") / f"m.{suffix}"
    path.write_text(text, encoding="utf-8", errors="surrogatepass")
    try:
        load_spec(path)
    except WmjaxError as error:
        assert str(error)


@settings(_QUICK, max_examples=300)
@given(st.text(max_size=30) | st.lists(st.sampled_from(
    "x y 1 2.5 + - * / ^ ( ) [ ] , ! if else and or not = <> >= \"a b\" exp( sum( d".split(" ")
), max_size=12).map(" ".join))  # fmt: skip
def test_any_expression(text):
    try:
        parse_expression(text)
    except WmjaxError as error:
        assert str(error)


@pytest.mark.parametrize(
    "scenario",
    [
        {"k": "abc"}, {"k": [1, 2]}, {"k": {"p": 1}}, {"zz": 1}, {"events": [{"name": "e"}]},
        {"events": [{"name": "e", "start": 0, "effects": [{"target": "zz", "set": 1}]}]},
        {"series": {"k": {"times": [0], "values": [1]}}}, {"parameters": None},
    ],
)  # fmt: skip
def test_any_scenario(scenario):
    data = {
        "name": "n", "time": {"start": 0, "end": 1, "step": 1},
        "variables": {"k": {"kind": "parameter", "value": 1}},
    }  # fmt: skip
    with pytest.raises(WmjaxError):
        simulate(compile_model(data), scenario)
