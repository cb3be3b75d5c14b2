"""What a sweep keeps of its runs."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, Literal, final, get_args

import jax.numpy as jnp

from wmjax._errors import UserError
from wmjax.model import CompiledModel, Inputs
from wmjax.scenario._fold import Kept, OverTime, folded
from wmjax.sim import simulate_inputs
from wmjax.spec import TimeAxis


AcrossRuns = Literal["mean", "sd", "min", "max"]


class Keep(ABC):
    """What is kept of every run: one of the classes below."""

    @abstractmethod
    def of_run(
        self,
        model: CompiledModel,
        inputs: Inputs | None,
        time: TimeAxis,
        solver: Any,
        names: tuple[str, ...],
    ) -> Kept:
        """By name what leaves the loop of one run, and whether the run is finite; traceable."""

    @abstractmethod
    def rows(self, time: TimeAxis) -> int:
        """The number of values of a number that leave the loop."""

    @property
    @abstractmethod
    def axis(self) -> tuple[str, ...]:
        """The name of the axis that holds them, if there is one."""


@final
@dataclass(frozen=True)
class Trajectories(Keep):
    """Every saved row: variables have dimensions `(scenario, draw, time, *dims)`."""

    def of_run(self, model, inputs, time, solver, names) -> Kept:  # noqa: ANN001
        run = simulate_inputs(
            model, inputs, end=time.end, save_every=time.saving, solver=solver, save=names,
            throw=False,
        )  # fmt: skip
        finite = jnp.asarray([jnp.isfinite(v).all() for v in run.values.values()]).all()
        return dict(run.values), finite

    def rows(self, time: TimeAxis) -> int:
        return -(-time.steps // time.stride) + 1

    @property
    def axis(self) -> tuple[str, ...]:
        return ("time",)


@final
@dataclass(frozen=True)
class Final(Keep):
    """The value at the last time: variables have dimensions `(scenario, draw, *dims)`."""

    def of_run(self, model, inputs, time, solver, names) -> Kept:  # noqa: ANN001
        values, finite = folded(model, inputs, time, solver, names, ("final",))
        return {n: v[0] for n, v in values.items()}, finite

    def rows(self, time: TimeAxis) -> int:
        return 1

    @property
    def axis(self) -> tuple[str, ...]:
        return ()


@final
@dataclass(frozen=True)
class Summary(Keep):
    """Statistics of each run over its saved rows, reduced as it runs: no row is stored.

    Variables have dimensions `(scenario, draw, statistic, *dims)`.

    **Arguments:** any of `"final"`, `"mean"`, `"min"`, `"max"`, `"at_min"` and `"at_max"` (the
    first times of the least and the greatest row), `"integral"` (over time, by the trapezoidal
    rule on the saved rows); final, mean, min and max if there are none.

    **Raises:** `UserError` for another name, or one twice.
    """

    statistics: tuple[OverTime, ...]

    def __init__(self, *statistics: str) -> None:
        chosen = statistics or ("final", "mean", "min", "max")
        _check("Summary", chosen, get_args(OverTime))
        object.__setattr__(self, "statistics", chosen)

    def of_run(self, model, inputs, time, solver, names) -> Kept:  # noqa: ANN001
        return folded(model, inputs, time, solver, names, self.statistics)

    def rows(self, time: TimeAxis) -> int:
        return len(self.statistics)

    @property
    def axis(self) -> tuple[str, ...]:
        return ("statistic",)


@final
@dataclass(frozen=True)
class Statistics(Keep):
    """Statistics over the draws of each scenario at every saved time, updated chunk by chunk.

    Variables have dimensions `(scenario, statistic, time, *dims)`; `count` (scenario) says how many
    draws took part: those that are not finite do not. Without any, the statistics are NaN.

    **Arguments:** any of `"mean"`, `"sd"` (of a sample, with n - 1), `"min"`, `"max"`; all if there
    are none.

    **Raises:** `UserError` for another name, or one twice.
    """

    statistics: tuple[AcrossRuns, ...]

    def __init__(self, *statistics: str) -> None:
        chosen = statistics or get_args(AcrossRuns)
        _check("Statistics", chosen, get_args(AcrossRuns))
        object.__setattr__(self, "statistics", chosen)

    def of_run(self, model, inputs, time, solver, names) -> Kept:  # noqa: ANN001
        return Trajectories().of_run(model, inputs, time, solver, names)

    def rows(self, time: TimeAxis) -> int:
        return Trajectories().rows(time)

    @property
    def axis(self) -> tuple[str, ...]:
        return ("time",)


def _check(place: str, names: tuple[str, ...], known: tuple[str, ...]) -> None:
    wrong = [n for n in names if n not in known or names.count(n) > 1]
    if wrong:
        found = "twice" if wrong[0] in known else "no such statistic"
        raise UserError(f"{place}, {wrong[0]!r}", found, f"any of {', '.join(known)}, each once")
