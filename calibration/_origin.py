"""From where a backtest forecasts, and which rows it scores."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import final

import numpy as np

from calibration._fit_file import BacktestSettings, Span
from calibration._layout import Window
from wmjax._errors import UserError


@final
@dataclass(frozen=True)
class Origin:
    """One forecast: fitted to rows up to `time` inside `window`, scored on later rows from `first`
    to `last`."""

    time: float
    window: Window
    first: float
    last: float

    def known(self, times: np.ndarray) -> np.ndarray:
        """Rows that the forecast may use."""
        return (times >= self.window.start - 1e-9) & (times <= self.time + 1e-9)

    def ahead(self, times: np.ndarray) -> np.ndarray:
        """Rows that are scored."""
        later = times > self.time + 1e-9
        return later & (times >= self.first - 1e-9) & (times <= self.last + 1e-9)


def origins(asked: BacktestSettings, half_life: float | None) -> tuple[Origin, ...]:
    """The origins of a backtest, in order of time.

    **Raises:** `UserError` if neither a split nor rolling origins are stated in full.
    """
    rolling = asked.kind == "rolling" or (asked.kind is None and asked.score_window is None)
    return _rolling(asked, half_life) if rolling else _split(asked, half_life)


def _split(asked: BacktestSettings, half_life: float | None) -> tuple[Origin, ...]:
    fitted, scored = asked.fit_window or Span(), asked.score_window or Span()
    if fitted.end is None:
        raise UserError("backtest", "no end of the fit window", "fit_window: [start, end]",
                        "state up to when the model may know the data")  # fmt: skip
    first = fitted.end if scored.start is None else scored.start
    for error in overlap(asked):
        raise error
    last = np.inf if scored.end is None else scored.end
    return (Origin(fitted.end, _window(fitted, fitted.end, half_life), first, last),)


def overlap(asked: BacktestSettings) -> Iterator[UserError]:
    """The mistake if rows are to be scored that the fit has seen."""
    fitted, scored = asked.fit_window or Span(), asked.score_window or Span()
    if asked.kind == "rolling" or None in (fitted.end, scored.start):
        return
    if (scored.start or 0.0) < (fitted.end or 0.0):
        yield UserError(
            "backtest, score_window", f"a start at {scored.start:g}",
            f"a time after the end of the fit window, {fitted.end:g}",
            "score rows that the fit has not seen",
        )  # fmt: skip


def _rolling(asked: BacktestSettings, half_life: float | None) -> tuple[Origin, ...]:
    if not asked.origins or asked.horizon is None:
        raise UserError(
            "backtest", "neither a split nor rolling origins",
            "fit_window and score_window, or origins and horizon",
            "for example fit_window: [1960, 1999] and score_window: [2000, 2019], or origins: "
            "[1980, 1985, 1990] and horizon: 10",
        )  # fmt: skip
    fitted, horizon = asked.fit_window or Span(), asked.horizon
    times: Sequence[float] = sorted(set(asked.origins))
    if fitted.start is not None and times[0] <= fitted.start:
        raise UserError("backtest, origins", f"{times[0]:g}",
                        f"a time after {fitted.start:g}, where the fit window starts")  # fmt: skip
    return tuple(Origin(t, _window(fitted, t, half_life), t, t + horizon) for t in times)


def _window(fitted: Span, end: float, half_life: float | None) -> Window:
    return Window(-np.inf if fitted.start is None else fitted.start, end, half_life)
