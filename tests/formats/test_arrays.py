"""Subscripted variables, run by other engines from an XMILE file."""

from __future__ import annotations

import pytest

from tests.formats.engines import ENGINES, agree, aux, model
from wmjax.formats import to_xmile


DIMENSIONS = {
    "region": ["China", "EU", "South Asia"],
    "partner": {"alias": "region"},
    "west": ["EU"],
    "sector": ["a", "b"],
}
X = {"kind": "parameter", "dims": "region", "value": {"China": 3, "EU": 1, "South Asia": 2}}
Y = {"kind": "parameter", "dims": ["region", "sector"], "value": [[1, 2], [3, 4], [5, 7]]}

EQUATIONS = {
    "all": (["region"], "x * time + x[EU] - x[\"South Asia\"]"),
    "fewer": (["region", "sector"], "x[region] / (1 + y)"),
    "order": (["sector", "region"], "x + y"),
    "none": (["sector"], "time"),
    "alias": (["region", "partner"], "x[region] - time * x[partner]"),
    "subrange": (["west"], "x[west] * 2"),
    "through": (["sector"], "sum(y[region!, sector] * x[region!])"),
    "both": ([], "sum(x) + mean(y) + prod(x[region!]) / size(sector)"),
    "share": (["region"], "x / sum(x[region!]) + x / sum(x)"),
    "extremes": (["sector"], "min(y[region!, sector]) + max(y) - max(x[region!] * time)"),
    "of aliases": (["region"], "sum(trade[region, partner!]) - sum(trade[partner!, region])"),
    "inner": (["region"], "sum(x[partner!] * max(y[partner!, sector!]))"),
    "places": (["region"], "region + 10 * EU + (100 if region = EU else 0) + (region > China)"),
    "chosen": (["region"], "x if x > 1 and time > 2 else x[EU]"),
    "remembered": (["region"], "smooth(x * time, 3, 1) + delay3(x + time, 4) + initial(x + 1)"),
    "loop": (["region"], "smooth(1 + 0.1 * loop, 2, x)"),
    "long": (["region", "sector"], "smooth_n(y * time, 3, 1, 2) + delay_n(y + time, 3, x, 2)"),
    "table": (["region"], "curve(x * time) + curve(x[EU])"),
    "tables": (["region"], "sum(curve(x[partner!] + x[region]))"),
    "cut": (["region"], "round(x * time / 3) + zidz(x, time - 2) + step(x, x[EU])"),
}  # fmt: skip


def _spec(**more):
    variables = {name: aux(text, dims=dims) for name, (dims, text) in EQUATIONS.items()}
    table = {"kind": "lookup", "x": {"points": [0, 3, 9]}, "y": {"points": [0, 1, 9]}}
    return model(
        {
            "x": X, "y": Y, "curve": table,
            "trade": {"kind": "parameter", "dims": ["region", "partner"],
                      "value": [[0, 1, 2], [3, 0, 5], [6, 7, 0]]},
            "each": aux({"China": "x * time", "EU": "2", "South Asia": "smooth(x, 2, region)"},
                        dims="region"),
            "each pair": aux({f"{r}, {s}": f"y * {i}" for i, (r, s) in enumerate(
                (r, s) for r in DIMENSIONS["region"] for s in "ab")}, dims=["region", "sector"]),
            **variables,
            "level": {"kind": "stock", "dims": "region", "initial": "x * 2", "inflows": ["gain"],
                      "outflows": ["loss"]},
            "gain": {"kind": "flow", "dims": "region", "equation": "0.1 * level"},
            "loss": {"kind": "flow", "dims": "region", "equation": "0.03 * level[EU]"},
            "unlike": {"kind": "stock", "dims": "region", "inflows": ["gain[EU]", "rain"],
                       "outflows": ["loss"],
                       "initial": {"China": "1", "EU": "x[EU]", "South Asia": "5"}},
            "rain": {"kind": "flow", "equation": "time"},
            "from an element": {"kind": "stock", "initial": "1", "inflows": ["gain[China]"]},
            "second": {"kind": "stock", "dims": "region", "initial": "0", "inflows": ["gain"],
                       "outflows": ["loss", "fed"]},
            "fed": aux("0.1 * x", dims="region"),
        },
        dimensions=DIMENSIONS,
        **more,
    )  # fmt: skip


@pytest.mark.parametrize("engine", ENGINES)
def test_arrays_agree(engine: str) -> None:
    agree(engine, _spec())


def test_arrays_agree_with_a_method_of_several_stages() -> None:
    agree("pysimlin", _spec(time={"method": "rk4", "step": 0.125}))


def test_one_equation_stands_for_all_elements_where_it_can() -> None:
    text = to_xmile(_spec()).text
    assert "<eqn>x[region] * TIME + x[EU] - x[South_Asia]</eqn>" in text
    assert "<eqn>x[EU] - TIME * x[China]</eqn>" in text


@pytest.mark.parametrize("engine", ENGINES)
def test_elements_that_are_numbers_or_signs(engine: str) -> None:
    """A whole number is a position in XMILE: 2010 is no third element, 1 is the first."""
    spec = model(
        {
            "x": aux("year", dims="year"), "y": aux("age * time", dims="age"),
            "z": aux("topic", dims="topic"),
            "sums": aux('x[2010] + 10 * x[2020] + y[2] + z["R&D"] - z["a.b"]'),
        },
        dimensions={"year": [2010, 2020], "age": ["1", "2"], "topic": ["R&D", "a.b", "R D"]},
    )  # fmt: skip
    document = to_xmile(spec)
    found = ENGINES[engine](document.text)
    assert found["sums"].tolist() == [1 + 20 + 2 * t + 1 - 2 for t in found.index]
    assert "'2010' is 'year 2010'" in str(document.issues[0])


def test_fields_are_numbered_cells() -> None:
    spec = model(
        {"y": aux("age * time", dims="age"), "last": aux("y[3]")},
        fields={"age": {"start": 0, "end": 30, "cells": 3}},
    )
    agree("pysimlin", spec)
