"""`wmjax calibrate`: fit a model to observations."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from wmjax.app._console import progress, table
from wmjax.app._fitted import FitChoices, check_asked, fit_model, span, years
from wmjax.app._jax import chosen_devices
from wmjax.app._output import check_output, write_whole
from wmjax.app._recorded import recorded
from wmjax.app._settings import Text, Window


if TYPE_CHECKING:
    from calibration import FitResult
    from wmjax.store import Run

_MODELS = (".yaml", ".yml", ".json")


class Settings(FitChoices):
    window: Window | None
    draws: Annotated[int, Field(ge=0)] = 0
    output: Text | None


def run(settings: Settings) -> int:
    if settings.output is not None:
        check_output(settings.numbered(settings.output), _MODELS)
    from wmjax.spec import load_spec

    spec = load_spec(settings.model)
    check_asked(settings, spec)
    return recorded("calibrate", settings, work, spec, settings.seed)


def work(settings: Settings, run: Run) -> int:
    result = fit_model(settings, span(settings.window), run, "fit.npz")
    run.save_table("parameters", result.table().set_index("parameter"))
    print_fit(result)
    if settings.draws:
        print(f"written: {_ensemble(result, settings, run)}")
    print(f"written: {_write_model(result, settings, run)}")
    print(f"forecast with it: wmjax forecast model={settings.model} calibration={run.id}")
    return 0


def print_fit(result: FitResult) -> None:
    """The parameters with their uncertainty, and what the data leave open."""
    names = ("parameter", "value", "sd", "lower", "upper", "unit", "at_bound")
    rows = [tuple(row[name] for name in names) for row in result.table().to_dict("records")]
    columns = ("parameter", "value", "sd", "5 %", "95 %", "unit", "at bound")
    how = f"{result.method}: {result.ended}, loss {result.loss:.6g}"
    table(f"{how}, {years(result)}", columns, rows)
    print(result.identifiability())


def _ensemble(result: FitResult, settings: Settings, run: Run) -> Path:
    """The observed variables of the fitted model under draws of its parameters."""
    from wmjax.scenario import sweep

    names = list(dict.fromkeys(term.variable.partition("[")[0] for term in result.terms))
    with progress("ensemble") as show:
        found = sweep(
            result.model, None, result, n=settings.draws, key=settings.seed, save=names,
            devices=chosen_devices(settings.compute), progress=show,
        )  # fmt: skip
    return run.save_dataset("ensemble", found)


def _write_model(result: FitResult, settings: Settings, run: Run) -> Path:
    from wmjax.spec import save_spec

    stored = settings.output is None
    path = run.folder / "fitted.yaml" if stored else settings.numbered(settings.output or "")
    write_whole(path, lambda draft: save_spec(result.spec, draft))
    return path
