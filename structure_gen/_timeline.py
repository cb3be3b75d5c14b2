"""Which years teach, which choose, and which nobody sees before the end."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import final

import numpy as np

from wmjax._errors import UserError
from wmjax.series import Observations


TEST = 0.15
"""Share of time at the end of the data that drafts and searches do not see."""


@final
@dataclass(frozen=True)
class Timeline:
    """Time cut into three: rows up to the first origin only teach; those up to `end` are forecast
    from the origins before them, block by block, and choose between structures; those after `end`
    are the test span, which is scored once when the search is over.

    - `origins`: the ends of the fits; the block of each reaches to the next origin, or to `end`.
    - `last`: the last observed time.
    """

    start: float
    origins: tuple[float, ...]
    end: float
    last: float

    @property
    def blocks(self) -> tuple[tuple[float, float], ...]:
        """Each origin and the last time that it forecasts."""
        return tuple(zip(self.origins, (*self.origins[1:], self.end), strict=True))

    @property
    def tests(self) -> bool:
        """Whether there is a test span."""
        return self.last > self.end


def timeline(
    observations: Observations,
    names: Iterable[str],
    span: tuple[float, float],
    *,
    origins: Sequence[float] | int = 6,
    first: float = 0.4,
    test: float = TEST,
) -> Timeline:
    """**Arguments:**

    - `names`: the series that are compared with the model, whose dates are `span`.
    - `origins`: how many, or the times of them.
    - `first`: the share of time before the first origin, `test`: that of the test span.

    **Raises:** `UserError` for fewer than twelve different times, or origins out of order.
    """
    seen = [observations[n].times for n in names]
    times = np.unique(np.concatenate(seen)) if seen else np.zeros(0)
    times = times[(times >= span[0] - 1e-9) & (times <= span[1] + 1e-9)]
    if len(times) < 12:
        raise UserError(
            "observations",
            f"{len(times)} different times inside the model's dates",
            "at least 12, for fits, choices and a test",
            "give longer series",
        )
    end = _at(times, 1 - test)
    if isinstance(origins, int):
        wanted = np.linspace(first, 1 - test, origins + 1)[:-1]
        chosen = tuple(dict.fromkeys(_at(times, w) for w in wanted))
    else:
        chosen = tuple(float(o) for o in origins)
    if not chosen or list(chosen) != sorted(set(chosen)) or not times[3] <= chosen[0]:
        raise UserError("origins", f"{list(chosen)}", f"rising times from {times[3]:g} on")
    if chosen[-1] >= end:
        raise UserError("origins", f"{chosen[-1]:g}", f"times before {end:g}, where the test span "
                        "begins", "leave later origins out, or make `test` smaller")  # fmt: skip
    return Timeline(float(times[0]), chosen, end, float(times[-1]))


def last_seen(series: Iterable[np.ndarray], span: tuple[float, float]) -> float:
    """The last time before the test span of these times of series inside of a model's dates."""
    times = np.unique(np.concatenate([np.zeros(0), *series]))
    times = times[(times >= span[0] - 1e-9) & (times <= span[1] + 1e-9)]
    return _at(times, 1 - TEST) if len(times) else np.inf


def _at(times: np.ndarray, share: float) -> float:
    """The last time within a share of the whole."""
    limit = times[0] + share * (times[-1] - times[0]) + 1e-9
    return float(times[times <= limit][-1])
