"""`wmjax sweep`: many scenarios and parameter draws at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from wmjax._errors import UserError
from wmjax.app._console import progress, table
from wmjax.app._model import (
    ParameterValues,
    check_names,
    compiled,
    explicit_solver,
    futures,
)
from wmjax.app._output import check_output, write_whole
from wmjax.app._recorded import open_store, recorded
from wmjax.app._settings import Count, JaxSettings, Solver, Text


if TYPE_CHECKING:
    import xarray as xr
    from jax import Array

    from wmjax.model import CompiledModel
    from wmjax.store import Run

_SHOWN = 20


class Settings(JaxSettings):
    solver: Solver
    model: Text
    scenarios: list[Text] | None
    calibration: Text | None
    draws: Annotated[int, Field(ge=0)]
    parameters: ParameterValues
    save: list[Text] | None
    end: float | None
    seed: int
    chunk: Count
    output: Text | None


def run(settings: Settings) -> int:
    if settings.output is not None:
        check_output(settings.numbered(settings.output), (".nc",))
    if settings.draws and not settings.calibration:
        raise UserError(
            "wmjax sweep, draws", f"{settings.draws} draws and no calibration to draw from",
            "calibration=RUN", "wmjax calibrate makes one; wmjax runs list only=calibrate",
        )  # fmt: skip
    from wmjax.spec import load_spec

    spec = load_spec(settings.model)
    check_names(spec, settings.parameters, settings.save)
    futures(settings.model, settings.scenarios)
    if settings.calibration is not None:
        open_store(settings).get(settings.calibration)
    return recorded("sweep", settings, work, spec, settings.seed)


def work(settings: Settings, run: Run) -> int:
    from wmjax.scenario import sweep

    model, draws = _start(settings)
    with progress("sweep") as show:
        dataset = sweep(
            model, futures(settings.model, settings.scenarios), draws,
            n=settings.draws or 1, key=settings.seed, save=settings.save, chunk=settings.chunk,
            end=settings.end, progress=show,
            solver=explicit_solver(settings.solver, model.spec.time.method),
        )  # fmt: skip
    _summary(dataset)
    if settings.output is None:
        print(f"written: {run.save_dataset('sweep', dataset)}")
        return 0
    path = settings.numbered(settings.output)
    write_whole(path, lambda draft: dataset.to_netcdf(draft, engine="h5netcdf"))
    run.event("output", str(path.absolute()))
    print(f"written: {path}")
    return 0


def _start(settings: Settings) -> tuple[CompiledModel, dict[str, Array] | None]:
    """The model, as it was fitted if a calibration is named, and draws of that fit; parameters that
    are given a value hold it in every draw."""
    if settings.calibration is None:
        return compiled(settings.model, settings.parameters), None
    import jax.numpy as jnp

    from wmjax.app._fitted import stored_fit
    from wmjax.model import with_parameters

    fit = stored_fit(settings, settings.calibration, settings.model)
    model = with_parameters(fit.model, settings.parameters)
    if not settings.draws:
        return model, None
    drawn = fit.draws(settings.seed, settings.draws)
    held = {
        name: jnp.broadcast_to(model.parameters[name], drawn[name].shape)
        for name in settings.parameters
        if name in drawn
    }
    return model, {**drawn, **held}


def _summary(dataset: xr.Dataset) -> None:
    """The median over the draws at the last time, by scenario."""
    scenarios = [str(s) for s in dataset["scenario"].values]
    last = dataset.isel(time=-1).median("draw")
    plain = [n for n, v in last.data_vars.items() if v.dims == ("scenario",) and n != "finite"]
    rows = [
        (str(n), dataset[n].attrs.get("units", ""), *map(float, last[n].values))
        for n in plain[:_SHOWN]
    ]
    title = f"medians of {dataset.sizes['draw']} draws in {float(dataset['time'][-1]):g}"
    table(title, ("variable", "unit", *scenarios), rows)
