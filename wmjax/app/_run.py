"""`wmjax run`: simulate one model."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from wmjax._errors import CheckFailed
from wmjax.app._console import table
from wmjax.app._jax import prepare_jax
from wmjax.app._model import ParameterValues, chosen_scenario, compiled, explicit_solver
from wmjax.app._output import TABLE, check_output, write_whole
from wmjax.app._recorded import recorded
from wmjax.app._settings import Compute, Solver, Text, VerbSettings


if TYPE_CHECKING:
    from wmjax.sim import Trajectory
    from wmjax.store import Run

_SHOWN = 20


class Settings(VerbSettings):
    solver: Solver
    compute: Compute
    model: Text
    scenario: Text | None
    start: float | None
    end: float | None
    save: list[str] | None
    parameters: ParameterValues
    output: Text | None


def run(settings: Settings) -> int:
    if settings.output is not None:
        check_output(settings.numbered(settings.output), TABLE)
    from wmjax.spec import load_spec

    return recorded("run", settings, work, load_spec(settings.model))


def work(settings: Settings, run: Run) -> int:
    prepare_jax(settings.compute)
    from wmjax.sim import apply_scenario, simulate_inputs, verify

    model = compiled(settings.model, settings.parameters)
    model, inputs = apply_scenario(model, chosen_scenario(settings.model, settings.scenario))
    result = simulate_inputs(
        model, inputs, start=settings.start, end=settings.end,
        solver=explicit_solver(settings.solver, model.spec.time.method),
    )  # fmt: skip
    kept = _selected(result, settings.save)
    path = _write(kept, settings, run)
    _summary(kept, model.spec.name)
    print(f"written: {path}")
    failed = verify(model, result)
    if failed:
        raise CheckFailed("\n  ".join([f"{len(failed)} checks of the model", *map(str, failed)]))
    return 0


def _selected(result: Trajectory, save: list[str] | None) -> Trajectory:
    if save is None:
        return result
    from wmjax._errors import UserError
    from wmjax.app._model import nearest

    unknown = [name for name in save if name not in result.values]
    if unknown:
        raise UserError(
            "save", ", ".join(map(repr, unknown)), "variables of the model",
            nearest(unknown[0], result.values),
        )  # fmt: skip
    return type(result)(
        result.times, {n: result.values[n] for n in save}, result.program, result.about
    )


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


def _summary(result: Trajectory, title: str) -> None:
    times = np.asarray(result.times)
    units = {n: a.attrs.get("units", "") for n, a in result.to_xarray().data_vars.items()}
    frame = result.to_dataframe()
    moving = [c for c in frame.columns if frame[c].nunique() > 1] or list(frame.columns)
    rows = [
        (c, units.get(c.split("[")[0], ""), *map(float, (frame[c].iloc[0], frame[c].iloc[-1])))
        for c in moving[:_SHOWN]
    ]
    table(title, ("variable", "unit", f"{times[0]:g}", f"{times[-1]:g}"), rows)
    if len(frame.columns) > len(rows):
        print(f"and {len(frame.columns) - len(rows)} more columns in the file")
