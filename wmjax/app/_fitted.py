"""Fits, made now or stored by an earlier run, and the observations they need."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from wmjax._errors import StoreError, UserError
from wmjax.app._console import progress
from wmjax.app._jax import chosen_devices
from wmjax.app._pace import Pace
from wmjax.app._recorded import open_store
from wmjax.app._settings import Count, JaxSettings, Text
from wmjax.spec import ModelSpec


if TYPE_CHECKING:
    from calibration import FitFile, FitResult
    from wmjax.series import Observations
    from wmjax.store import Run

FIT_FILE = "fit.npz"


class FitChoices(JaxSettings):
    """What every verb asks that fits a model."""

    model: Text
    observations: Text | None
    fit: Text | None
    free: list[Text] | None
    starts: Count | None
    method: Text | None
    tolerance: Annotated[float, Field(gt=0)] | None
    max_evaluations: Count | None
    half_life: Annotated[float, Field(gt=0)] | None
    seed: int


def observed(settings: FitChoices, spec: ModelSpec) -> Observations:
    """The observations that were named, or else the series of the catalogue the model names.

    **Raises:** `UserError` if there are none, and for every mistake of a table.
    """
    from wmjax.series import load_observations

    units = _units(spec, protocol(settings))
    if settings.observations is not None:
        return load_observations(settings.observations, default_units=units)
    names = [name for name in units if "." in name]
    if not names:
        raise UserError(
            "observations", "nothing, and the model names no series", "observations=FILE.csv",
            "a CSV with a time column and one column for each series",
        )  # fmt: skip
    return load_observations(sorted(set(names)))


def protocol(settings: FitChoices) -> FitFile:
    """What is asked of a fit: by the fit file that was named, or else by the protocol.yaml beside
    the model, if there is one; with what the settings say instead."""
    from calibration import FitFile, load_fit_file
    from wmjax.spec import model_path

    beside = model_path(settings.model).parent / "protocol.yaml"
    path = settings.fit or (beside if beside.is_file() else None)
    return (FitFile() if path is None else load_fit_file(path)).changed(
        starts=settings.starts, method=settings.method, tolerance=settings.tolerance,
        max_evaluations=settings.max_evaluations, half_life=settings.half_life,
    )  # fmt: skip


def _units(spec: ModelSpec, file: FitFile) -> dict[str, str]:
    """By series the unit of the variable that it measures."""
    stated = ((getattr(v, "observed", None), v.unit) for v in spec.variables.values())
    units = {series: unit for series, unit in stated if series}
    for name, series in (file.series or {}).items():
        variable = spec.variables.get(name.split("[")[0])
        if variable is not None:
            units[series.observed or getattr(variable, "observed", None) or name] = variable.unit
    return units


def apart(settings: FitChoices) -> tuple[str, ...]:
    """Series that are scored and not judged: those named, or else those of the protocol."""
    named = getattr(settings, "apart", None)
    return protocol(settings).backtest.apart if named is None else tuple(named)


def span(window: list[float] | None) -> tuple[float, float] | None:
    return None if window is None else (window[0], window[1])


def all_years(settings: FitChoices) -> tuple[float, float] | None:
    """The rows that a forecast is fitted to: all but those after the years the protocol judges."""
    judged = protocol(settings).backtest.score_window
    last = None if judged is None else judged.end
    return None if last is None else (float("-inf"), last)


def years(fit: FitResult) -> str:
    """Which rows took part in a fit, in words."""
    window, times = fit.window, [t for s in fit.layout.series for t in (s.times[0], s.times[-1])]
    return f"{max(window.start, min(times)):g} to {min(window.end, max(times)):g}"


def fit_model(
    settings: FitChoices, window: tuple[float, float] | None, run: Run, checkpoint: str
) -> FitResult:
    """Fits with a bar on the devices of the settings; takes up the checkpoint if there is one, and
    stores the fit, its loss and its pace in the run."""
    from calibration import fit
    from wmjax.model import compile_model
    from wmjax.spec import load_spec

    spec, asked = load_spec(settings.model), protocol(settings)
    devices = chosen_devices(settings.compute)
    with progress("fit") as show:
        pace = Pace(run, asked.starts, devices, show)
        found = fit(
            compile_model(spec), observed(settings, spec), settings=asked, window=window,
            free=settings.free, key=settings.seed, checkpoint=run.checkpoint_path(checkpoint),
            devices=devices, progress=pace,
        )  # fmt: skip
    pace.tell(found.evaluations)
    found.save(run.folder / FIT_FILE)
    run.metrics({"loss": found.loss, "evaluations": found.evaluations})
    return found


def stored_fit(settings: JaxSettings, run_id: str, model: str) -> FitResult:
    """The fit of a finished run of `wmjax calibrate`, which must be one of this model.

    **Raises:** `StoreError` if there is no such run or it has no fit, `UserError` if the equations
    of the fitted model are not those of `model`.
    """
    from calibration import FitResult
    from wmjax.model import compile_model

    record = open_store(settings).get(run_id)
    path = record.folder / FIT_FILE
    if not path.is_file():
        raise StoreError(
            f"run {record.id}", f"a run of {record.verb!r} that is {record.status}, without a fit",
            "a finished run of wmjax calibrate", "wmjax runs list only=calibrate status=done",
        )  # fmt: skip
    found = FitResult.load(path)
    ours, theirs = (replace(m.program, checks=()) for m in (compile_model(model), found.model))
    if ours != theirs:
        raise UserError(
            f"run {record.id}", f"a fit of {found.model.spec.name!r} with other equations",
            f"a fit of the model {model!r} as it stands",
            f"name the model that was fitted, or fit this one: wmjax calibrate model={model}",
        )  # fmt: skip
    return found
