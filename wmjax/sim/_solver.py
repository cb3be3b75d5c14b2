"""How stocks move from one time to the next.

Fixed steps are our own, as system dynamics defines them: everything is evaluated before the step.
Any solver of diffrax can be used instead, for adaptive or stiff work.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, TypeVar

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from wmjax._errors import UserError


Stocks = Mapping[str, Array]
Saved = TypeVar("Saved")
Moving = Any
"""The stocks that move: arrays in any container, or one vector."""
Rates = Callable[[Float[Array, ""], Moving], Moving]
"""Rates of change from a time and the stocks at it."""


class FixedStep(eqx.Module):
    """An explicit Runge-Kutta method whose stages each follow the rates of the stage before.

    - `fractions`: how far into the step each stage stands, from the start of the step.
    - `weights`: the part of each stage's rates in the whole step.
    """

    fractions: eqx.AbstractClassVar[tuple[float, ...]]
    weights: eqx.AbstractClassVar[tuple[float, ...]]


class Euler(FixedStep):
    """x + dt f(t, x): the default of system dynamics; order 1."""

    fractions: ClassVar[tuple[float, ...]] = (0.0,)
    weights: ClassVar[tuple[float, ...]] = (1.0,)


class RK2(FixedStep):
    """Heun's method, x + dt (f(t, x) + f(t + dt, x + dt f)) / 2; order 2."""

    fractions: ClassVar[tuple[float, ...]] = (0.0, 1.0)
    weights: ClassVar[tuple[float, ...]] = (1 / 2, 1 / 2)


class RK4(FixedStep):
    """The classic method of Kutta (1901); order 4."""

    fractions: ClassVar[tuple[float, ...]] = (0.0, 1 / 2, 1 / 2, 1.0)
    weights: ClassVar[tuple[float, ...]] = (1 / 6, 1 / 3, 1 / 3, 1 / 6)


def fixed_step(
    method: FixedStep,
    rates: Callable[[Float[Array, ""], Moving], tuple[Saved, Moving]],
    dt: Float[Array, ""],
    stocks: Moving,
) -> tuple[Moving, Saved]:
    """Stocks one step later, and what `rates` says beside the rates at the start of the step.

    **Arguments:**

    - `rates`: from a fraction of the step and the stocks at it to what is saved and the rates of
      the stocks that move.
    """
    saved, first = rates(jnp.zeros_like(dt), stocks)
    if len(method.fractions) == 1:
        return _moved(stocks, first, dt), saved

    def stage(carry: tuple[Moving, Moving], at: Array) -> tuple[tuple[Moving, Moving], None]:
        before, total = carry
        fraction, weight = at
        _, found = rates(fraction, _moved(stocks, before, fraction * dt))
        return (found, jax.tree.map(lambda t, r: t + weight * r, total, found)), None

    table = np.array([method.fractions[1:], method.weights[1:]]).T
    total = jax.tree.map(lambda r: method.weights[0] * r, first)
    (_, total), _ = jax.lax.scan(stage, (first, total), jnp.asarray(table, dt.dtype))
    return _moved(stocks, total, dt), saved


def _moved(stocks: Moving, rates: Moving, by: Float[Array, ""]) -> Moving:
    return jax.tree.map(lambda s, r: s + by * r, stocks, rates)


class Diffrax(eqx.Module):
    """A solver of diffrax with its controller and adjoint.

    `controller` defaults to a PID controller with rtol 1e-8, atol 1e-8 for solvers that estimate
    their error, and to constant steps of the model's length for others; `adjoint` defaults to
    diffrax's checkpointed one (use `diffrax.ForwardMode()` for forward-mode derivatives).
    """

    solver: Any
    controller: Any = None
    adjoint: Any = None
    max_steps: int = eqx.field(static=True, default=100_000)

    def trajectory(
        self, rates: Rates, stocks: Moving, dt: Float[Array, ""], times: Float[Array, " rows"]
    ) -> Moving:
        """Stocks at each of `times`, along a new first axis."""
        import diffrax

        controller = self.controller
        if controller is None:
            adaptive = isinstance(self.solver, diffrax.AbstractAdaptiveSolver)
            controller = (
                diffrax.PIDController(rtol=1e-8, atol=1e-8)
                if adaptive
                else diffrax.ConstantStepSize()
            )
        solution = diffrax.diffeqsolve(
            diffrax.ODETerm(lambda t, y, args: rates(jnp.asarray(t), y)),
            self.solver, times[0], times[-1], dt, stocks,
            saveat=diffrax.SaveAt(ts=times), stepsize_controller=controller,
            adjoint=self.adjoint or diffrax.RecursiveCheckpointAdjoint(),
            max_steps=self.max_steps,
            throw=False,  # rows that were not reached are infinite, and named by the caller
        )  # fmt: skip
        ys = solution.ys
        assert ys is not None
        return jax.tree.map(lambda y: jnp.asarray(y), ys)


_BY_NAME: dict[str, FixedStep] = {"euler": Euler(), "rk2": RK2(), "rk4": RK4()}


def as_solver(solver: Any, default: str) -> FixedStep | Diffrax:
    """A solver from an instance, a diffrax solver, a name, or None for the model's own.

    **Raises:** `UserError` for anything else.
    """
    if solver is None:
        solver = default
    if isinstance(solver, FixedStep | Diffrax):
        return solver
    if isinstance(solver, str) and solver in _BY_NAME:
        return _BY_NAME[solver]
    import diffrax

    if isinstance(solver, diffrax.AbstractSolver):
        return Diffrax(solver)
    raise UserError(
        "solver", repr(solver), "Euler(), RK2(), RK4(), their names, or a solver of diffrax",
        "for example solver=diffrax.Tsit5()",
    )  # fmt: skip
