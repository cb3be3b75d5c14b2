"""Tables and series as graphical functions: points with rising x, linear between, held outside."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from wmjax.formats._functions import number
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
        (first, _), (last, _) = self.points[0], self.points[-1]
        low = f" + {_slope(self.below)} * MIN({x} - {_slope(first)}, 0.0)" if self.below else ""
        high = f" + {_slope(self.above)} * MAX({x} - {_slope(last)}, 0.0)" if self.above else ""
        return low + high


def _slope(value: float) -> str:
    return number(value) if value >= 0 else f"({number(value)})"


def lookup_curve(lookup: Lookup) -> Curve:
    """A table; where two points share an x the first moves down by some rounding errors of x."""
    points = list(zip(lookup.x.points, lookup.y.points, strict=True))
    below = above = 0.0
    if lookup.outside == "extrapolate":
        below, above = _rise(*points[:2]), _rise(*points[-2:])
    return Curve(_risen(points), below, above)


def _rise(left: tuple[float, float], right: tuple[float, float]) -> float:
    """The slope between two points; 0 at a jump, beyond which the value holds."""
    width = right[0] - left[0]
    return (right[1] - left[1]) / width if width > 0 else 0.0


def _risen(points: Points) -> Points:
    """Strictly rising points of the same function: of those that share an x the last value holds
    there, the first just before it."""
    span = points[-1][0] - points[0][0]
    found: Points = []
    for i, (x, y) in enumerate(points):
        again = i + 1 < len(points) and points[i + 1][0] == x
        if again and i > 0 and points[i - 1][0] == x:
            continue
        at = x - max(4 * math.ulp(x), span * 2.0**-50, 1e-300) if again else x
        if not found or at > found[-1][0]:
            found.append((at, y))
    return found if len(found) > 1 else [*found, (found[0][0] + 1.0, found[0][1])]


def series_curve(spec: ModelSpec, name: str, series: Series) -> Curve:
    """An exogenous series over time, with the rule that continues it."""
    from wmjax.formats._path import series_path

    times, values, slope = series_path(spec, name)
    near = _NEAR * spec.time.step
    if series.interpolation == "linear":
        points = list(zip(times, values, strict=True))
        return Curve(_risen(points), above=slope)
    if series.interpolation == "next":
        jumps = [t + near for t in times[:-1]]
    elif series.interpolation == "previous":
        jumps = [t - near for t in times[1:]]
    else:
        pairs = zip(times, times[1:], strict=False)
        jumps = [(a + b) / 2 - near for a, b in pairs]
    return Curve(_stairs(jumps, values, times), above=slope)


def _stairs(jumps: Sequence[float], values: Sequence[float], times: Sequence[float]) -> Points:
    """A step function: values[i] up to jumps[i], values[i + 1] from there on."""
    points = [(min(times[0], *jumps[:1]) - 1.0, values[0])]
    for jump, before, after in zip(jumps, values, values[1:], strict=False):
        points += [(jump, before), (jump, after)]
    return _risen([*points, (max(times[-1], points[-1][0]), values[-1])])
