"""Lookups and exogenous series, run by other engines from an XMILE file."""

from __future__ import annotations

import pytest

from tests.formats.engines import ENGINES, agree, aux, model
from wmjax.formats import to_xmile


WITHIN = {"pysimlin": 1e-9, "PySD": 3e-8}
"""PySD keeps eight decimals of the points of a table."""


def _table(x: list[float], y: list[float], outside: str = "hold") -> dict:
    return {"kind": "lookup", "x": {"points": x}, "y": {"points": y}, "outside": outside}


TABLES = {
    "uneven": _table([0, 0.1, 3, 4.5], [5, -2, 1e6, 3.25]),
    "beyond": _table([1, 2, 5], [0, 1, -4], "extrapolate"),
    "jump": _table([0, 2, 2, 2, 4, 4], [0, 1, 9, 5, 6, 8]),
    "jump at the ends": _table([1, 1, 3, 3], [0, 2, 4, 8], "extrapolate"),
    "jump at zero": _table([-1, 0, 0, 1], [0, 1, 5, 6]),
    "only a jump": _table([2, 2], [0, 1]),
    "guard": _table([0, 1], [0, 1]),
    "never read": _table([0, 1], [0, 1]),
}
READS = {
    "r1": "uneven(time)", "r2": "beyond(time - 1) * 2", "r3": "jump(time)",
    "r4": '"jump at the ends"(time)', "r5": '"jump at zero"(time - 4)', "r6": '"only a jump"(time)',
    "twice": "uneven(time / 2) - uneven(r1 / 1e6)", "inside": "uneven(uneven(time) / 3e5)",
    "guarded": "guard(1 / (time - 3)) if time <> 3 else 2",
    "deep": "(guard(1 / (time - 3)) if time > 3 else 1) if time <> 4 else guard(1 / time)",
    "remembered": "smooth(uneven(time), 2, jump(1))",
}  # fmt: skip


@pytest.mark.parametrize("engine", ENGINES)
def test_tables_agree(engine: str) -> None:
    spec = model(TABLES | {name: aux(text) for name, text in READS.items()})
    agree(engine, spec, within=WITHIN[engine])


def test_a_table_read_once_keeps_its_name() -> None:
    text = to_xmile(model({"t": TABLES["uneven"], "y": aux("1 + t(time / 2)")})).text
    assert '<aux name="t">\n        <eqn>TIME / 2.0</eqn>' in text
    assert "<xpts>0.0,0.1,3.0,4.5</xpts>" in text
    assert "<ypts>5.0,-2.0,1000000.0,3.25</ypts>" in text
    assert "<eqn>1.0 + t</eqn>" in text


DATA = {"times": [1, 2, 4.5, 6], "values": [3, 5, 2, 4]}
BEYOND = {
    "held": "hold", "mean": {"rule": "mean", "years": 2}, "line": {"rule": "trend", "years": 5},
}  # fmt: skip


@pytest.mark.parametrize("interpolation", ["linear", "previous", "next", "nearest"])
@pytest.mark.parametrize("engine", ENGINES)
def test_series_agree(engine: str, interpolation: str) -> None:
    """Values hold before the first time, and follow the stated rule after the last."""
    series = {
        f"{name} {interpolation}": {
            "kind": "series", **DATA, "beyond": rule, "interpolation": interpolation,
        }
        for name, rule in BEYOND.items()
    }  # fmt: skip
    once = {"kind": "series", "times": [3], "values": [2], "interpolation": interpolation}
    spec = model({**series, "once": once, "reads": aux(f'"held {interpolation}" * 2')},
                 time={"end": 12})  # fmt: skip
    agree(engine, spec, within=WITHIN[engine])


def test_series_of_the_catalogue_agree() -> None:
    spec = model(
        {"people": {"kind": "series", "data": "world.pop_persons", "unit": "person",
                    "beyond": {"rule": "trend", "years": 10}}},
        time={"start": 1960, "end": 2100, "step": 1},
    )  # fmt: skip
    agree("pysimlin", spec)
