"""What a fit leaves unexplained, as arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

import numpy as np

from calibration._evaluator import evaluator
from calibration._fit_result import FitResult
from calibration._residuals import plan
from calibration._series_transform import differenced, transformed
from calibration._setup import Setup
from wmjax.scenario import Transform
from wmjax.spec import Prior


PINNED = 1e-6
"""Standard deviation of a prior that holds a number in its place."""


@final
@dataclass(frozen=True, eq=False)
class ResidualTable:
    """Of one term, all of shape `(n,)`: observations and residuals (observed less model) as the
    term transforms them; `used`: which rows the fit saw. `spread`, shape `(n, p)`: by how much the
    residuals move along the p principal directions in which the parameters are uncertain, one
    standard deviation each; their covariance is `spread @ spread.T`."""

    times: np.ndarray
    observed: np.ndarray
    residuals: np.ndarray
    used: np.ndarray
    spread: np.ndarray


def residual_tables(fit: FitResult) -> dict[str, ResidualTable]:
    """By term, as in `FitResult.residuals`, without rows that have no change to compare; without
    spread."""
    return _tables(fit, None)


def uncertain_residual_tables(fit: FitResult) -> dict[str, ResidualTable]:
    """As `residual_tables`, with the spread that comes from the uncertainty of the parameters; it
    costs two runs for each free number, compiled once for a model."""
    return _tables(fit, _moved_predictions(fit))


def _tables(fit: FitResult, moved: np.ndarray | None) -> dict[str, ResidualTable]:
    found = {}
    slices = fit.layout.slices
    for (name, frame), term, part in zip(fit.residuals.items(), fit.terms, slices, strict=True):
        times, seen = frame.index.to_numpy(float), frame["observed"].to_numpy(float)
        observed = np.asarray(differenced(term.transform, times, transformed(term.transform, seen)))
        residuals, used = frame["residual"].to_numpy(float), frame["used"].to_numpy(bool)
        keep = np.isfinite(observed)
        spread = np.zeros((len(times), 0))
        if moved is not None:
            up, down = (_rows(term.transform, times, m[:, part]) for m in moved)
            spread = (up - down).T / 2
        found[name] = ResidualTable(
            times[keep], observed[keep], residuals[keep], used[keep], spread[keep]
        )
    return found


def _moved_predictions(fit: FitResult) -> np.ndarray:
    """What the model says of every row with its free numbers one standard deviation up, and down,
    along each principal direction of their uncertainty; shape `(2, p, rows)`.

    Numbers that a prior of no width holds in their place count for none."""
    values, vectors = np.linalg.eigh(fit.covariance)
    root = vectors * np.sqrt(np.maximum(values, 0.0) * _freedom(fit))
    made = Setup(fit.model, fit.elements, fit.layout, plan(fit.layout, fit.elements))
    problem = made.problem(fit.window, fit.model)
    points = np.concatenate([fit.z + root.T, fit.z - root.T])
    limit = problem.bijection.limit
    found = evaluator(made.plan, problem, "normal", None).predict(np.clip(points, -limit, limit))
    return found.reshape(2, len(fit.z), -1)


def _freedom(fit: FitResult) -> float:
    """The variance per degree of freedom, over that of a fit which thinks pinned numbers free."""
    counted = sum(int(t.used.sum()) for t in residual_tables(fit).values())
    free = sum(not _is_pinned(e.prior) for e in fit.elements)
    left, taken = counted - free, counted - len(fit.elements)
    return taken / left if taken > 0 else 1.0


def _is_pinned(prior: Prior | None) -> bool:
    """Whether a prior has no width."""
    return prior is not None and prior.normal is not None and prior.normal[1] <= PINNED


def _rows(transform: Transform, times: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Each row of values, transformed; shape `(p, n)`."""
    with np.errstate(all="ignore"):
        return np.stack([differenced(transform, times, transformed(transform, r)) for r in rows])
