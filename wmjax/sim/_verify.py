"""The model's own checks, held against a run."""

from __future__ import annotations

from dataclasses import dataclass

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from wmjax._errors import UserError
from wmjax.model import Clock, CompiledModel
from wmjax.program import references
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
    wanted = {n for a in model.program.checks for n in references(a.node)}
    missing = sorted(n for n in wanted if n not in run.values and "#" not in n)
    if missing:
        raise UserError(
            "verify", f"a run without {missing[0]!r}", "a run with all variables saved",
            "simulate without save=",
        )  # fmt: skip
    times = np.asarray(run.times)
    found = []
    for check, held in zip(model.spec.checks, _held(model, run), strict=True):
        inside = (times >= (check.start if check.start is not None else -np.inf)) & (
            times <= (check.end if check.end is not None else np.inf)
        )
        failed = (np.asarray(held).reshape(len(times), -1) == 0).any(1) & inside
        if failed.any():
            found.append(Violation(check.name, float(times[failed][0]), int(failed.sum())))
    return tuple(found)


@eqx.filter_jit
def _held(model: CompiledModel, run: Trajectory) -> tuple[jax.Array, ...]:
    """Every check at every saved time."""
    time = model.spec.time
    step, end = (jnp.asarray(x, model.dtype) for x in (time.step, time.end))

    def clock(now: jax.Array) -> Clock:
        return Clock(now, step, run.times[0], end, now + step / 2)

    start = {n: v[0] for n, v in run.values.items()}
    held = model.held_values(start, clock(run.times[0]))

    def at(now: jax.Array, values: dict[str, jax.Array]) -> tuple[jax.Array, ...]:
        return model.evaluate_checks({**held, **values}, clock(now))

    return jax.vmap(at)(run.times, dict(run.values))
