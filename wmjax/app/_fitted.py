"""Fits, made now or stored by an earlier run, and the observations they need."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from wmjax._errors import StoreError, UserError
from wmjax.app._console import progress
from wmjax.app._jax import chosen_devices, is_follower, prepare_jax
from wmjax.app._pace import Pace
from wmjax.app._recorded import open_store
from wmjax.app._settings import Count, JaxSettings, Text
from wmjax.spec import ModelSpec


if TYPE_CHECKING:
    from calibration import FitFile, FitResult
    from wmjax.series import Observations
    from wmjax.store import Run

FIT_FILE = "fit.npz"


def _units(value: Any) -> Any:
    """Hydra reads the unit 1 as a number."""
    return {k: _text(v) for k, v in value.items()} if isinstance(value, dict) else value


def _text(value: Any) -> Any:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return f"{value:g}" if number else value


Units = Annotated[dict[str, str], BeforeValidator(_units)]
Epoch = Annotated[str | None, BeforeValidator(_text)]


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
    units: Units = {}
    frequency: Literal["year", "month", "week", "day", "step"] | None = None
    time_unit: Text | None = None
    epoch: Epoch = None


def observed(settings: FitChoices, spec: ModelSpec) -> Observations:
    """The observations that were named, or else the series of the catalogue the model names.

    **Raises:** `UserError` if there are none, and for every mistake of a table.
    """
    from wmjax.series import load_observations

    named = _series(spec, _asked(settings))
    if settings.observations is not None:
        return load_observations(
            settings.observations, units=settings.units, frequency=settings.frequency,
            wanted=named,
        )  # fmt: skip
    names = [name for name in named if "." in name]
    if not names:
        raise UserError(
            "observations", "nothing, and the model names no series", "observations=FILE.csv",
            "a CSV with a time column and one column for each series",
        )  # fmt: skip
    return load_observations(sorted(set(names)))


def protocol(settings: FitChoices) -> FitFile:
    """What is asked of a fit: by the fit file that was named, or else by the protocol.yaml beside
    the model, if there is one; with what the settings say instead."""
    from wmjax._errors import UserErrors

    file = _asked(settings)
    if file.mistakes:
        raise file.mistakes[0] if len(file.mistakes) == 1 else UserErrors(file.mistakes)
    return file


def _asked(settings: FitChoices) -> FitFile:
    """The same, as far as it can be read: `fit` and `backtest` raise its mistakes with others."""
    from calibration import FitFile, salvage_fit_file
    from wmjax.spec import model_path

    beside = model_path(settings.model).parent / "protocol.yaml"
    path = settings.fit or (beside if beside.is_file() else None)
    return (FitFile() if path is None else salvage_fit_file(path)).changed(
        starts=settings.starts, method=settings.method, tolerance=settings.tolerance,
        max_evaluations=settings.max_evaluations, half_life=settings.half_life,
        time_unit=settings.time_unit, epoch=settings.epoch,
    )  # fmt: skip


def check_asked(settings: FitChoices, spec: ModelSpec, **test: Any) -> None:
    """Says what a fit takes for granted.

    **Raises:** `UserErrors` with every mistake of the fit file, the names and the units: before a
    run is stored.
    """
    from calibration import assumptions
    from wmjax.model import compile_model

    seen, file = observed(settings, spec), _asked(settings)
    prepare_jax(settings.compute)
    file = file.changed(backtest={k: v for k, v in test.items() if v is not None})
    taken = assumptions(compile_model(spec), seen, file, free=settings.free)
    for line in () if is_follower() else taken:
        print(line)


def _series(spec: ModelSpec, file: FitFile) -> list[str]:
    """The series that the model and the fit file name, and the columns they may be called in a
    table."""
    stated = [getattr(v, "observed", None) for v in spec.variables.values()]
    for name, series in (file.series or {}).items():
        variable = spec.variables.get(name.partition("[")[0])
        stated.append(series.observed or getattr(variable, "observed", None) or name)
    return list(dict.fromkeys(name.partition("[")[0] for name in stated if name))


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
