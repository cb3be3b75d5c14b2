"""`wmjax run`: simulate one model."""

from __future__ import annotations

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
    chosen_scenario(settings.model, settings.scenario)
    return recorded("run", settings, work, spec)


def work(settings: Settings, run: Run) -> int:
    from wmjax.sim import apply_scenario, simulate_inputs, verify

    model = compiled(settings.model, settings.parameters)
    model, inputs = apply_scenario(model, chosen_scenario(settings.model, settings.scenario))
    result = simulate_inputs(
        model, inputs, start=settings.start, end=settings.end,
        solver=explicit_solver(settings.solver, model.spec.time.method),
    )  # fmt: skip
    names = settings.save or list(result.values)
    kept = type(result)(
        result.times, {n: result.values[n] for n in names}, result.program, result.about
    )
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
        return run.save_table("trajectory", result.to_dataframe())
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
    times = np.asarray(result.times)
    units = {n: a.attrs.get("units", "") for n, a in result.to_xarray().data_vars.items()}
    frame = result.to_dataframe()
    first, last = frame.to_numpy()[[0, -1]]
    stands = np.ptp(frame.to_numpy(), axis=0) == 0
    plain = [not spec.variables[c.split("[")[0]].group for c in frame.columns]
    ends = zip(stands, plain, frame.columns, first, last, strict=True)
    shown = sorted(ends, key=lambda row: row[:2])[:_SHOWN]
    rows = [(c, units.get(c.split("[")[0], ""), float(a), float(b)) for *_, c, a, b in shown]
    table(spec.name, ("variable", "unit", f"{times[0]:g}", f"{times[-1]:g}"), rows)
    if len(frame.columns) > len(rows):
        print(f"and {len(frame.columns) - len(rows)} more columns in the file")
