"""Levenberg-Marquardt with exact Jacobians.

Scaling by the largest column norms so far (More 1978) and the damping rule of Nielsen (1999).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Literal, final

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
_LARGEST_DAMPING = 1e16


@final
@dataclass(frozen=True)
class LeastSquares:
    """Stops when a step would lower the loss by less than `tolerance` of it, moves `z` by less
    than `tolerance`, or the residuals are orthogonal to every column to within `tolerance`.

    `limit` is the largest useful `abs(z)`.
    """

    tolerance: float = 1e-9
    limit: Vector | float = field(default=np.inf, compare=False)
    name: ClassVar[str] = "least_squares"
    wants: ClassVar[Literal["jacobian"]] = "jacobian"

    def start(self, z: Vector) -> State:
        empty = np.zeros(0)
        return {"z": z, "loss": number(np.inf), "status": flag(RUNNING), "residuals": empty,
                "jacobian": np.zeros((0, len(z))), "scale": np.zeros(len(z)),
                "damping": number(_FIRST_DAMPING), "growth": number(2.0)}  # fmt: skip

    def ask(self, state: State) -> Vector:
        return state["z"] + _step(state, self.limit) if np.isfinite(state["loss"]) else state["z"]

    def tell(self, state: State, found: Mapping[str, np.ndarray]) -> State:
        r, jacobian = found["residuals"], found["jacobian"]
        good = bool(np.isfinite(r).all() and np.isfinite(jacobian).all())
        loss = float(r @ r) / 2 if good else np.inf
        if not np.isfinite(state["loss"]):
            return self._first(state, r, jacobian, loss)
        step = _step(state, self.limit)
        promised = float(state["loss"]) - float(np.sum((state["residuals"] + state["jacobian"] @ step) ** 2)) / 2
        gained = float(state["loss"]) - loss
        gain = gained / promised if promised > 0 else -1.0
        if not gain > _SMALLEST_GAIN:
            return self._refused(state, step, promised)
        done = self._is_done(state, step, promised, gained) or _is_flat(r, jacobian, self.tolerance)
        damping = float(state["damping"]) * max(1 / 3, 1 - (2 * gain - 1) ** 3)
        return {"z": state["z"] + step, "loss": number(loss), "residuals": r, "jacobian": jacobian,
                "status": flag(CONVERGED if done else RUNNING), "growth": number(2.0),
                "damping": number(max(damping, 1e-15)),
                "scale": np.maximum(state["scale"], np.linalg.norm(jacobian, axis=0))}  # fmt: skip

    def _first(self, state: State, r: Vector, jacobian: np.ndarray, loss: float) -> State:
        if not np.isfinite(loss):
            return {**state, "status": flag(FAILED)}
        done = _is_flat(r, jacobian, self.tolerance)
        return {**state, "loss": number(loss), "residuals": r, "jacobian": jacobian,
                "scale": np.linalg.norm(jacobian, axis=0),
                "status": flag(CONVERGED if done else RUNNING)}  # fmt: skip

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


def _step(state: State, limit: Vector | float) -> Vector:
    """The damped step, kept where `abs(z)` is useful."""
    scale = np.where(state["scale"] > 0, state["scale"], 1.0)
    damper = np.diag(np.sqrt(float(state["damping"])) * scale)
    matrix = np.concatenate([state["jacobian"], damper])
    target = np.concatenate([-state["residuals"], np.zeros(len(scale))])
    step = np.linalg.lstsq(matrix / scale, target, rcond=None)[0] / scale
    return np.clip(state["z"] + step, -np.asarray(limit), np.asarray(limit)) - state["z"]


def _is_flat(r: Vector, jacobian: np.ndarray, tolerance: float) -> bool:
    size = float(np.linalg.norm(r))
    norms = np.linalg.norm(jacobian, axis=0)
    slopes = np.abs(jacobian.T @ r) / (np.where(norms > 0, norms, 1.0) * (size or 1.0))
    return size == 0 or bool(slopes.max(initial=0.0) <= tolerance)
