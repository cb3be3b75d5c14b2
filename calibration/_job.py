"""One fit from its setup to its result."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array

from calibration._checkpoint import Checkpoint, Progress
from calibration._evaluator import Evaluator, evaluator
from calibration._fit_file import FitFile
from calibration._fit_result import FitResult, start_results
from calibration._laplace import at_bound, information
from calibration._layout import Window
from calibration._methods import allowed, minimiser
from calibration._minimise import Budget, Report, first_points, minimise, winner
from calibration._minimiser import Minimiser, best
from calibration._residuals import Linearised, Problem, free_values
from calibration._setup import Setup, digests
from calibration._starts import initial_z
from wmjax._errors import UserError
from wmjax.model import CompiledModel, with_parameters
from wmjax.sim import Devices, simulate


def run(
    setup: Setup, settings: FitFile, *, window: Window, key: Array,
    model: CompiledModel | None = None, z: np.ndarray | None = None,
    checkpoint: Path | None = None, every: int = 10, report: Report | None = None,
    devices: Devices | None = None,
) -> FitResult:  # fmt: skip
    """**Arguments:**

    - `model`: the setup's, with less knowledge of its exogenous series.
    - `z`: where the first start begins instead of at the initial values.
    - `devices`: those that share the starts.
    """
    problem = setup.problem(window, model)
    _refuse_empty(problem, window)
    method = minimiser(settings.method, len(setup.elements), problem.bijection,
                       settings.tolerance, settings.learning_rate)  # fmt: skip
    begin = initial_z(setup.elements, problem.bijection) if z is None else z
    evaluate = evaluator(setup.plan, problem, method.wants, devices)
    stored = _checkpoint(evaluate, setup, settings, method, window, begin, key, checkpoint)
    points = partial(first_points, evaluate, setup.elements, begin, settings.starts, key)
    budget = Budget(allowed(method, settings.max_evaluations), every)
    done = minimise(method, evaluate, points, budget, stored, report)
    chosen = winner(done.states)
    if not np.isfinite(best(done.states[chosen])[1]):
        raise _never_finite(setup, problem, evaluate, begin)
    line = evaluate.linearise(best(done.states[chosen])[0], len(done.states))
    return _result(setup, problem, settings, window, method, done, chosen, line)


def _result(
    setup: Setup, problem: Problem, settings: FitFile, window: Window, method: Minimiser,
    done: Progress, chosen: int, line: Linearised,
) -> FitResult:  # fmt: skip
    states = done.states
    z, loss = best(states[chosen])
    residuals, jacobian, predicted = map(
        np.asarray, (line.residuals, line.jacobian, line.predicted)
    )
    starts = start_results(states, setup.elements, problem.bijection)
    return FitResult(
        model=_moved(setup, problem, z), loss=loss, method=method.name,
        ended=starts[chosen].ended, evaluations=done.evaluations, starts=starts, window=window,
        rule=settings.residual, elements=setup.elements, z=z,
        information=information(
            setup.layout, problem.rows, residuals, jacobian,
            stopped=at_bound(problem.bijection, z) != 0,
        ),
        layout=setup.layout, predicted=predicted,
        row_residuals=residuals[: len(predicted)],
    )  # fmt: skip


def _moved(setup: Setup, problem: Problem, z: np.ndarray) -> CompiledModel:
    x = np.asarray(problem.bijection(jnp.asarray(z, problem.model.dtype)))
    return with_parameters(problem.model, free_values(problem.model, setup.plan, x))


def _checkpoint(
    evaluate: Evaluator, setup: Setup, settings: FitFile, method: Minimiser, window: Window,
    z: np.ndarray, key: Array, path: Path | None,
) -> Checkpoint | None:  # fmt: skip
    if path is None:
        return None
    parts = digests(setup, evaluate.problem, window, z)
    parts["method"] = repr((method.name, settings.tolerance, settings.learning_rate))
    parts["starts"] = f"{settings.starts} {np.asarray(jax.random.key_data(key)).tolist()}"
    return Checkpoint(path, parts, evaluate.devices)


def _refuse_empty(problem: Problem, window: Window) -> None:
    if not bool((problem.rows.root_weight > 0).any()):
        raise UserError(
            f"window {window.start:g} to {window.end:g}", "no observation that counts",
            "at least one with a weight above zero", "widen the window",
        )


def _never_finite(
    setup: Setup, problem: Problem, evaluate: Evaluator, z: np.ndarray
) -> UserError:
    """Why no start was finite: the run itself, or what a transform makes of it."""
    model = _moved(setup, problem, z)
    simulate(model, end=setup.plan.axis.end, save=setup.plan.names)  # raises, and says more
    line = evaluate.linearise(z, 1)
    residuals, jacobian, predicted = map(
        np.asarray, (line.residuals, line.jacobian, line.predicted)
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
