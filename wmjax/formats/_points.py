"""Tables and series as graphical functions: points with rising x, linear between, held outside."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from wmjax.formats._functions import factor, number
from wmjax.spec import Lookup, ModelSpec, Series


Points = list[tuple[float, float]]

_NEAR = 1e-3  # of a step: times closer than this are the same time


@dataclass(frozen=True)
class Curve:
    """Points, and the slopes of the straight lines that go on below the first and above the last.

    XMILE says `type="extrapolate"` for such lines; programs pass over it, so the writer adds them
    to the equation that reads the table.
    """

    points: Points
    below: float = 0.0
    above: float = 0.0

    def tails(self, x: str) -> str:
        """What to add to the value of the held table at `x`; empty for a table that holds."""
        first, last = factor(self.points[0][0]), factor(self.points[-1][0])
        low = f" + {factor(self.below)} * MIN({x} - {first}, 0.0)" if self.below else ""
        high = f" + {factor(self.above)} * MAX({x} - {last}, 0.0)" if self.above else ""
        return low + high

    @property
    def xs(self) -> str:
        return ",".join(number(x) for x, _ in self.points)

    @property
    def ys(self) -> str:
        return ",".join(number(y) for _, y in self.points)


def lookup_curve(lookup: Lookup) -> Curve:
    """A table as points with strictly rising x."""
    points = list(zip(lookup.x.points, lookup.y.points, strict=True))
    if lookup.outside == "hold":
        return Curve(_risen(points))
    return Curve(_risen(points), _rise(*points[:2]), _rise(*points[-2:]))


def _rise(left: tuple[float, float], right: tuple[float, float]) -> float:
    """The slope between two points; 0 at a jump, beyond which the value holds."""
    width = right[0] - left[0]
    return (right[1] - left[1]) / width if width > 0 else 0.0


def _risen(points: Points) -> Points:
    """The same function where points share an x: the last value holds there, and the first one up
    to some rounding errors before it."""
    least = max((points[-1][0] - points[0][0]) * 2.0**-50, 1e-300)
    found: Points = []
    for i, (x, y) in enumerate(points):
        again = i + 1 < len(points) and points[i + 1][0] == x
        if again and i > 0 and points[i - 1][0] == x:
            continue
        at = x - max(4 * math.ulp(x), least) if again else x
        if not found or at > found[-1][0]:
            found.append((at, y))
    return found


def series_curve(spec: ModelSpec, name: str, series: Series) -> Curve:
    """An exogenous series over time, with the rule that continues it to the end of the run.

    **Raises:** `DataError` for data that are not in the catalogue.
    """
    from wmjax.series._path import series_path

    path = series_path(spec, name)
    times, values = path.times.tolist(), path.values.tolist()
    if path.slope and spec.time.end > times[-1]:
        times.append(spec.time.end)
        values.append(values[-1] + path.slope * (times[-1] - times[-2]))
    near = _NEAR * spec.time.step
    match series.interpolation:
        case "linear":
            return Curve(_risen(list(zip(times, values, strict=True))))
        case "next":
            jumps = [t + near for t in times[:-1]]
        case "previous":
            jumps = [t - near for t in times[1:]]
        case "nearest":
            jumps = [(a + b) / 2 - near for a, b in zip(times, times[1:], strict=False)]
    return Curve(_stairs(jumps, times, values))


def _stairs(jumps: Sequence[float], times: Sequence[float], values: Sequence[float]) -> Points:
    """A step function: values[i] up to jumps[i], values[i + 1] from there on."""
    points = [(min(times[0], jumps[0]) - 1.0, values[0])]
    for jump, before, after in zip(jumps, values, values[1:], strict=False):
        points += [(jump, before), (jump, after)]
    return _risen([*points, (max(times[-1], points[-1][0]), values[-1])])
