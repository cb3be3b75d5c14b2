"""Every error wmjax raises on purpose.

WmjaxError                    1  a failure of ours
└── UserError                 2  a mistake in what we were given: place, found, wanted, hint
    ├── UserErrors               several of them, reported together
    ├── SpecError                a spec with issues
    ├── DataError                a file or table of numbers
    ├── StoreError               the folder that holds the runs
    ├── UnknownName              a name that a result does not have; a KeyError too
    └── SimulationError          a run that left the finite numbers
CheckFailed                   3  a check of the model did not hold
BudgetSpent                   4  a budget ran out; the job can be resumed

The number is the exit status of the command line.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING


if TYPE_CHECKING:
    from wmjax.spec import Issue


class WmjaxError(Exception):
    """Base of all errors that wmjax raises on purpose."""

    exit_status = 1


class UserError(WmjaxError):
    """Something we were given is wrong.

    **Arguments:**

    - `place`: the file, key, variable or cell where it was found.
    - `found`: what stands there.
    - `wanted`: what would have been right.
    - `hint`: what to do about it.
    """

    exit_status = 2

    def __init__(self, place: str, found: str, wanted: str, hint: str = "") -> None:
        self.place = place
        self.found = found
        self.wanted = wanted
        self.hint = hint
        super().__init__(place, found, wanted, hint)

    def __str__(self) -> str:
        lines = [f"{self.place}", f"  found:  {self.found}", f"  wanted: {self.wanted}"]
        if self.hint:
            lines.append(f"  do:     {self.hint}")
        return "\n".join(lines)


class UserErrors(UserError):
    """Several mistakes, reported together; `errors` holds them."""

    def __init__(self, errors: Iterable[UserError]) -> None:
        self.errors: Sequence[UserError] = tuple(errors)
        super().__init__(
            f"{len(self.errors)} mistakes",
            "; ".join(e.found for e in self.errors),
            "; ".join(e.wanted for e in self.errors),
        )

    def __str__(self) -> str:
        return "\n".join(str(e) for e in self.errors)


class SpecError(UserError):
    """A spec that cannot be used; `issues` lists every reason."""

    def __init__(self, place: str, issues: Sequence[Issue]) -> None:
        self.issues = tuple(issues)
        count = "1 issue" if len(self.issues) == 1 else f"{len(self.issues)} issues"
        super().__init__(place, count, "a spec without errors", "mend the issues listed")

    def __str__(self) -> str:
        return "\n".join([f"{self.place}: {self.found}", *(str(i) for i in self.issues)])


class DataError(UserError):
    """A table or file of numbers that cannot be read as it stands."""


class StoreError(UserError):
    """A run store that cannot be written or does not hold what was asked for."""


class UnknownName(UserError, KeyError):
    """A name that a result does not have."""


class SimulationError(UserError):
    """A run in which a value stopped being finite; names the `variable` and the `time`."""

    def __init__(self, variable: str, time: float, found: str, hint: str) -> None:
        self.variable = variable
        self.time = time
        super().__init__(f"variable {variable!r} at time {time:g}", found, "a finite number", hint)


class CheckFailed(WmjaxError):
    """A check or reality check of the model does not hold."""

    exit_status = 3


class BudgetSpent(WmjaxError):
    """A budget ran out. What was done so far is stored and the job can be resumed."""

    exit_status = 4
