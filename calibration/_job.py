"""One fit from its setup to its result."""

from __future__ import annotations

from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array

from calibration._checkpoint import Checkpoint
from calibration._fit_file import FitFile
from calibration._fit_result import FitResult, start_results
from calibration._laplace import information
from calibration._layout import Window
from calibration._methods import allowed, minimiser
from calibration._minimise import Budget, Report, first_points, minimise, winner
from calibration._minimiser import Minimiser, State, best
from calibration._residuals import Problem, free_values, linearise
from calibration._setup import Setup, digests
from calibration._starts import initial_z
from wmjax._errors import UserError
from wmjax.model import CompiledModel, with_parameters
from wmjax.sim import simulate


def run(
    setup: Setup, settings: FitFile, *, window: Window, key: Array,
    model: CompiledModel | None = None, z: np.ndarray | None = None,
    checkpoint: Path | None = None, every: int = 10, report: Report | None = None,
) -> FitResult:  # fmt: skip
    """**Arguments:**

    - `model`: the setup's, with less knowledge of its exogenous series.
    - `z`: where the first start begins instead of at the initial values.
    """
    problem = setup.problem(window, model)
    _refuse_empty(problem, window)
    method = minimiser(settings.method, len(setup.elements), problem.bijection,
                       settings.tolerance, settings.learning_rate)  # fmt: skip
    begin = initial_z(setup.elements, problem.bijection) if z is None else z
    stored = _checkpoint(setup, problem, settings, method, window, begin, key, checkpoint)

    def points() -> np.ndarray:
        return first_points(
            method, setup.plan, problem, setup.elements, begin, settings.starts, key
        )

    budget = Budget(allowed(method, settings.max_evaluations), every)
    done = minimise(method, setup.plan, problem, points, budget, stored, report)
    chosen = winner(done.states)
    if not np.isfinite(best(done.states[chosen])[1]):
        raise _never_finite(setup, problem, begin)
    return _result(setup, problem, settings, window, method, done.states, chosen, done.evaluations)


def _result(
    setup: Setup, problem: Problem, settings: FitFile, window: Window, method: Minimiser,
    states: tuple[State, ...], chosen: int, evaluations: int,
) -> FitResult:  # fmt: skip
    z, loss = best(states[chosen])
    at = jnp.asarray(np.tile(z, (len(states), 1)), problem.model.dtype)
    found = linearise(setup.plan, problem, at)
    residuals, jacobian, predicted = (
        np.asarray(x[0], np.float64) for x in (found.residuals, found.jacobian, found.predicted)
    )
    starts = start_results(states, setup.elements, problem.bijection)
    return FitResult(
        model=_moved(setup, problem, z), loss=loss, method=method.name,
        ended=starts[chosen].ended, evaluations=evaluations, starts=starts, window=window,
        rule=settings.residual, elements=setup.elements, z=z,
        information=information(setup.layout, problem.rows, residuals, jacobian),
        layout=setup.layout, predicted=predicted,
        row_residuals=residuals[: len(predicted)],
    )  # fmt: skip


def _moved(setup: Setup, problem: Problem, z: np.ndarray) -> CompiledModel:
    x = np.asarray(problem.bijection(jnp.asarray(z, problem.model.dtype)))
    return with_parameters(problem.model, free_values(problem.model, setup.plan, x))


def _checkpoint(
    setup: Setup, problem: Problem, settings: FitFile, method: Minimiser, window: Window,
    z: np.ndarray, key: Array, path: Path | None,
) -> Checkpoint | None:  # fmt: skip
    if path is None:
        return None
    parts = digests(setup, problem, window, z)
    parts["method"] = repr((method.name, settings.tolerance, settings.learning_rate))
    parts["starts"] = f"{settings.starts} {np.asarray(jax.random.key_data(key)).tolist()}"
    return Checkpoint(path, parts)


def _refuse_empty(problem: Problem, window: Window) -> None:
    if not bool((problem.rows.root_weight > 0).any()):
        raise UserError(
            f"window {window.start:g} to {window.end:g}", "no observation that counts",
            "at least one with a weight above zero", "widen the window",
        )


def _never_finite(setup: Setup, problem: Problem, z: np.ndarray) -> UserError:
    """Why no start was finite: the run itself, or what a transform makes of it."""
    model = _moved(setup, problem, z)
    simulate(model, end=setup.plan.axis.end, save=setup.plan.names)  # raises, and says more
    found = linearise(setup.plan, problem, jnp.asarray(z, problem.model.dtype)[None])
    residuals, jacobian, predicted = (
        np.asarray(x[0]) for x in (found.residuals, found.jacobian, found.predicted)
    )
    count = len(predicted)
    for term, part in zip(setup.layout.terms, setup.layout.slices, strict=True):
        bad = ~np.isfinite(residuals[:count][part])
        if bad.any():
            row = part.start + int(np.flatnonzero(bad)[0])
            return UserError(
                f"variable {term.variable!r} at time {setup.layout.times[row]:g}",
                f"{predicted[row]:g}, which has no {term.transform}",
                "initial values at which every residual is finite",
                "choose the transform `level`, or other initial values",
            )
    columns = ~np.isfinite(jacobian).all(axis=0)
    names = [e.label for e, c in zip(setup.elements, columns, strict=True) if c]
    return UserError(
        f"parameters {', '.join(names[:6])}", "a derivative that is not finite at every start",
        "initial values at which the model can be differentiated",
        "move the initial values, or guard a root, power or division",
    )
