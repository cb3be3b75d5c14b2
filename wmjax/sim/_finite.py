"""Stopping at a value that is not finite, with the variable and the time."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from jax.core import Tracer
from jaxtyping import Array

from wmjax._errors import SimulationError
from wmjax.program import Program, readable, references
from wmjax.sim._solver import Diffrax, FixedStep
from wmjax.sim._trajectory import Trajectory, column_names


Rows = tuple[Array, Mapping[str, Array]]
Arrays = dict[str, np.ndarray]


def refuse_nonfinite(
    run: Trajectory, every_step: Callable[[], Rows], solver: FixedStep | Diffrax
) -> None:
    """Raises if a saved value is not finite.

    The run is repeated with every variable and step kept to find where it began. Traced values
    cannot be looked at and pass.
    """
    leaves = list(run.values.values())
    if any(isinstance(x, Tracer) for x in leaves):
        return
    if all(np.isfinite(np.asarray(x)).all() for x in leaves):
        return
    times, values = every_step()
    arrays = {n: np.asarray(v) for n, v in values.items()}
    row, name, column = _first(run.program, arrays)
    time = float(np.asarray(times)[row])
    if isinstance(solver, Diffrax) and row and _broken_off(run.program, arrays, row):
        raise SimulationError(
            readable(name), time, f"{type(solver.solver).__name__} stopped before it got there",
            "a value may run away or change too fast: look at the rows before with throw=False, "
            "raise max_steps, loosen the tolerances, or use fixed steps",
        )  # fmt: skip
    bad = arrays[name].reshape(len(arrays[name]), -1)[row, column]
    label = readable(name) if "#" in name else column_names(run.program, name)[column]
    hint = _hint(run.program, arrays, name, row)
    raise SimulationError(label, time, repr(float(bad)), hint)


def _first(program: Program, arrays: Arrays) -> tuple[int, str, int]:
    """Earliest row, and in it the first variable in order of evaluation."""
    order = [*program.names("parameter", "series", "stock", hidden=True)]
    order += [a.name for layer in program.layers for a in layer.assignments]
    found = []
    for rank, name in enumerate(n for n in order if n in arrays):
        bad = ~np.isfinite(arrays[name].reshape(len(arrays[name]), -1))
        if bad.any():
            row = int(bad.any(1).argmax())
            found.append((row, rank, name, int(bad[row].argmax())))
    row, _, name, column = min(found)
    return row, name, column


def _broken_off(program: Program, arrays: Arrays, row: int) -> bool:
    """Whether a solver gave up: it leaves the rows that it did not reach infinite."""
    moving = [a.name for a in program.rates if a.name in arrays]
    return bool(moving) and all(np.isposinf(arrays[n][row]).all() for n in moving)


def _hint(program: Program, arrays: Arrays, name: str, row: int) -> str:
    nodes = {a.name: a.node for layer in program.layers for a in layer.assignments}
    if name not in nodes:
        nodes = {a.name: a.node for a in (program.rates if row else program.initial)}
        row = max(row - 1, 0)
    read = [n for n in references(nodes[name]) if n in arrays] if name in nodes else []
    shown = []
    for n in read[:6]:
        at = arrays[n][row]
        value = f"{at.item():.6g}" if at.ndim == 0 else str(at.ravel()[:4])
        shown.append(f"{readable(n)} = {value}")
    if not shown:
        return "look at its initial value and its flows; a smaller step may help"
    return f"it reads {', '.join(shown)}; guard a division or a logarithm, or take a smaller step"
