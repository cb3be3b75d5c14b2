"""Levenberg-Marquardt with exact Jacobians.

Scaling by the largest column norms so far (More 1978) and the damping rule of Nielsen (1999). The
normal equations are solved in scaled numbers; damping keeps them well posed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, final

import numpy as np

from calibration._minimiser import (
    CONVERGED,
    FAILED,
    RUNNING,
    STALLED,
    State,
    Vector,
    flag,
    number,
)


_SMALLEST_GAIN = 1e-4
_FIRST_DAMPING = 1e-3
_LEAST_DAMPING = 1e-13
_LARGEST_DAMPING = 1e16


@final
@dataclass(frozen=True)
class LeastSquares:
    """Stops when a step would lower the loss by less than `tolerance` of it, moves `z` by less
    than `tolerance`, or the residuals are orthogonal to every column to within `tolerance`.

    `limit` is the largest useful `abs(z)`.
    """

    tolerance: float = 1e-8
    limit: Vector | float = field(default=np.inf, compare=False)

    @property
    def name(self) -> str:
        return "least_squares"

    @property
    def wants(self) -> Literal["normal"]:
        return "normal"

    def start(self, z: Vector) -> State:
        p = len(z)
        return {"z": z, "loss": number(np.inf), "status": flag(RUNNING), "gradient": np.zeros(p),
                "normal": np.zeros((p, p)), "scale": np.zeros(p),
                "damping": number(_FIRST_DAMPING), "growth": number(2.0)}  # fmt: skip

    def ask(self, state: State) -> Vector:
        return state["z"] + _step(state, self.limit) if np.isfinite(state["loss"]) else state["z"]

    def tell(self, state: State, found: Mapping[str, np.ndarray]) -> State:
        good = all(bool(np.isfinite(v).all()) for v in found.values())
        loss = float(found["loss"]) if good else np.inf
        if not np.isfinite(state["loss"]):
            return self._first(state, found) if good else {**state, "status": flag(FAILED)}
        step = _step(state, self.limit)
        promised = _promised(state, step)
        gained = float(state["loss"]) - loss
        gain = gained / promised if promised > 0 else -1.0
        if not gain > _SMALLEST_GAIN:
            return self._refused(state, step, promised)
        done = self._is_done(state, step, promised, gained) or self._is_flat(found)
        damping = float(state["damping"]) * max(1 / 3, 1 - (2 * gain - 1) ** 3)
        return {"z": state["z"] + step, **_kept(found),
                "status": flag(CONVERGED if done else RUNNING), "growth": number(2.0),
                "damping": number(max(damping, _LEAST_DAMPING)),
                "scale": np.maximum(state["scale"], _norms(found))}  # fmt: skip

    def _first(self, state: State, found: Mapping[str, np.ndarray]) -> State:
        status = flag(CONVERGED if self._is_flat(found) else RUNNING)
        return {**state, **_kept(found), "scale": _norms(found), "status": status}

    def _refused(self, state: State, step: Vector, promised: float) -> State:
        damping = float(state["damping"]) * float(state["growth"])
        small = self._is_small(state, step) or promised <= self.tolerance * float(state["loss"])
        status = CONVERGED if small else STALLED if damping > _LARGEST_DAMPING else RUNNING
        return {**state, "damping": number(damping), "growth": number(2 * float(state["growth"])),
                "status": flag(status)}  # fmt: skip

    def _is_done(self, state: State, step: Vector, promised: float, gained: float) -> bool:
        least = self.tolerance * float(state["loss"])
        return self._is_small(state, step) or (promised <= least and gained <= least)

    def _is_small(self, state: State, step: Vector) -> bool:
        size = float(np.linalg.norm(step))
        return size <= self.tolerance * (self.tolerance + float(np.linalg.norm(state["z"])))

    def _is_flat(self, found: Mapping[str, np.ndarray]) -> bool:
        """Whether the residuals are orthogonal to all columns of the Jacobian."""
        size = np.sqrt(2 * float(found["loss"]))
        norms = _norms(found) * size
        slopes = np.abs(found["gradient"]) / np.where(norms > 0, norms, 1.0)
        return bool(size == 0 or slopes.max(initial=0.0) <= self.tolerance)


def _kept(found: Mapping[str, np.ndarray]) -> State:
    return {k: np.asarray(found[k], np.float64) for k in ("loss", "gradient", "normal")}


def _norms(found: Mapping[str, np.ndarray]) -> Vector:
    return np.sqrt(np.maximum(np.diag(found["normal"]), 0.0))


def _step(state: State, limit: Vector | float) -> Vector:
    """The damped step, kept where `abs(z)` is useful; none if the equations cannot be solved."""
    scale = np.where(state["scale"] > 0, state["scale"], 1.0)
    matrix = state["normal"] / np.outer(scale, scale)
    matrix = matrix + float(state["damping"]) * np.eye(len(scale))
    try:
        step = -np.linalg.solve(matrix, state["gradient"] / scale) / scale
    except np.linalg.LinAlgError:
        return np.zeros(len(scale))
    return np.clip(state["z"] + step, -np.asarray(limit), np.asarray(limit)) - state["z"]


def _promised(state: State, step: Vector) -> float:
    """By how much the linear model says the loss will fall."""
    return -float(state["gradient"] @ step) - float(step @ state["normal"] @ step) / 2
