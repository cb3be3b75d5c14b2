"""Numbers, units and axes: what is shown is what was meant."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wmjax.report._axis import time_axis, value_axis
from wmjax.report._numbers import fixed, measured, number, scale_for, seconds
from wmjax.report._numbers import given as stated
from wmjax.report._words import Slugs, readable, readable_unit


_RAISED = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹−", "-0123456789-")
_REAL = st.floats(allow_nan=False, allow_infinity=False, min_value=-1e15, max_value=1e15)


def _read(text: str) -> float:
    head, _, power = text.replace(",", "").translate(_RAISED).partition(" × 10")
    return float(head) * 10.0 ** int(power or 0)


@given(_REAL)
@settings(max_examples=200, deadline=None)
def test_three_digits_are_within_half_of_the_last(value: float) -> None:
    assert _read(number(value)) == pytest.approx(value, rel=5.1e-3, abs=1e-299)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [(number(1973.2, 4), "1973"), (number(12345.0), "12,345"), (number(math.nan), "–"),
     (number(-0.0123), "−0.0123"), (number(4.56e9), "4.56 × 10⁹"), (fixed(-0.001, 2), "0.00"),
     (stated(0.05), "0.05"), (stated(9e12), "9 × 10¹²"), (stated(1950), "1950"),
     (measured(0.28371, 0.0123), "0.284"), (measured(3021.4, 150.0), "3021"),
     (seconds(125), "2 min 5 s"), (seconds(3.21), "3.2 s"),
     (scale_for([8.1e9]).unit("people"), "billion people"), (scale_for([900.0]).unit("K"), "K"),
     (scale_for([3e-5, 1e-5]).unit("kg"), "10⁻⁶ kg"), (scale_for([]).unit("m"), "m")],
)  # fmt: skip
def test_numbers_read_well(text: str, wanted: str) -> None:
    assert text == wanted


@pytest.mark.parametrize(
    ("unit", "wanted"),
    [("usd/person/year", "US$ per person per year"), ("person", "people"), ("1", ""),
     ("1/year", "per year"), ("W/m**2", "W/m²"), ("kg/ha", "kg/ha"), ("nmol/mol", "nmol/mol"),
     ("person/year", "people per year"), ("permille/year", "‰ per year"), ("year", "years"),
     ("kcal/day/person", "kcal per day per person"), ("Gt/year", "Gt per year"), ("percent", "%")],
)  # fmt: skip
def test_units_read_well(unit: str, wanted: str) -> None:
    assert readable_unit(unit) == wanted


def test_names_read_well() -> None:
    assert readable("gdp_growth") == "GDP growth" and readable("people[0_4]") == "people[0_4]"


@given(st.lists(st.text(max_size=80), max_size=12))
@settings(max_examples=50, deadline=None)
def test_slugs_are_safe_and_unique(texts: list[str]) -> None:
    slugs = Slugs()
    found = [slugs(text) for text in texts]
    assert len(set(found)) == len(found)
    assert all(s.replace("-", "").isalnum() and s.isascii() and len(s) <= 64 for s in found)


@given(_REAL, st.floats(min_value=1e-9, max_value=1e12))
@settings(max_examples=200, deadline=None)
def test_an_axis_encloses_its_range_with_even_and_different_ticks(low: float, width: float) -> None:
    high = low + width
    scale = scale_for([low, high])
    axis = value_axis(low, high, scale.factor)
    slack = 1e-9 * max(abs(low), abs(high))
    assert axis.low <= low + slack and axis.high >= high - slack
    steps = np.diff(axis.ticks)
    assert 2 <= len(axis.ticks) <= 9 and np.allclose(steps, steps[0], rtol=1e-6)
    if width > 1e-6 * max(abs(low), abs(high)):
        assert len(set(axis.labels)) == len(axis.labels)
        read = np.array([float(t.replace(",", "").translate(_RAISED)) for t in axis.labels])
        assert np.allclose(read * scale.factor, axis.ticks, rtol=1e-6, atol=1e-3 * steps[0])


@pytest.mark.parametrize(
    ("low", "high"), [(1960, 2100), (1960, 2019), (0, 10), (2000, 2000), (0, 0.3)]
)
def test_times_have_round_ticks_inside(low: float, high: float) -> None:
    axis = time_axis(low, high)
    assert 2 <= len(axis.ticks) <= 8
    assert all(axis.low <= t <= axis.high for t in axis.ticks)
    assert [float(label) for label in axis.labels] == pytest.approx(axis.ticks, abs=1e-9)
