"""What the minimisers have in common: they ask for a point and are told what was found there.

A state is a mapping from names to arrays, so that it can be written to a checkpoint between any two
evaluations; a resumed run is then the same run.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, Protocol, TypeAlias, runtime_checkable

import numpy as np
from numpy.typing import NDArray


Vector: TypeAlias = NDArray[np.float64]
State: TypeAlias = dict[str, np.ndarray]

RUNNING, CONVERGED, STALLED, FAILED = range(4)
"""Values of `state["status"]`: at work; converged; no further progress; not finite at the start."""


@runtime_checkable
class Minimiser(Protocol):
    """Finds a minimum of a sum of squares, or of a function."""

    @property
    def name(self) -> str: ...

    @property
    def wants(self) -> Literal["normal", "gradient"]:
        """What it must be told: loss and gradient, or the Gauss-Newton matrix as well."""
        ...

    def start(self, z: Vector) -> State:
        """The state before the first evaluation."""
        ...

    def ask(self, state: State) -> Vector:
        """Where to evaluate next."""
        ...

    def tell(self, state: State, found: Mapping[str, np.ndarray]) -> State:
        """The state after an evaluation where `ask` said; what is not finite is a rejected step."""
        ...


def is_running(state: State) -> bool:
    return int(state["status"]) == RUNNING


def best(state: State) -> tuple[Vector, float]:
    """The best point so far and its loss; infinite before the first finite evaluation."""
    return state["z"], float(state["loss"])


def flag(value: int) -> np.ndarray:
    return np.asarray(value, np.int64)


def number(value: float) -> np.ndarray:
    return np.asarray(value, np.float64)
