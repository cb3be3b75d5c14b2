"""Tables in C: laid out when a kernel starts, or part of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from wmjax.native._job import Form, Job
from wmjax.native._writer import Writer, number


@dataclass(frozen=True)
class Laid:
    """Lines of C: constants of the file, and what stands at the start of all runs or of each."""

    constants: list[str]
    shared: list[str]
    own: list[str]


def tables(job: Job, used: Sequence[int]) -> Laid:
    """The tables `t0`, `t1`, ... and their grids `g0`, `g1`, ... of a kernel."""
    found = Laid([], [], [])
    for table in used:
        if job.tables[table].baked is not None:
            found.constants.extend(_baked(job, table))
        elif job.is_own(table):
            found.own.extend(_each(job, table))
        else:
            found.shared.extend(_once(job, table))
    return found


def _strides(job: Job, table: int) -> tuple[int, int, int]:
    """Numbers of the table, from one of its rows to the next, and from intercept to slope."""
    columns = 2 if job.tables[table].even else 3
    if job.varied is None:
        return columns * job.rows(table), columns, 1
    part = job.part(table)
    return columns * part, 8 if job.is_own(table) else 1, part


def _declared(job: Job, table: int) -> list[str]:
    count, _, _ = _strides(job, table)
    form, wide = job.tables[table], 8 if job.is_own(table) else 1
    grid = (2 if form.even else form.points) * wide
    return [f"double t{table}[{count}] __attribute__((aligned(64)));",
            f"double g{table}[{grid}] __attribute__((aligned(64)));"]  # fmt: skip


def _once(job: Job, table: int) -> list[str]:
    x, y = (_pointer(job, table, i) for i in (0, 1))
    return [*_declared(job, table), _laid(job, table, x, y, "", 1)]


def _each(job: Job, table: int) -> list[str]:
    x, y = (_pointer(job, table, i) for i in (0, 1))
    laid = _laid(job, table, x, y, " + i", 8)
    return [*_declared(job, table), f"for (int i = 0; i < 8; i++) {laid}"]


def _pointer(job: Job, table: int, which: int) -> str:
    return Writer(job).pointer(job.points_of(table, which), True)


def _laid(job: Job, table: int, x: str, y: str, lane: str, grid_step: int) -> str:
    form = job.tables[table]
    _, step, part = _strides(job, table)
    if form.even and job.remembers(table):
        return f"lay_lines({x}, {y}, {form.points}, {int(not form.holds)}, t{table}, g{table});"
    how = "even" if form.even else "uneven"
    return (
        f"lay_{how}({x}, {y}, {form.points}, {int(not form.holds)}, t{table}{lane}, {step}, {part},"
        f" g{table}{lane}, {grid_step});"
    )


def _baked(job: Job, table: int) -> list[str]:
    form = job.tables[table]
    count, step, part = _strides(job, table)
    numbers = [0.0] * count
    grid, columns = _laid_out(form, job.remembers(table))
    for k, column in enumerate(columns):
        for i, x in enumerate(column):
            numbers[i * step + k * part] = x
    return [_constant(f"t{table}", numbers), _constant(f"g{table}", grid)]


def _constant(name: str, numbers: Sequence[float]) -> str:
    text = ", ".join(map(number, map(float, numbers)))
    return f"static const double {name}[{len(numbers)}] __attribute__((aligned(64))) = {{{text}}};"


def _laid_out(form: Form, before: bool) -> tuple[Sequence[float], Sequence[Sequence[float]]]:
    """The grid of a table and its columns, as `lay_even`, `lay_lines` (which has a row before the
    first point) and `lay_uneven` make them."""
    assert form.baked is not None
    x, y = (np.asarray(points, float) for points in form.baked)
    if form.even:
        slope = np.append(np.diff(y), 0.0 if form.holds else y[-1] - y[-2])
        per, places = (len(x) - 1) / (x[-1] - x[0]), np.arange(len(x)) + int(before)
        if before:
            slope = np.append(0.0 if form.holds else slope[0], slope)
            y, places = np.append(y[0], y), np.append(1, places)
        columns = [(y - slope * places).tolist(), slope.tolist()]
        return [per, x[0] * per - float(before)], columns
    width = np.diff(x)
    inner = np.where(width == 0, 0.0, np.diff(y) / np.where(width == 0, 1.0, width))
    ends = (0.0, 0.0) if form.holds else (inner[0], inner[-1])
    slope = np.concatenate([ends[:1], inner, ends[1:]])
    return x.tolist(), [np.append(y[0], y).tolist(), slope.tolist(), np.append(x[0], x).tolist()]
