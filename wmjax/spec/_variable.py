"""The six kinds of variable."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Discriminator, FiniteFloat, PositiveFloat, model_validator
from typing_extensions import TypeAliasType

from wmjax.spec._document import Document, Equation, Interval, Mapping, Names, UnitText
from wmjax.spec._prior import Prior


Group = Literal["economic", "safety", "well-being", "influence", "resources", "innovation"]

Formula = Equation | Mapping[str, Equation]
"""One equation for all elements, or one for each (`{"China": ..., "EU": ...}`)."""

Value = TypeAliasType(
    "Value",
    "FiniteFloat | tuple[Value, ...] | Mapping[str, Value]",  # pyright: ignore[reportInvalidTypeForm]
)
"""A number; or nested lists in the order of the dimensions; or a mapping from elements."""


class _Variable(Document):
    dims: Names = ()
    """Dimensions of an arrayed variable, in order."""
    unit: UnitText = ""
    """Unit, such as `person/year`; `1` for a pure number; empty if unstated."""
    doc: str = ""
    group: Group | None = None
    observed: str | None = None
    """Catalogue id of the series that measures this variable."""
    source: str = ""
    """Where the formula or the number comes from, and where it is valid."""


class Stock(_Variable):
    """A quantity that accumulates: `d stock / dt = sum(inflows) - sum(outflows)`."""

    kind: Literal["stock"]
    initial: Formula
    inflows: Names = ()
    outflows: Names = ()


class Flow(_Variable):
    """A rate of change of a stock, per unit of time."""

    kind: Literal["flow"]
    equation: Formula


class Auxiliary(_Variable):
    """A quantity computed from others at the same time."""

    kind: Literal["auxiliary"]
    equation: Formula


class Parameter(_Variable):
    """A number that does not change during a run, unless an event moves it."""

    kind: Literal["parameter"]
    value: Value
    bounds: Interval | None = None
    prior: Prior | None = None
    trainable: bool = False
    constituents: Names = ()
    """Parameters that this one is made of, for the record; a tree."""


class _Points(Document):
    unit: UnitText = ""
    points: tuple[FiniteFloat, ...]
    trainable: bool = False


class Lookup(_Variable):
    """A piecewise-linear function, called as `name(x)`.

    Between points the value is interpolated, at a point it is the stored value. Where two points
    share an `x` the function jumps, and the later value holds at the jump.
    """

    kind: Literal["lookup"]
    x: _Points
    y: _Points
    outside: Literal["hold", "extrapolate"] = "hold"
    bounds: Interval | None = None
    """Bounds of each trainable y."""

    @model_validator(mode="after")
    def _check(self) -> Lookup:
        x, y = self.x.points, self.y.points
        if len(x) != len(y):
            raise ValueError(f"x has {len(x)} points and y has {len(y)}; wanted as many")
        if len(x) < 2:
            raise ValueError("wanted at least two points")
        falls = [i for i in range(1, len(x)) if x[i] < x[i - 1]]
        if falls:
            raise ValueError(f"x must not fall: point {falls[0] + 1} is {x[falls[0]]:g} after "
                             f"{x[falls[0] - 1]:g}")
        return self


class Beyond(Document):
    """How a series goes on after its last value.

    - `hold`: the last value stays.
    - `mean`: the mean of the last `years` time units.
    - `trend`: a straight line fitted to the last `years` time units, through the last value.
    """

    rule: Literal["hold", "mean", "trend"] = "hold"
    years: PositiveFloat = 10.0

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, value: Any) -> Any:
        return {"rule": value} if isinstance(value, str) else value


class Series(_Variable):
    """An exogenous input: data of the catalogue, or numbers given here."""

    kind: Literal["series"]
    data: str | None = None
    """Catalogue id of the data."""
    times: tuple[FiniteFloat, ...] = ()
    values: tuple[FiniteFloat, ...] = ()
    interpolation: Literal["linear", "previous", "next", "nearest"] = "linear"
    beyond: Beyond = Beyond()

    @model_validator(mode="after")
    def _check(self) -> Series:
        if (self.data is None) == (not self.times):
            raise ValueError("a series needs either data (a catalogue id) or times and values")
        if len(self.times) != len(self.values):
            raise ValueError(f"{len(self.times)} times and {len(self.values)} values")
        if any(b <= a for a, b in zip(self.times, self.times[1:], strict=False)):
            raise ValueError("times must rise")
        return self


Variable = Annotated[
    Stock | Flow | Auxiliary | Parameter | Lookup | Series, Discriminator("kind")
]
