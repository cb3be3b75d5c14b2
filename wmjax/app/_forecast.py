"""`wmjax forecast`: an ensemble of futures under scenarios."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from wmjax.app._console import progress, table
from wmjax.app._fitted import FitChoices, all_years, check_asked, fit_model, span, stored_fit, years
from wmjax.app._model import check_names, futures
from wmjax.app._output import check_output, write_whole
from wmjax.app._recorded import open_store, recorded
from wmjax.app._settings import Count, Text, Window


if TYPE_CHECKING:
    import pandas as pd

    from calibration import FitResult
    from wmjax.scenario import Forecast
    from wmjax.store import Run

_SHOWN = 20


class Settings(FitChoices):
    calibration: Text | None
    scenarios: list[Text] | None
    horizon: float | None
    draws: Count
    save: list[Text] | None
    window: Window | None
    output: Text | None


def run(settings: Settings) -> int:
    if settings.output is not None:
        check_output(settings.numbered(settings.output), (".nc", ".csv"))
    from wmjax.spec import load_spec

    spec = load_spec(settings.model)
    check_names(spec, save=settings.save)
    futures(settings.model, settings.scenarios)
    if settings.calibration is not None:
        open_store(settings).get(settings.calibration)
    else:
        check_asked(settings, spec)
    return recorded("forecast", settings, work, spec, settings.seed)


def work(settings: Settings, run: Run) -> int:
    from wmjax.scenario import forecast

    fit = _fit(settings, run)
    horizon = fit.model.spec.time.end if settings.horizon is None else settings.horizon
    with progress("forecast") as show:
        found = forecast(
            fit, futures(settings.model, settings.scenarios), horizon=horizon,
            draws=settings.draws, key=settings.seed, save=settings.save, progress=show,
        )  # fmt: skip
    print(f"fitted to {years(fit)}")
    for line in rewritten_past(settings, fit):
        print(line)
    print_forecast(found, [term.variable for term in fit.terms])
    stored = store_forecast(found, run)
    if settings.output is None:
        print(f"written: {stored}")
        return 0
    path = settings.numbered(settings.output)
    write_whole(path, lambda draft: _write(found, draft))
    run.event("output", str(path.absolute()))
    print(f"written: {path}")
    return 0


def rewritten_past(settings: Settings, fit: FitResult) -> Iterator[str]:
    """A line for each scenario whose parameters hold from the start of the run, so that its past is
    not the one that was fitted."""
    start = fit.model.spec.time.start
    last = min(max(s.times[-1] for s in fit.layout.series), fit.window.end)
    for name, scenario in futures(settings.model, settings.scenarios).items():
        for parameter, value in scenario.parameters.items() if scenario is not None else ():
            number = f"{value:g}" if isinstance(value, int | float) else "VALUE"
            yield (
                f"note: scenario {name} holds {parameter} from {start:g} on, so its past is not the"
                f" one that was fitted; to change it from {last:g} on, write under events instead:"
                f" {{name: NAME, start: {last:g}, effects: [{{target: {parameter}, set: {number}"
                "}]}"
            )


def _write(found: Forecast, path: Path) -> None:
    if path.suffix != ".csv":
        found.dataset.to_netcdf(path, engine="h5netcdf")
        return
    quantile_rows(found).to_csv(path, index=False)


def quantile_rows(found: Forecast) -> pd.DataFrame:
    """One row for each variable (or element), scenario, quantile and time."""
    import pandas as pd

    parts = []
    for name, array in found.dataset.data_vars.items():
        frame = array.to_dataframe(name="value").reset_index()
        dims = [str(d) for d in array.dims if d not in ("scenario", "quantile", "time")]
        frame["variable"] = str(name)
        if dims:
            frame["variable"] += "[" + frame[dims].astype(str).agg(",".join, axis=1) + "]"
        parts.append(frame[["variable", "scenario", "quantile", "time", "value"]])
    return pd.concat(parts, ignore_index=True)


def _fit(settings: Settings, run: Run) -> FitResult:
    if settings.calibration is not None:
        return stored_fit(settings, settings.calibration, settings.model)
    window = all_years(settings) if settings.window is None else span(settings.window)
    return fit_model(settings, window, run, "fit.npz")


def store_forecast(found: Forecast, run: Run) -> Path:
    """The quantiles, and the paths in single precision: finer than what is known of them."""
    single = found.ensemble.map(
        lambda a: a.astype("float32") if a.dtype.kind == "f" else a, keep_attrs=True
    )
    run.save_dataset("ensemble", single)
    return run.save_dataset("forecast", found.dataset)


def print_forecast(found: Forecast, variables: list[str]) -> None:
    """The median and the central 90 % of the observed variables at the horizon."""
    rows = []
    for variable in list(dict.fromkeys(variables))[:_SHOWN]:
        if variable.split("[")[0] not in found.dataset:
            continue
        unit = found.dataset[variable.split("[")[0]].attrs.get("units", "")
        for scenario in found.scenarios:
            last = found.quantiles(variable, scenario).iloc[-1]
            rows.append((variable, unit, scenario, last[0.5], last[0.05], last[0.95]))
    horizon = float(found.dataset["time"][-1])
    columns = ("variable", "unit", "scenario", "median", "5 %", "95 %")
    table(f"{found.ensemble.sizes['draw']} draws, {horizon:g}", columns, rows)
