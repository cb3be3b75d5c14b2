"""Runs a minimiser from several starts at once; can be stopped and taken up again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import final

import numpy as np
from jaxtyping import Array

from calibration._checkpoint import Checkpoint, Progress
from calibration._evaluator import Evaluator
from calibration._free import FreeElement
from calibration._minimiser import Minimiser, State, best, is_running
from calibration._starts import random_z


Report = Callable[[int, int, str], None]
"""Called with evaluations done, evaluations allowed, and a text."""

_CANDIDATES = 4


@final
@dataclass(frozen=True)
class Budget:
    """How long a minimiser may run, and how often its state is written."""

    evaluations: int
    every: int = 10


def first_points(
    evaluate: Evaluator, elements: tuple[FreeElement, ...], z: np.ndarray, starts: int, key: Array
) -> np.ndarray:
    """`z` itself, and the best of four times as many random points as further starts are wanted."""
    if starts == 1:
        return z[None]
    candidates = random_z(elements, evaluate.problem.bijection, key, _CANDIDATES * starts)
    losses = np.concatenate([
        [_loss(f) for f in evaluate(candidates[i : i + starts])]
        for i in range(0, len(candidates), starts)
    ])  # fmt: skip
    order = np.argsort(losses, kind="stable")[: starts - 1]
    return np.concatenate([z[None], candidates[order]])


def minimise(
    minimiser: Minimiser, evaluate: Evaluator, points: Callable[[], np.ndarray], budget: Budget,
    checkpoint: Checkpoint | None, report: Report | None,
) -> Progress:  # fmt: skip
    """Evaluates all starts together until each is done or the budget is spent.

    A stored checkpoint is taken up where it stands. On `KeyboardInterrupt` the state is written
    before it goes on.
    """
    progress = checkpoint.read() if checkpoint else None
    if progress is None:
        progress = Progress(0, tuple(minimiser.start(z) for z in points()))
    try:
        while any(map(is_running, progress.states)) and progress.evaluations < budget.evaluations:
            progress = _round(minimiser, evaluate, progress)
            if report is not None:
                report(progress.evaluations, budget.evaluations, _text(progress))
            if checkpoint is not None and progress.evaluations % budget.every == 0:
                checkpoint.write(progress)
    except KeyboardInterrupt:
        if checkpoint is not None:
            checkpoint.write(progress)
        raise
    if checkpoint is not None:
        checkpoint.write(progress)
    return progress


def _round(minimiser: Minimiser, evaluate: Evaluator, progress: Progress) -> Progress:
    z = np.stack([minimiser.ask(s) if is_running(s) else s["z"] for s in progress.states])
    found = evaluate(z)
    states = tuple(
        minimiser.tell(s, f) if is_running(s) else s
        for s, f in zip(progress.states, found, strict=True)
    )
    return Progress(progress.evaluations + 1, states)


def winner(states: tuple[State, ...]) -> int:
    """The start with the least loss."""
    return int(np.argmin([best(s)[1] for s in states]))


def _loss(found: dict[str, np.ndarray]) -> float:
    return float(found["loss"]) if all(np.isfinite(v).all() for v in found.values()) else np.inf


def _text(progress: Progress) -> str:
    loss = min(best(s)[1] for s in progress.states)
    working = sum(map(is_running, progress.states))
    return f"loss {loss:.9g}, {working} of {len(progress.states)} starts at work"
