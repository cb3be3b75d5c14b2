"""The XMILE document itself: form, names, units, what is kept and what is said."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET

import pytest

from tests.formats.engines import ENGINES, agree, aux, largest_gap, model, ours
from wmjax import SpecError, UserError, load_spec
from wmjax.formats import XmileWarning, to_xmile, write_xmile


NS = {"x": "http://docs.oasis-open.org/xmile/ns/XMILE/v1.0"}

HOSTILE = {
    "R&D <b>'s</b>": 1.0, "a.b": 2.0, "a b": 3.0, "A_B": 4.0, "a  b": 5.0, "notional": 6.0,
    "2nd wave": 7.0, "{comment}": 8.0, "back\\slash": 9.0, "pi": 10.0, "DT": 11.0, "Größe µ": 12.0,
    "人口": 13.0, "x, y": 14.0, "&gt;-->": 15.0, "a/b * (c) - 1": 17.0, "lambda": 22.0,
    "saveper": 18.0, "\ufffe": 19.0, " padded ": 20.0, "nan": 21.0,
}  # fmt: skip


def _hostile():
    """Each name holds its own number, and one sum reads them all with different weights."""
    variables = {
        n: {"kind": "parameter", "value": HOSTILE[n], "doc": f"<&>\"'\x07\r\n{n} ]]>",
            "unit": "$/°C"} for n in HOSTILE
    }  # fmt: skip
    total = " + ".join(f'{i + 1} * "{n}"' for i, n in enumerate(HOSTILE))
    return model({**variables, "total": aux(total, source="<script>")}, description="a & b < c")


def _root(spec) -> ET.Element:
    return ET.fromstring(to_xmile(spec).text)


@pytest.mark.parametrize("engine", ENGINES)
def test_hostile_names_reach_other_programs_whole(engine: str) -> None:
    agree(engine, _hostile())


def test_text_is_escaped_and_says_what_it_said() -> None:
    root = _root(_hostile())
    docs = [e.text or "" for e in root.iterfind(".//x:doc", NS)]
    assert docs[0].startswith("<&>\"'\ufffd\n") and docs[0].endswith("R&D <b>'s</b> ]]>")
    assert docs[-1] == "Source: <script>"
    assert root.findtext("x:header/x:caption", namespaces=NS) == "a & b < c"


def test_changed_names_are_told() -> None:
    (issue,) = to_xmile(_hostile()).issues
    assert issue.code == "xmile-names" and issue.severity == "warning"
    for said in ("'a.b' is 'a_b 4'", "'A_B' is 'A_B 2'", "'back\\\\slash' is 'back_slash'"):
        assert said in issue.message
    assert "more" in issue.message
    with pytest.warns(XmileWarning, match="xmile-names"):
        write_xmile(_hostile())


def test_the_head_of_the_document() -> None:
    spec = model(
        {"x": aux("time")}, units={"GtCO2": "44/12 GtC", "credit": ""},
        time={"start": 1900, "end": 1901, "step": 0.125, "save_every": 0.5, "method": "rk4",
              "unit": "year"},
    )  # fmt: skip
    root = _root(spec)
    assert root.tag == f"{{{NS['x']}}}xmile" and root.get("version") == "1.0"
    for path in ("vendor", "product", "name"):
        assert root.findtext(f"x:header/x:{path}", namespaces=NS)
    specs = root.find("x:sim_specs", NS)
    assert specs is not None
    assert specs.attrib == {
        "method": "RK4", "time_units": "year", "{http://iseesystems.com/XMILE}save_interval": "0.5",
    }  # fmt: skip
    assert [(e.tag.split("}")[1], e.text) for e in specs] == [
        ("start", "1900.0"), ("stop", "1901.0"), ("dt", "0.125"),
    ]  # fmt: skip
    assert root.findtext("x:model_units/x:unit/x:eqn", namespaces=NS) == f"{44 / 12!r}*GtC"
    assert root.find(".//x:non_negative", NS) is None
    assert root.find("x:dimensions", NS) is None
    agree("pysimlin", spec)


def test_units_and_ranges() -> None:
    root = _root(model({
        "x": {"kind": "parameter", "value": 0.25, "unit": "person per (km**2 year)",
              "bounds": [1e-7, 0.5]},
        "y": aux("x", unit="1"), "z": aux("x", unit="1e6 usd"), "none": aux("x"),
    }))  # fmt: skip
    units = {e.get("name"): e.findtext("x:units", namespaces=NS) for e in root.iter()
             if e.get("name") and e.tag.endswith("aux")}  # fmt: skip
    assert units == {"x": "person/km^2/year", "y": "1", "z": "1000000*usd", "none": None}
    limits = root.find(".//x:range", NS)
    assert limits is not None and limits.attrib == {"min": "1.0e-07", "max": "0.5"}


def test_arrays_are_announced() -> None:
    spec = model({"x": aux("1", dims="d")}, dimensions={"d": ["one", "two"]})
    options = _root(spec).find("x:header/x:options/x:uses_arrays", NS)
    assert options is not None and options.get("maximum_dimensions") == "1"


def test_what_xmile_has_no_words_for_is_kept() -> None:
    spec = model(
        {"x": {"kind": "parameter", "value": 1, "prior": {"normal": [0, 1]}, "trainable": True,
               "group": "economic"}, "y": aux("x", observed="world.pop_persons")},
        checks=[{"name": "low", "assert": "x < 5"}],
        actors=[{"name": "World", "category": "world", "level": 1}],
        connections=[{"from": "x", "to": "y", "polarity": "+", "reasoning": "</model> & more"}],
    )  # fmt: skip
    document = to_xmile(spec)
    assert document.kept == ("1 actors", "1 connections", "1 checks", "group of 1 variable",
                             "observed of 1 variable", "prior of 1 variable",
                             "trainable of 1 variable")  # fmt: skip
    (kept,) = ET.fromstring(document.text).iterfind("{urn:wmjax:xmile:1}rest")
    data = json.loads(kept.text or "")
    assert data["variables"]["x"] == {
        "group": "economic", "prior": {"normal": [0.0, 1.0]}, "trainable": True,
    }  # fmt: skip
    assert data["connections"][0]["reasoning"] == "</model> & more"
    for engine in ENGINES:
        agree(engine, spec)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({}, False), ({"y": aux("step(1, 2)")}, True), ({"y": aux("ramp(1, 2)")}, False),
        ({"y": {"kind": "series", "times": [1], "values": [1]}}, False),
        ({"y": {"kind": "series", "times": [1], "values": [1], "interpolation": "next"}}, True),
    ],
)  # fmt: skip
def test_switches_inside_a_step_are_told(change, told: bool) -> None:
    variables = {"x": {"kind": "stock", "initial": "0", "inflows": ["f"]},
                 "f": {"kind": "flow", "equation": "1"}, **change}  # fmt: skip
    assert not to_xmile(model(variables)).issues
    issues = to_xmile(model(variables, time={"method": "rk4"})).issues
    assert [i.code for i in issues] == ["xmile-switch"] * told


def test_the_difference_that_is_told_of_is_real() -> None:
    """Before a switch another engine sees it in the last stage of a step; ours does not."""
    spec = model(
        {"x": {"kind": "stock", "initial": "0", "inflows": ["f"]},
         "f": {"kind": "flow", "equation": "step(1, 2)"}}, time={"method": "rk4"},
    )  # fmt: skip
    mine, theirs = ours(spec), ENGINES["pysimlin"](to_xmile(spec).text)
    assert mine["x"][8.0] == pytest.approx(6.0)
    assert theirs["x"][8.0] == pytest.approx(6.0 + 0.25 / 6)


def test_the_text_depends_on_the_spec_alone() -> None:
    spec = load_spec("world")
    assert to_xmile(spec).text == to_xmile(load_spec(spec.to_dict())).text


@pytest.mark.slow
def test_the_bundled_world_agrees() -> None:
    """Its events compare with DT, which PySD does not know."""
    spec = load_spec("world")
    gap, name = largest_gap(ours(spec), ENGINES["pysimlin"](to_xmile(spec).text))
    assert gap < 1e-9, name


def test_a_spec_with_errors_is_refused() -> None:
    with pytest.raises(SpecError, match="unknown-name"):
        to_xmile(model({"x": aux("y + 1")}))


def test_more_than_a_program_would_read_is_refused() -> None:
    """Spelled-out functions repeat their arguments."""
    deep = "time"
    for _ in range(16):
        deep = f"integer({deep})"
    with pytest.raises(UserError, match="characters of XMILE"):
        to_xmile(model({"x": aux(deep)}))
    wide = model({"x": aux("age * age", dims=["age", "other"])},
                 fields={"age": {"start": 0, "end": 1, "cells": 1000}},
                 dimensions={"other": {"alias": "age"}})  # fmt: skip
    with pytest.raises(UserError, match="1000000 elements"):
        to_xmile(wide)
