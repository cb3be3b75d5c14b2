"""How stocks move from one time to the next.

Fixed steps are our own, as system dynamics defines them: everything is evaluated before the step.
Any solver of diffrax can be used instead, for adaptive or stiff work.
"""

from __future__ import annotations

import abc
from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from wmjax._errors import UserError


Stocks = dict[str, Array]
Rates = Callable[[Float[Array, ""], Stocks], Stocks]
"""Rates of change from a time and the stocks at it."""


class FixedStep(eqx.Module):
    """A method that advances by one step of fixed length."""

    @abc.abstractmethod
    def step(
        self, rates: Rates, first: Stocks, time: Float[Array, ""], dt: Float[Array, ""],
        stocks: Stocks,
    ) -> Stocks:  # fmt: skip
        """Stocks at `time + dt`; `first` holds the rates at `time`, which are known already."""


def _moved(stocks: Stocks, rates: Stocks, by: Float[Array, ""]) -> Stocks:
    return jax.tree.map(lambda s, r: s + by * r, stocks, rates)


class Euler(FixedStep):
    """x + dt f(t, x): the default of system dynamics; order 1."""

    def step(self, rates, first, time, dt, stocks):  # noqa: ANN001, ANN201
        return _moved(stocks, first, dt)


class RK2(FixedStep):
    """Heun's method, x + dt (f(t, x) + f(t + dt, x + dt f)) / 2; order 2."""

    def step(self, rates, first, time, dt, stocks):  # noqa: ANN001, ANN201
        second = rates(time + dt, _moved(stocks, first, dt))
        return _moved(stocks, jax.tree.map(lambda a, b: a + b, first, second), dt / 2)


class RK4(FixedStep):
    """The classic method of Kutta (1901); order 4."""

    def step(self, rates, first, time, dt, stocks):  # noqa: ANN001, ANN201
        half = dt / 2
        second = rates(time + half, _moved(stocks, first, half))
        third = rates(time + half, _moved(stocks, second, half))
        fourth = rates(time + dt, _moved(stocks, third, dt))
        total = jax.tree.map(lambda a, b, c, d: a + 2 * b + 2 * c + d, first, second, third, fourth)
        return _moved(stocks, total, dt / 6)


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
        self, rates: Rates, stocks: Stocks, dt: Float[Array, ""], times: Float[Array, " rows"]
    ) -> Stocks:
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


_BY_NAME: dict[str, type[FixedStep]] = {"euler": Euler, "rk2": RK2, "rk4": RK4}


def as_solver(solver: Any, default: str) -> FixedStep | Diffrax:
    """A solver from an instance, a diffrax solver, a name, or None for the model's own.

    **Raises:** `UserError` for anything else.
    """
    if solver is None:
        solver = default
    if isinstance(solver, FixedStep | Diffrax):
        return solver
    if isinstance(solver, str) and solver in _BY_NAME:
        return _BY_NAME[solver]()
    import diffrax

    if isinstance(solver, diffrax.AbstractSolver):
        return Diffrax(solver)
    raise UserError(
        "solver", repr(solver), "Euler(), RK2(), RK4(), their names, or a solver of diffrax",
        "for example solver=diffrax.Tsit5()",
    )  # fmt: skip
