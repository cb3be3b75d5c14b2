"""Random expressions: their XMILE text, read by another program, has the value made with them."""

from __future__ import annotations

import math

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.formats.engines import ENGINES, aux, model
from wmjax.formats import to_xmile


Made = tuple[str, float]
"""An expression of our language, fully bracketed, and its value worked out beside it."""

NUMBERS = st.floats(-100, 100, allow_subnormal=False).map(lambda x: round(x, 3) + 0.0)
NAMES = {"a": 2.5, "notional": -1.25, "gross output": 0.75, "R&D <1>": 3.0}


def _literal(value: float) -> Made:
    return (repr(value) if value >= 0 else f"(-{-value!r})", value)


LEAVES = st.one_of(
    NUMBERS.map(_literal), st.sampled_from([(f'"{n}"', v) for n, v in NAMES.items()])
)
OPERATORS = {
    "+": lambda a, b: a + b, "-": lambda a, b: a - b, "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "<": lambda a, b: float(a < b), "<=": lambda a, b: float(a <= b),
    ">": lambda a, b: float(a > b), ">=": lambda a, b: float(a >= b),
    "=": lambda a, b: float(a == b), "<>": lambda a, b: float(a != b),
    "and": lambda a, b: float(bool(a) and bool(b)), "or": lambda a, b: float(bool(a) or bool(b)),
}  # fmt: skip
UNARY = {
    "-": lambda a: -a, "not ": lambda a: float(not a), "abs": abs, "integer": math.trunc,
    "round": lambda a: math.copysign(math.floor(abs(a) + 0.5), a), "arctan": math.atan,
    "sign": lambda a: (a > 0) - (a < 0), "sin": math.sin,
}  # fmt: skip
BINARY = {"min": min, "max": max, "modulo": lambda a, b: a - b * math.trunc(a / b)}


def _operated(operator: str, a: Made, b: Made) -> Made:
    chosen = "+" if operator == "/" and b[1] == 0 else operator
    return f"({a[0]} {chosen} {b[0]})", OPERATORS[chosen](a[1], b[1])


def _applied(function: str, a: Made, b: Made) -> Made:
    chosen = "max" if function == "modulo" and b[1] == 0 else function
    return f"{chosen}({a[0]}, {b[0]})", BINARY[chosen](a[1], b[1])


def _raised(a: Made, power: int) -> Made:
    n = power if abs(a[1]) < 1e3 else 1
    return f"({a[0]} ^ {n}.0)", a[1] ** n


def _grown(inner: st.SearchStrategy[Made]) -> st.SearchStrategy[Made]:
    return st.one_of(
        st.builds(_operated, st.sampled_from(sorted(OPERATORS)), inner, inner),
        st.builds(_operated, st.sampled_from("+-*/"), inner, inner),
        st.builds(lambda o, a: (f"({o}({a[0]}))", float(UNARY[o](a[1]))),
                  st.sampled_from(sorted(UNARY)), inner),
        st.builds(_applied, st.sampled_from(sorted(BINARY)), inner, inner),
        st.builds(lambda c, a, b: (f"({a[0]} if {c[0]} else {b[0]})", a[1] if c[1] else b[1]),
                  inner, inner, inner),
        st.builds(_raised, inner, st.integers(0, 3)),
    )  # fmt: skip


EXPRESSIONS = _grown(LEAVES | _grown(LEAVES | _grown(LEAVES)))


@settings(deadline=None, max_examples=30, derandomize=True)
@given(made=st.lists(EXPRESSIONS, min_size=15, max_size=30))
def test_text_read_by_another_program_has_the_same_value(made: list[Made]) -> None:
    made = [m for m in made if abs(m[1]) < 1e9 and len(m[0]) < 400]
    assume(made)
    parameters = {n: {"kind": "parameter", "value": v} for n, v in NAMES.items()}
    equations = {f"y{i}": aux(text) for i, (text, _) in enumerate(made)}
    text = to_xmile(model(parameters | equations, time={"end": 1, "step": 1})).text
    found = ENGINES["pysimlin"](text).iloc[0]
    for i, (text, value) in enumerate(made):
        assert math.isclose(found[f"y{i}"], value, rel_tol=1e-7, abs_tol=1e-7), text
