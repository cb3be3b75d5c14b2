"""Stopping at a value that is not finite, with the variable and the time."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from jax.core import Tracer
from jaxtyping import Array

from wmjax._errors import SimulationError
from wmjax.program import references
from wmjax.sim._trajectory import Trajectory, column_names


Rows = tuple[Array, dict[str, Array]]


def refuse_nonfinite(run: Trajectory, every_step: Callable[[], Rows]) -> None:
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
    row, name, column = _first(run, arrays)
    bad = arrays[name].reshape(len(arrays[name]), -1)[row, column]
    raise SimulationError(
        column_names(run.program, name)[column], float(np.asarray(times)[row]), repr(float(bad)),
        _hint(run, arrays, name, row),
    )  # fmt: skip


def _first(run: Trajectory, arrays: dict[str, np.ndarray]) -> tuple[int, str, int]:
    """Earliest row, and in it the first variable in order of evaluation."""
    order = [*run.program.names("parameter", "series", "stock")]
    order += [a.name for layer in run.program.layers for a in layer.assignments]
    found = []
    for rank, name in enumerate(n for n in order if n in arrays):
        bad = ~np.isfinite(arrays[name].reshape(len(arrays[name]), -1))
        if bad.any():
            row = int(bad.any(1).argmax())
            found.append((row, rank, name, int(bad[row].argmax())))
    row, _, name, column = min(found)
    return row, name, column


def _hint(run: Trajectory, arrays: dict[str, np.ndarray], name: str, row: int) -> str:
    nodes = {a.name: a.node for layer in run.program.layers for a in layer.assignments}
    nodes |= {a.name: a.node for a in run.program.rates} if name not in nodes else {}
    read = [n for n in references(nodes[name]) if n in arrays] if name in nodes else []
    shown = []
    for n in read[:6]:
        at = arrays[n][row]
        shown.append(f"{n} = {at.item():.6g}" if at.ndim == 0 else f"{n} = {at.ravel()[:4]}")
    if not shown:
        return "look at its initial value and its flows; a smaller step may help"
    return f"it reads {', '.join(shown)}; guard a division or a logarithm, or take a smaller step"
