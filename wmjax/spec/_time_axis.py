"""When a model starts, ends, steps and saves."""

from __future__ import annotations

import math
from typing import Literal

from pydantic import FiniteFloat, PositiveFloat, model_validator

from wmjax.spec._document import Document


_LONGEST = 10_000_000  # steps; more is a slip of the pen rather than a wish


class TimeAxis(Document):
    """The time axis of a model, in its own unit.

    Times are `start + n * step`, computed by multiplication, never by accumulation. A row is saved
    whenever `time - start` is a multiple of `save_every`; the last row is at `end`.
    """

    start: FiniteFloat = 0.0
    end: FiniteFloat = 100.0
    step: PositiveFloat = 1.0
    save_every: PositiveFloat | None = None
    """Time between saved rows; every step if absent."""
    unit: str = "year"
    method: Literal["euler", "rk2", "rk4"] = "euler"

    @model_validator(mode="after")
    def _check(self) -> TimeAxis:
        if self.end <= self.start:
            raise ValueError(f"end {self.end:g} must lie after start {self.start:g}")
        _whole(self.end - self.start, self.step, "end - start", "step")
        _whole(self.saving, self.step, "save_every", "step")
        if self.steps > _LONGEST:
            raise ValueError(f"{self.steps} steps; at most {_LONGEST} are allowed")
        return self

    @property
    def saving(self) -> float:
        return self.step if self.save_every is None else self.save_every

    @property
    def steps(self) -> int:
        """Number of steps from `start` to `end`."""
        return round((self.end - self.start) / self.step)

    @property
    def stride(self) -> int:
        """Number of steps between saved rows."""
        return round(self.saving / self.step)


def _whole(span: float, step: float, what: str, of: str) -> None:
    ratio = span / step
    if (
        not math.isfinite(ratio)
        or round(ratio) < 1
        or not math.isclose(ratio, round(ratio), rel_tol=1e-9, abs_tol=1e-9)
    ):
        raise ValueError(f"{what} = {span:g} must be a whole multiple of {of} = {step:g}")
