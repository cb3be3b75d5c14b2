"""Graphs of equations: order and cycles against graphlib, influences and signs by hand."""

from __future__ import annotations

import graphlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wmjax.spec import (
    ModelSpec,
    causal_links,
    cycles,
    dependencies,
    initial_dependencies,
    instant_dependencies,
    load_spec,
    order,
)


_graphs = st.integers(1, 8).flatmap(
    lambda n: st.fixed_dictionaries(
        {str(i): st.sets(st.integers(0, n - 1).map(str), max_size=3) for i in range(n)}
    )
)


@given(_graphs)
def test_order_and_cycles_agree_with_graphlib(graph: dict[str, set[str]]) -> None:
    try:
        expected = list(graphlib.TopologicalSorter(graph).static_order())
    except graphlib.CycleError:
        expected = None
    found = cycles(graph)
    assert bool(found) == (expected is None)
    for loop in found:
        assert loop[0] == loop[-1] and len(set(loop)) == len(loop) - 1
        assert all(b in graph[a] for a, b in zip(loop, loop[1:], strict=False))
    if expected is None:
        with pytest.raises(ValueError, match="->"):
            order(graph)
    else:
        ordered = order(graph)
        assert sorted(ordered) == sorted(expected)
        assert all(ordered.index(r) < ordered.index(n) for n, reads in graph.items() for r in reads)


def test_a_long_chain_is_no_problem() -> None:
    graph = {str(i): {str(i + 1)} for i in range(20_000)} | {"20000": set()}
    assert order(graph)[0] == "20000"


def _model(**variables: Any) -> ModelSpec:
    made: dict[str, Any] = {}
    for name, value in variables.items():
        if isinstance(value, str):
            made[name] = {"kind": "auxiliary", "equation": value}
        elif isinstance(value, int | float):
            made[name] = {"kind": "parameter", "value": value}
        else:
            made[name] = value
    return load_spec({"name": "m", "variables": made})


def _stock(initial: Any, inflows: Any = (), outflows: Any = ()) -> dict[str, Any]:
    return {"kind": "stock", "initial": initial, "inflows": inflows, "outflows": outflows}


def _flow(equation: str) -> dict[str, Any]:
    return {"kind": "flow", "equation": equation}


def test_who_reads_whom() -> None:
    spec = _model(
        x=_stock("x0", ["up"], ["down"]), x0=1, lag=2, up=_flow("smooth(down, lag)"),
        down=_flow("delay1(up, lag, x0) + initial(x)"),
    )  # fmt: skip
    assert dependencies(spec) == {
        "x": {"up", "down"}, "x0": set(), "lag": set(), "up": {"down", "lag"},
        "down": {"up", "lag", "x0", "x"},
    }  # fmt: skip
    assert instant_dependencies(spec)["up"] == set()
    assert instant_dependencies(spec)["down"] == {"lag"}
    starts = initial_dependencies(spec)
    assert starts["x"] == {"x0"} and starts["up"] == {"down"} and starts["down"] == {
        "lag", "x0", "x"}  # fmt: skip
    assert cycles(instant_dependencies(spec)) == ()


def _signs(equation: str, **more: Any) -> dict[str, str | None]:
    spec = _model(p=2, q=3, n=-1, any=_stock(1, [], ["drift"]), drift=_flow("1"), y=equation,
                  up={"kind": "lookup", "x": {"points": [0, 1, 2]}, "y": {"points": [0, 1, 5]}},
                  bent={"kind": "lookup", "x": {"points": [0, 1, 2]}, "y": {"points": [0, 1, 0]}},
                  **more)  # fmt: skip
    return {a: sign for a, b, sign in causal_links(spec) if b == "y"}


@pytest.mark.parametrize(
    ("equation", "signs"),
    [
        ("p + any", {"p": "+", "any": "+"}),
        ("p - any", {"p": "+", "any": "-"}),
        ("p * q", {"p": "+", "q": "+"}),
        ("p * any", {"p": None, "any": "+"}),
        ("n * any", {"n": None, "any": "-"}),
        ("any / p", {"any": "+", "p": None}),
        ("p / q", {"p": "+", "q": "-"}),
        ("-any", {"any": "-"}),
        ("any ^ 3", {"any": "+"}),
        ("any ^ 2", {"any": None}),
        ("any ^ 1", {"any": "+"}),
        ("p ^ 2", {"p": "+"}),
        ("p ^ -1", {"p": "-"}),
        ("n ^ 2", {"n": "-"}),
        ("p ^ q", {"p": "+", "q": None}),
        ("exp(-any)", {"any": "-"}),
        ("max(any, p)", {"any": "+", "p": "+"}),
        ("any if p > 1 else any * q", {"any": "+", "p": None, "q": None}),
        ("smooth(any, p)", {"any": "+", "p": None}),
        ("up(any)", {"any": "+", "up": None}),
        ("bent(any)", {"any": None, "bent": None}),
        ("p * (1 - p)", {"p": None}),
        ("any / initial(any)", {"any": None}),
        ("p / initial(p)", {"p": "+"}),
        ("sum(any) + abs(p)", {"any": "+", "p": "+"}),
        ("sin(any)", {"any": None}),
        ("any > p", {"any": None, "p": None}),
    ],
)
def test_signs_that_follow_from_the_equation(equation: str, signs: dict[str, str | None]) -> None:
    found = _signs(equation)
    assert {k: v for k, v in found.items() if k in signs} == signs


def test_a_stock_kept_positive_by_its_flows() -> None:
    flows = {"births": _flow("rate * population"), "deaths": _flow("population / life")}
    spec = _model(population=_stock(100, ["births"], ["deaths"]), rate=0.1, life=60, **flows)
    assert set(causal_links(spec)) == {
        ("births", "population", "+"), ("deaths", "population", "-"),
        ("population", "births", "+"), ("rate", "births", "+"),
        ("population", "deaths", "+"), ("life", "deaths", "-"),
    }  # fmt: skip


def test_a_check_says_that_a_value_is_positive() -> None:
    data = {
        "name": "m",
        "variables": {
            "x": _stock(1, [], ["drift"]),
            "drift": _flow("k"),
            "k": {"kind": "parameter", "value": 1},
            "y": {"kind": "auxiliary", "equation": "k * x"},
        },
    }
    assert ("k", "y", None) in causal_links(load_spec(data))
    checked = {**data, "checks": [{"name": "c", "assert": "x >= 0"}]}
    assert ("k", "y", "+") in causal_links(load_spec(checked))
