"""`wmjax run`: simulate one model."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from wmjax._errors import CheckFailed
from wmjax.app._console import table
from wmjax.app._model import (
    ParameterValues,
    check_names,
    chosen_scenario,
    compiled,
    explicit_solver,
)
from wmjax.app._output import TABLE, check_output, write_whole
from wmjax.app._recorded import recorded
from wmjax.app._settings import JaxSettings, Solver, Text


if TYPE_CHECKING:
    from wmjax.sim import Trajectory
    from wmjax.spec import ModelSpec
    from wmjax.store import Run

_SHOWN = 20


class Settings(JaxSettings):
    solver: Solver
    model: Text
    scenario: Text | None
    start: float | None
    end: float | None
    save: list[str] | None
    parameters: ParameterValues
    output: Text | None
    report: Text | None = None


def run(settings: Settings) -> int:
    if settings.output is not None:
        check_output(settings.numbered(settings.output), TABLE)
    from wmjax.spec import load_spec

    spec = load_spec(settings.model)
    check_names(spec, settings.parameters, settings.save)
    if settings.output is not None:
        check_output(settings.numbered(settings.output), TABLE, _bytes(spec, settings))
    chosen_scenario(settings.model, settings.scenario)
    return recorded("run", settings, work, spec)


def _bytes(spec: ModelSpec, settings: Settings) -> int:
    """About what the table will take: CSV has up to 20 characters a number, mostly fewer."""
    time = spec.time
    start, end = settings.start or time.start, settings.end or time.end
    rows = int(max(0.0, (end - start) / (time.save_every or time.step))) + 1
    saved = [v for n, v in spec.variables.items() if v.kind != "lookup"
             and (settings.save is None or n in settings.save)]  # fmt: skip
    columns = sum(math.prod(len(spec.elements(d)) for d in v.dims) for v in saved)
    return 10 * rows * columns


def work(settings: Settings, run: Run) -> int:
    from wmjax.sim import apply_scenario, simulate_inputs, verify

    model = compiled(settings.model, settings.parameters)
    model, inputs = apply_scenario(model, chosen_scenario(settings.model, settings.scenario))
    result = simulate_inputs(
        model, inputs, start=settings.start, end=settings.end,
        solver=explicit_solver(settings.solver, model.spec.time.method),
    )  # fmt: skip
    kept = result
    if settings.save:
        values = {n: result.values[n] for n in settings.save}
        kept = type(result)(result.times, values, result.program, result.about)
    path = _write(kept, settings, run)
    _summary(kept, model.spec)
    print(f"written: {path}")
    if settings.report is not None:
        print(f"report: {_report(kept, settings, run, model.spec)}")
    failed = verify(model, result)
    if failed:
        raise CheckFailed("\n  ".join([f"{len(failed)} checks of the model", *map(str, failed)]))
    return 0


def _write(result: Trajectory, settings: Settings, run: Run) -> Path:
    if settings.output is None:
        return run.save_file("trajectory", ".csv", result.to_csv)
    path = settings.numbered(settings.output)
    writers = {
        ".csv": result.to_csv,
        ".nc": result.to_netcdf,
        ".parquet": lambda draft: result.to_dataframe().to_parquet(draft),
    }
    write_whole(path, writers[path.suffix.lower()])
    run.event("output", str(path.absolute()))
    return path


def _report(result: Trajectory, settings: Settings, run: Run, spec: ModelSpec) -> Path:
    from wmjax.app._picture import picture

    assert settings.report is not None
    scenario = chosen_scenario(settings.model, settings.scenario)
    name = "baseline" if scenario is None else scenario.name
    runs = result.to_xarray().expand_dims(scenario=[name])
    return picture(settings, run, spec, settings.model, runs, {name: scenario}, settings.report)


def _summary(result: Trajectory, spec: ModelSpec) -> None:
    """The ends of the first variables: what the model marks by a group first, what stands last."""
    from wmjax.sim import column_names

    times = np.asarray(result.times)
    ends: list[tuple[bool, bool, str, str, float, float]] = []
    for name, value in result.values.items():
        variable = spec.variables[name]
        rows = np.asarray(value).reshape(len(times), -1)
        stands = np.ptp(rows, axis=0) == 0
        for k, label in enumerate(column_names(result.program, name)):
            plain = not variable.group
            first, last = float(rows[0, k]), float(rows[-1, k])
            ends.append((bool(stands[k]), plain, label, variable.unit, first, last))
    rows = [row[2:] for row in sorted(ends, key=lambda row: row[:2])[:_SHOWN]]
    table(spec.name, ("variable", "unit", f"{times[0]:g}", f"{times[-1]:g}"), rows)
    if len(ends) > len(rows):
        print(f"and {len(ends) - len(rows)} more columns in the file")
