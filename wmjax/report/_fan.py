"""Paths with bands, and what else a chart is made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Protocol, final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from wmjax.report._scene import Tone


if TYPE_CHECKING:
    import pandas as pd


@final
@dataclass(frozen=True, eq=False)
class Path:
    """Values at times, both shape `(n,)`; NaN is a gap."""

    times: NDArray[np.float64]
    values: NDArray[np.float64]

    def __post_init__(self) -> None:
        for name in ("times", "values"):
            object.__setattr__(self, name, _array(getattr(self, name)))
        if self.times.ndim != 1 or self.times.shape != self.values.shape:
            raise ValueError(f"times {self.times.shape} and values {self.values.shape} differ")

    def at(self, time: float) -> float:
        """Linear between times; NaN outside."""
        if not self.times.size:
            return np.nan
        return float(np.interp(time, self.times, self.values, left=np.nan, right=np.nan))


@final
@dataclass(frozen=True, eq=False)
class Fan:
    """Quantiles of an ensemble over time.

    **Arguments:**

    - `times`: shape `(n,)`.
    - `quantiles`: probability -> values, shape `(n,)`. 0.5 is drawn as the median; 0.25 and 0.75
        as the 50 % band, 0.05 and 0.95 as the 90 % band, where they are given.
    """

    times: NDArray[np.float64]
    quantiles: Mapping[float, NDArray[np.float64]]

    def __post_init__(self) -> None:
        object.__setattr__(self, "times", _array(self.times))
        rounded = {round(float(q), 6): _array(v) for q, v in self.quantiles.items()}
        object.__setattr__(self, "quantiles", rounded)
        if 0.5 not in rounded:
            raise ValueError(f"no median: quantiles {sorted(rounded)}, wanted 0.5 among them")
        if any(v.shape != self.times.shape for v in rounded.values()):
            raise ValueError(f"every quantile must have the shape of times, {self.times.shape}")

    @classmethod
    def of_table(cls, table: pd.DataFrame) -> Fan:
        """From a table with times as index and one column for each probability."""
        values = {float(q): table[q].to_numpy(float) for q in table.columns}  # pyright: ignore
        return cls(table.index.to_numpy(float), values)

    @classmethod
    def of_samples(cls, times: ArrayLike, samples: ArrayLike) -> Fan:
        """From paths, shape `(draw, time)`; NaN counts as missing."""
        levels = (0.05, 0.25, 0.5, 0.75, 0.95)
        found = np.nanquantile(np.asarray(samples, dtype=float), levels, axis=0)
        return cls(_array(times), dict(zip(levels, found, strict=True)))

    @classmethod
    def of_path(cls, times: ArrayLike, values: ArrayLike) -> Fan:
        """One path without uncertainty."""
        return cls(_array(times), {0.5: _array(values)})

    @property
    def median(self) -> Path:
        return Path(self.times, self.quantiles[0.5])

    def band(self, level: float) -> tuple[Path, Path] | None:
        """Lower and upper edge of the central band, if the fan has them."""
        edges = [self.quantiles.get(round(0.5 + s * level / 2, 6)) for s in (-1, 1)]
        if edges[0] is None or edges[1] is None:
            return None
        return Path(self.times, edges[0]), Path(self.times, edges[1])


class ForecastLike(Protocol):
    """What `wmjax.forecast` returns, as far as a report reads it."""

    @property
    def scenarios(self) -> tuple[str, ...]: ...

    def quantiles(self, variable: str, scenario: str | None = None) -> pd.DataFrame: ...


def fans(forecast: ForecastLike, variable: str) -> dict[str, Fan]:
    """The fan of a variable under each scenario of a forecast."""
    return {s: Fan.of_table(forecast.quantiles(variable, s)) for s in forecast.scenarios}


@final
@dataclass(frozen=True)
class Window:
    """A span of time with a tint: years fitted, or years held out."""

    start: float
    end: float
    kind: Literal["fit", "held"]
    label: str


@final
@dataclass(frozen=True, eq=False)
class Line:
    """One path of a chart."""

    path: Path
    label: str
    tone: Tone = "c0"
    dash: tuple[float, ...] = ()
    width: float = 1.8


@final
@dataclass(frozen=True, eq=False)
class Ribbon:
    """A fan in one colour: bands and median."""

    fan: Fan
    label: str
    tone: Tone = "c0"
    dash: tuple[float, ...] = ()
    levels: Sequence[float] = (0.9, 0.5)


@final
@dataclass(frozen=True, eq=False)
class Marks:
    """Observed values; those at or after `unseen_from` were not used and are drawn hollow."""

    path: Path
    label: str = "observed"
    tone: Tone = "ink"
    unseen_from: float = np.inf


@final
@dataclass(frozen=True, eq=False)
class Chart:
    """Values over time.

    **Arguments:**

    - `name`: stem of the file name of the PNG copy; made unique and safe.
    - `title`, `subtitle`: plain text.
    - `unit`: in words, "US$ per year"; large values are shown in thousands of it and say so.
    - `layers`: drawn in this order.
    - `windows`: shaded spans of time.
    - `start`, `end`: span of the time axis; that of the layers if absent.
    """

    name: str
    title: str
    unit: str
    layers: tuple[Line | Ribbon | Marks, ...]
    windows: tuple[Window, ...] = ()
    subtitle: str = ""
    start: float | None = None
    end: float | None = None
    note: str = field(default="", kw_only=True)


def _array(values: ArrayLike) -> NDArray[np.float64]:
    array = np.array(values, dtype=np.float64)
    array.setflags(write=False)
    return array
