"""L-BFGS (Nocedal 1980) with an Armijo search, for more parameters than least squares can carry."""

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


_SUFFICIENT = 1e-4
_SHORTEST = 1e-14
_PATIENCE = 3


@final
@dataclass(frozen=True)
class LBFGS:
    """Stops when three steps in a row lower the loss by less than `tolerance` of it, or the largest
    slope falls under `tolerance` times the loss.

    `memory` is the number of pairs kept; `limit` the largest useful `abs(z)`.
    """

    tolerance: float = 1e-9
    memory: int = 12
    limit: Vector | float = field(default=np.inf, compare=False)

    @property
    def name(self) -> str:
        return "lbfgs"

    @property
    def wants(self) -> Literal["gradient"]:
        return "gradient"

    def start(self, z: Vector) -> State:
        none = np.zeros((0, len(z)))
        return {"z": z, "loss": number(np.inf), "gradient": np.zeros(len(z)), "steps": none,
                "changes": none, "length": number(1.0), "slow": flag(0),
                "status": flag(RUNNING)}  # fmt: skip

    def ask(self, state: State) -> Vector:
        if not np.isfinite(state["loss"]):
            return state["z"]
        moved = state["z"] + float(state["length"]) * _direction(state)
        return np.clip(moved, -np.asarray(self.limit), np.asarray(self.limit))

    def tell(self, state: State, found: Mapping[str, np.ndarray]) -> State:
        loss, gradient = float(found["loss"]), found["gradient"]
        good = np.isfinite(loss) and bool(np.isfinite(gradient).all())
        if not np.isfinite(state["loss"]):
            return self._first(state, loss, gradient) if good else {**state, "status": flag(FAILED)}
        step = self.ask(state) - state["z"]
        promised = float(state["gradient"] @ step)
        if not (good and loss <= float(state["loss"]) + _SUFFICIENT * min(promised, 0.0)):
            return _shorter(state, loss if good else np.inf, promised)
        return self._accepted(state, step, loss, gradient)

    def _first(self, state: State, loss: float, gradient: Vector) -> State:
        length = 1.0 / max(float(np.linalg.norm(gradient)), 1e-30)
        status = CONVERGED if self._is_flat(loss, gradient) else RUNNING
        return {**state, "loss": number(loss), "gradient": gradient,
                "length": number(min(length, 1.0)), "status": flag(status)}  # fmt: skip

    def _accepted(self, state: State, step: Vector, loss: float, gradient: Vector) -> State:
        change = gradient - state["gradient"]
        steps, changes = state["steps"], state["changes"]
        if step @ change > 1e-10 * np.linalg.norm(step) * np.linalg.norm(change):
            steps = np.concatenate([steps, step[None]])[-self.memory :]
            changes = np.concatenate([changes, change[None]])[-self.memory :]
        small = float(state["loss"]) - loss <= self.tolerance * abs(float(state["loss"]))
        slow = int(state["slow"]) + 1 if small else 0
        done = slow >= _PATIENCE or self._is_flat(loss, gradient)
        return {"z": state["z"] + step, "loss": number(loss), "gradient": gradient, "steps": steps,
                "changes": changes, "length": number(1.0), "slow": flag(slow),
                "status": flag(CONVERGED if done else RUNNING)}  # fmt: skip

    def _is_flat(self, loss: float, gradient: Vector) -> bool:
        return bool(np.abs(gradient).max(initial=0.0) <= self.tolerance * max(abs(loss), 1e-30))


def _direction(state: State) -> Vector:
    """Two loops over the pairs; steepest descent without any."""
    q = -state["gradient"]
    pairs = list(zip(state["steps"], state["changes"], strict=True))
    if not pairs:
        return q
    shares = []
    for s, y in reversed(pairs):
        share = (s @ q) / (s @ y)
        q = q - share * y
        shares.append(share)
    s, y = pairs[-1]
    q = q * ((s @ y) / (y @ y))
    for (s, y), share in zip(pairs, reversed(shares), strict=True):
        q = q + s * (share - (y @ q) / (s @ y))
    return q


def _shorter(state: State, loss: float, promised: float) -> State:
    """A shorter step along the same line, to the minimum of the parabola where there is one."""
    length = float(state["length"])
    bend = loss - float(state["loss"]) - promised
    factor = -promised / (2 * bend) if np.isfinite(bend) and bend > 0 and promised < 0 else 0.1
    length *= float(np.clip(factor, 0.1, 0.5))
    if length > _SHORTEST:
        return {**state, "length": number(length)}
    if len(state["steps"]) == 0:
        return {**state, "status": flag(STALLED)}
    slope = max(float(np.linalg.norm(state["gradient"])), 1e-30)
    none = np.zeros((0, len(state["z"])))
    return {**state, "steps": none, "changes": none, "length": number(min(1.0 / slope, 1.0))}
