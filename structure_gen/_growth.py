"""How one series grows: which of a few known forms describes it best."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, final

import numpy as np

from wmjax.series import ObservedSeries


Form = Literal["exponential", "logistic", "approach", "drift"]
"""With x the series: `rate x`; `rate x (1 - x / limit)`; `(limit - x) / time`; a constant."""

_FAR = 20.0  # times the largest value: a limit beyond is none


@final
@dataclass(frozen=True)
class Growth:
    """A form with its numbers: `rate` per unit of time for `exponential` and `logistic`, the time
    of `approach`, the change of `drift`; `limit` where there is one. `first`: the value at `start`.

    `unexplained`: changes less what the form says of them, at `times`, in units of x for `approach`
    and `drift`, as a share of x else."""

    form: Form
    rate: float
    limit: float | None
    first: float
    times: np.ndarray
    unexplained: np.ndarray


def growth(series: ObservedSeries, start: float) -> Growth:
    """The form with the least Bayesian information criterion of Schwarz (1978) over the changes
    from row to row.

    **Raises:** `ValueError` for fewer than four rows.
    """
    times, x = series.times, series.values
    if len(times) < 4:
        raise ValueError(f"{series.name}: {len(times)} rows; wanted at least 4")
    gaps, middle = np.diff(times), (x[1:] + x[:-1]) / 2
    change, when = np.diff(x) / gaps, times[:-1]
    positive = bool((x > 0).all())
    scale = middle if positive else np.ones_like(middle)
    found = [_drift(change, scale), _approach(change, middle, scale)]
    if positive:
        found += [_exponential(change, middle), _logistic(change, middle)]
    usable = [f for f in found if f is not None]
    form, rate, limit, left, count = min(usable, key=lambda f: _bic(f[3], f[4]))
    first = _first(times, x, start, positive)
    share = form in ("exponential", "logistic")
    return Growth(form, rate, limit, first, when, left if share else left * scale)


_Fit = tuple[Form, float, "float | None", np.ndarray, int]


def _drift(change: np.ndarray, scale: np.ndarray) -> _Fit:
    rate = float(change.mean())
    return "drift", rate, None, (change - rate) / scale, 1


def _approach(change: np.ndarray, middle: np.ndarray, scale: np.ndarray) -> _Fit | None:
    slope, constant = np.polyfit(middle, change, 1)
    if not -2 < slope < -1e-3:
        return None
    left = change - constant - slope * middle
    return "approach", float(-1 / slope), float(-constant / slope), left / scale, 2


def _exponential(change: np.ndarray, middle: np.ndarray) -> _Fit:
    share = change / middle
    return "exponential", float(share.mean()), None, share - share.mean(), 1


def _logistic(change: np.ndarray, middle: np.ndarray) -> _Fit | None:
    share = change / middle
    slope, rate = np.polyfit(middle, share, 1)
    if rate <= 0 or slope >= 0 or -rate / slope > _FAR * middle.max():
        return None
    return "logistic", float(rate), float(-rate / slope), share - rate - slope * middle, 2


def _bic(left: np.ndarray, count: int) -> float:
    n = len(left)
    return n * float(np.log(max(np.mean(left**2), 1e-300))) + count * float(np.log(n))


def _first(times: np.ndarray, x: np.ndarray, start: float, positive: bool) -> float:
    """The value at the start, along the line through the first five rows."""
    if times[0] <= start:
        return float(np.interp(start, times, x))
    base = np.log(x[:5]) if positive else x[:5]
    slope, constant = np.polyfit(times[:5], base, 1)
    value = float(slope * start + constant)
    return float(np.exp(value)) if positive else value
