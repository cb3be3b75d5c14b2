"""The model's own checks, held against a run."""

from __future__ import annotations

from dataclasses import dataclass

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from wmjax.model import Clock, CompiledModel
from wmjax.sim._simulate import simulate
from wmjax.sim._trajectory import Trajectory


@dataclass(frozen=True, slots=True)
class Violation:
    """A check that does not hold: its name, when first, and at how many saved times."""

    check: str
    time: float
    times: int

    def __str__(self) -> str:
        return f"check {self.check!r} fails first at {self.time:g}, at {self.times} saved times"


def verify(model: CompiledModel, run: Trajectory | None = None) -> tuple[Violation, ...]:
    """Every check of the model that does not hold at some saved time.

    **Arguments:**

    - `run`: a run with all variables saved; the baseline is simulated if absent.
    """
    if not model.program.checks:
        return ()
    run = run or simulate(model)
    held = {n: np.asarray(v) for n, v in _held(model, run).items()}
    found = []
    for check in model.spec.checks:
        times = np.asarray(run.times)
        inside = (times >= (check.start if check.start is not None else -np.inf)) & (
            times <= (check.end if check.end is not None else np.inf)
        )
        failed = (held[check.name].reshape(len(times), -1) == 0).any(1) & inside
        if failed.any():
            found.append(Violation(check.name, float(times[failed][0]), int(failed.sum())))
    return tuple(found)


@eqx.filter_jit
def _held(model: CompiledModel, run: Trajectory) -> dict[str, jax.Array]:
    time = model.spec.time
    step, start, end = (jnp.asarray(x, model.dtype) for x in (time.step, time.start, time.end))

    def at(now: jax.Array, values: dict[str, jax.Array]) -> dict[str, jax.Array]:
        return model.evaluate_checks(values, Clock(now, step, start, end))

    return jax.vmap(at)(run.times, run.values)
