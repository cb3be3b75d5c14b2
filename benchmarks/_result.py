"""What was measured, and whether it is what was wanted."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Target:
    """A limit on the median, and one that it would be fine to reach."""

    sense: Literal["at least", "at most"]
    limit: float
    stretch: float | None = None

    def met_by(self, value: float, limit: float) -> bool:
        return value >= limit if self.sense == "at least" else value <= limit

    @property
    def words(self) -> str:
        stretch = f"; stretch {self.stretch:g}" if self.stretch is not None else ""
        return f"{self.sense} {self.limit:g}{stretch}"


@dataclass(frozen=True)
class Row:
    """One measurement: a ratio, or a number in a unit, over several rounds.

    - `doubt`: why the values establish nothing, if they do not.
    """

    what: str
    against: str
    values: Sequence[float]
    target: Target | None = None
    note: str = ""
    doubt: str = ""

    @property
    def median(self) -> float:
        return statistics.median(self.values)

    @property
    def verdict(self) -> str:
        """`pass`, `pass, stretch`, `fail` or `not established`; empty without a target."""
        if self.target is None:
            return ""
        if self.doubt:
            return f"not established: {self.doubt}"
        if not self.target.met_by(self.median, self.target.limit):
            return "**fail**"
        stretch = self.target.stretch
        return "pass, stretch" if stretch and self.target.met_by(self.median, stretch) else "pass"

    def cells(self) -> list[str]:
        numbers = [f"{x:.3g}" for x in (min(self.values), self.median, max(self.values))]
        wanted = self.target.words if self.target else ""
        return [self.what, self.against, wanted, *numbers, self.verdict, self.note]


@dataclass(frozen=True)
class Missing:
    """Something that could not be measured here, and why."""

    what: str
    reason: str


Result = Row | Missing


def ratios(upper: Sequence[float], lower: Sequence[float]) -> list[float]:
    """Round by round."""
    return [a / b for a, b in zip(upper, lower, strict=True)]
