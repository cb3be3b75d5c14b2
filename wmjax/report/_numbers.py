"""Numbers as a reader wants them: few digits, thousands apart, large ones in words."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import ArrayLike


MISSING = "–"
_NOTHING = 1e-300  # below it powers of ten are no longer numbers
_BOUNDLESS = {math.inf: "∞", -math.inf: "−∞"}
_WORDS = {6: "million", 9: "billion", 12: "trillion"}
_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


@final
@dataclass(frozen=True)
class Scale:
    """Values are divided by `factor`; `word` goes before the unit ("billion")."""

    factor: float = 1.0
    word: str = ""

    def unit(self, unit: str) -> str:
        return " ".join(part for part in (self.word, unit) if part)


def scale_for(values: ArrayLike) -> Scale:
    """The scale in which the largest of the values has one to six digits before the point."""
    finite = np.abs(np.asarray(values, dtype=float))
    finite = finite[np.isfinite(finite)]
    largest = float(finite.max()) if finite.size else 0.0
    if largest < _NOTHING or 1e-2 <= largest < 1e6:
        return Scale()
    power = 3 * math.floor(math.log10(largest) / 3)
    return Scale(10.0**power, _WORDS.get(power, f"10{power_text(power)}"))


def power_text(power: int) -> str:
    return str(power).translate(_RAISED)


def number(value: float, digits: int = 3) -> str:
    """`value` with so many significant digits: 1,230; 0.0123; 4.56 × 10⁹; a dash for no number."""
    if not math.isfinite(value):
        return fixed(value, 0)
    if abs(value) < _NOTHING:
        return "0"
    power = math.floor(math.log10(abs(value)) + 1e-12)
    if -4 <= power < 7:
        return fixed(value, max(0, digits - 1 - power))
    return f"{fixed(value / 10.0**power, digits - 1)} × 10{power_text(power)}"


def fixed(value: float, decimals: int) -> str:
    """`value` with so many decimals and a true minus sign; thousands apart from 10,000 on, so that
    years stay years."""
    if not math.isfinite(value):
        return _BOUNDLESS.get(value, MISSING)
    text = f"{value:,.{decimals}f}" if abs(value) >= 1e4 else f"{value:.{decimals}f}"
    if text.startswith("-"):
        text = "−" + text[1:] if any(c in "123456789" for c in text) else text[1:]
    return text


def given(value: float) -> str:
    """A number that somebody chose, without trailing zeros: 0.05, 1960, 9 × 10¹²."""
    if abs(value) < _NOTHING or not math.isfinite(value) or 1e-4 <= abs(value) < 1e7:
        text = fixed(value, 8)
        return text.rstrip("0").rstrip(".") if "." in text else text
    power = math.floor(math.log10(abs(value)) + 1e-12)
    return f"{given(value / 10.0**power)} × 10{power_text(power)}"


def decimals_for(step: float) -> int:
    """Decimals that show differences of `step` with two digits."""
    if not math.isfinite(step) or step <= 0:
        return 3
    return min(12, max(0, 1 - math.floor(math.log10(step))))


def measured(value: float, spread: float) -> str:
    """A value to the digits that its standard deviation `spread` leaves meaningful."""
    if not _plain(value) or not (math.isfinite(spread) and spread > 0):
        return number(value, 4)
    return fixed(value, decimals_for(spread))


def _plain(value: float) -> bool:
    return value == 0 or 1e-4 <= abs(value) < 1e7


def percent(share: float) -> str:
    """0.874 as 87 %."""
    return MISSING if not math.isfinite(share) else f"{fixed(100 * share, 0)}\N{NO-BREAK SPACE}%"


def year(value: float) -> str:
    """A time without needless decimals."""
    return f"{value:.10g}"


def span(start: float, end: float) -> str:
    return f"{year(start)}–{year(end)}"


def seconds(value: float) -> str:
    """A duration: 3.2 s, 48 s, 2 min 5 s."""
    if not math.isfinite(value):
        return MISSING
    if value < 90:
        return f"{fixed(value, 1 if value < 10 else 0)} s"
    return f"{int(value // 60)} min {int(value % 60)} s"


def geometric_mean(values: Iterable[float]) -> float:
    """Of the values that are not NaN; each counts at least 1e-12; NaN for none."""
    array = np.asarray(list(values), dtype=float)
    array = array[~np.isnan(array)]
    return float(np.exp(np.mean(np.log(np.maximum(array, 1e-12))))) if array.size else math.nan
