"""When the planner acts, and when it still tries things out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from wmjax._errors import UserError, UserErrors


Phase = Literal["warmup", "explore", "exploit"]


@dataclass(frozen=True)
class Calendar:
    """The two time scales: workers decide at each step, rates change once a tax year.

    - `steps`: of the run.
    - `year`: steps of a tax year.
    - `warmup`: steps at the beginning in which nobody sets rates; a year then begins as soon as one
        would have.
    - `explore`: share of the run in which those who search try things out; then they hold what they
        found best.
    """

    steps: int = 1000
    year: int = 25
    warmup: int = 0
    explore: float = 0.9

    def __post_init__(self) -> None:
        wrong = [
            UserError(name, f"{value:g}", wanted)
            for name, value, wanted, good in (
                ("max_timesteps", self.steps, "at least 1 step", self.steps >= 1),
                ("two_timescale", self.year, "at least 1 step to a tax year", self.year >= 1),
                ("warmup", self.warmup, "0 steps or more", self.warmup >= 0),
                ("explore", self.explore, "a share of 0 to 1", 0 <= self.explore <= 1),
            )
            if not good
        ]
        if wrong:
            raise wrong[0] if len(wrong) == 1 else UserErrors(wrong)

    def begins_year(self, time: int) -> bool:
        """Whether rates are set before this step."""
        return time % self.year == 0 and time >= self.warmup

    def ends_year(self, time: int) -> bool:
        """Whether this is the last step before rates may change."""
        return (time + 1) % self.year == 0

    def phase(self, time: int) -> Phase:
        """What those who search do at this step."""
        if time < self.warmup:
            return "warmup"
        return "explore" if time < self.explore * self.steps else "exploit"
