"""Dimensions of references and equations."""

from __future__ import annotations

from typing import Any

import pytest

from wmjax.spec import check_spec, expression_dims, load_spec, parse_expression


_ARRAYS: dict[str, Any] = {
    "name": "arrays",
    "dimensions": {
        "region": ["north", "south", "east"],
        "partner": {"alias": "region"},
        "cold": ["north", "east"],
        "sex": ["male", "female"],
    },
    "fields": {"age": {"start": 0, "end": 100, "cells": 10}},
    "variables": {
        "gdp": {"kind": "parameter", "dims": ["region"], "value": [1, 2, 3]},
        "people": {"kind": "parameter", "dims": ["region", "sex"], "value": 1},
        "aged": {"kind": "parameter", "dims": ["age"], "value": 1},
        "k": {"kind": "parameter", "value": 1},
        "table": {"kind": "lookup", "x": {"points": [0, 1]}, "y": {"points": [0, 1]}},
    },
}


@pytest.mark.parametrize(
    ("text", "dims"),
    [
        ("k", ""),
        ("gdp", "region"),
        ("gdp[region]", "region"),
        ("gdp[partner]", "partner"),
        ("gdp[cold]", "cold"),
        ("gdp[north]", ""),
        ("people[south, sex]", "sex"),
        ("people * gdp", "region sex"),
        ("gdp + gdp[partner]", "region partner"),
        ("sum(people)", ""),
        ("sum(people[region!, sex])", "sex"),
        ("sum(gdp[partner!] * gdp)", "region"),
        ("sum(gdp[region!] * gdp[region])", "region"),
        ("max(gdp[cold!])", ""),
        ("max(gdp, k)", "region"),
        ("sum(max(gdp[region!], 0))", ""),
        ("table(gdp)", "region"),
        ("region", "region"),
        ("north", ""),
        ("size(region)", ""),
        ("gdp if region = 1 else 0", "region"),
        ("smooth(gdp, k)", "region"),
        ("aged[3]", ""),
        ("aged * age", "age"),
        ("time", ""),
    ],
)
def test_dimensions_of_an_expression(text: str, dims: str) -> None:
    spec = load_spec(_ARRAYS)
    assert expression_dims(spec, parse_expression(text)) == frozenset(dims.split())


def _issues(equation: Any, *dims: str) -> list[tuple[str, str]]:
    y = {"kind": "auxiliary", "equation": equation, "dims": list(dims)}
    data = {**_ARRAYS, "variables": {**_ARRAYS["variables"], "y": y}}
    return [(i.code, i.message) for i in check_spec(data) if i.path.startswith("variables.y.eq")]


@pytest.mark.parametrize(
    ("equation", "dims", "code", "words"),
    [
        ("gdp", "", "dimension-clash", "'region' 'y'"),
        ("gdp[partner]", "region", "dimension-clash", "'partner' 'y'"),
        ("gdp[north, male]", "", "dimension-clash", "'gdp' 2 wanted"),
        ("k[north]", "", "dimension-clash", "'k' none"),
        ("gdp[sex]", "sex", "dimension-clash", "'gdp' 'region' 'sex'"),
        ("gdp[west]", "", "element-unknown", "'west' 'region'"),
        ("gdp[region!]", "region", "dimension-clash", "region! sum"),
        ("max(gdp[region!], 1)", "", "dimension-clash", "region!"),
        ("gdp[north!]", "", "dimension-clash", "'north'"),
        ("people[sex, region]", "region sex", "dimension-clash", "'people'"),
        ("people[region, sex] + people[sex, sex]", "region sex", "dimension-clash", "'people'"),
        ("sum(smooth(gdp[region!], k))", "", "dimension-clash", "smooth"),
        ("size(gdp)", "", "dimension-unknown", "size"),
        ("size(2)", "", "dimension-unknown", "size"),
        ("time[north]", "", "dimension-clash", "'time'"),
    ],
)
def test_dimensions_that_do_not_fit(equation: str, dims: str, code: str, words: str) -> None:
    found = _issues(equation, *dims.split())
    assert found and {c for c, _ in found} == {code}
    assert all(word in found[0][1] for word in words.split())


def test_equations_for_each_element() -> None:
    whole = {"north": "1", "south": "gdp", "east": "k"}
    assert _issues(whole, "region") == []
    ((code, message),) = _issues({"north": "1", "south": "2"}, "region")
    assert code == "element-missing" and "east" in message
    ((code, message),) = _issues({**whole, "west": "4"}, "region")
    assert code == "element-unknown" and "'west'" in message
    found = _issues({"north,male": "1", "north, male": "2"}, "region", "sex")
    assert [c for c, _ in found] == ["element-twice", "element-missing"]
    assert [c for c, _ in _issues({"north": "1"})] == ["dimension-clash"]
    assert [c for c, _ in _issues({**whole, "south": "gdp[partner]"}, "region")] == [
        "dimension-clash"
    ]


@pytest.mark.parametrize(
    ("value", "codes"),
    [
        (1, []),
        ([[1, 2], [3, 4], [5, 6]], []),
        ({"north": [1, 2], "south": {"male": 1, "female": 2}, "east": 3}, []),
        ([1, 2], ["dimension-clash"]),
        ([[1], [2], [3]], ["dimension-clash"] * 3),
        ([[[1, 2], 2], 2, 3], ["dimension-clash"]),
        ({"north": 1, "south": 2}, ["element-missing"]),
        ({"north": 1, "south": 2, "east": 3, "west": 4}, ["element-unknown"]),
    ],
)
def test_values_have_the_shape_of_the_dimensions(value: Any, codes: list[str]) -> None:
    p = {"kind": "parameter", "dims": ["region", "sex"], "value": value, "observed": "x"}
    data = {**_ARRAYS, "variables": {"p": p}}
    assert [i.code for i in check_spec(data)] == codes


def test_dimensions_of_the_spec_itself() -> None:
    data = {
        "name": "m",
        "dimensions": {"a": {"alias": "b"}, "b": {"alias": "a"}, "c": {"alias": "nobody"}},
        "variables": {
            "x": {"kind": "parameter", "dims": ["regoin"], "value": 1},
            "y": {"kind": "auxiliary", "dims": ["a", "c"], "equation": "x + x[q] + a"},
        },
    }
    found = [(i.code, i.path) for i in check_spec(data) if i.severity == "error"]
    assert found == [
        ("dimension-unknown", "dimensions.a.alias"),
        ("dimension-unknown", "dimensions.b.alias"),
        ("dimension-unknown", "dimensions.c.alias"),
        ("dimension-unknown", "variables.x.dims"),
        ("unknown-name", "variables.y.equation"),
    ]
