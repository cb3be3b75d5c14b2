"""`wmjax demo`: the main job on a bundled model and real history."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from wmjax._errors import SpecError
from wmjax.app._backtest import skill_table
from wmjax.app._console import progress
from wmjax.app._fitted import FitChoices, all_years, apart, fit_model, observed, protocol
from wmjax.app._forecast import store_forecast
from wmjax.app._generate import Limit
from wmjax.app._jax import chosen_devices
from wmjax.app._model import futures
from wmjax.app._recorded import open_store, recorded
from wmjax.app._settings import Count, Text


if TYPE_CHECKING:
    from calibration import Backtest, FitResult
    from wmjax.app._story import Found
    from wmjax.report import Section, StructureWorth
    from wmjax.scenario import Forecast
    from wmjax.spec import ModelSpec
    from wmjax.store import Run


_STAGES = 7


class Settings(FitChoices):
    llm: dict[str, Any] | None = None
    brief: Text = ""
    structure_seconds: Annotated[float, Field(ge=0)] = 0.0
    taxes: bool = False
    money: Limit = None
    tokens: Annotated[int, Field(ge=0)] | None = None
    calls: Annotated[int, Field(ge=0)] | None = None
    horizon: float
    draws: Count
    scenarios: list[Text] | None
    apart: list[Text] | None


def run(settings: Settings) -> int:
    from wmjax.spec import load_spec

    spec = load_spec(settings.model)
    futures(settings.model, settings.scenarios)
    observed(settings, spec)
    return recorded("demo", settings, work, spec, settings.seed)


def work(settings: Settings, run: Run) -> int:
    from wmjax.app._story import Found

    started = time.monotonic()
    structure = _structure(settings, run)
    with _stage(2, "check the bundled world"):
        _check(settings)
    with _stage(3, "fit the past, forecast what was left out, score"):
        backtest = _backtest(settings, run)
    with _stage(4, "fit all history"):
        fit = _refit(settings, run)
    with _stage(5, f"forecast to {settings.horizon:g}"):
        forecast = _forecast(settings, run, fit)
    found = Found(
        backtest, fit, forecast, futures(settings.model, settings.scenarios), protocol(settings),
        apart(settings), structure, _taxes(settings, run),
    )  # fmt: skip
    with _stage(7, "write the report"):
        report = _report(settings, run, found, time.monotonic() - started)
    print(f"\n{skill_table(backtest, apart(settings))}\n{_logged(settings, backtest)}")
    print(f"report: {report}")
    return 0


def _logged(settings: Settings, backtest: Backtest) -> str:
    from wmjax.app._scoring_log import logged

    asked = protocol(settings).backtest
    if asked.fit_window is None or asked.score_window is None:
        return ""
    fitted, scored = (f"{w.start:g}-{w.end:g}" for w in (asked.fit_window, asked.score_window))
    said = logged(settings.model, backtest.without(apart(settings)).summary, fitted, scored)
    return f"\n{said}\n" if said else ""


@contextmanager
def _stage(number: int, what: str) -> Iterator[None]:
    started = time.monotonic()
    print(f"{number}/{_STAGES} {what} ...", flush=True)
    yield
    print(f"    {time.monotonic() - started:.1f} s", flush=True)


def _structure(settings: Settings, run: Run) -> StructureWorth | None:
    from wmjax.app._demo_structure import structure_stage, structure_worth

    if not settings.structure_seconds:
        return None
    with _stage(1, "draft a structure, keep what foretells years not seen"):
        found = structure_stage(settings, run)
    print("\n".join(f"    {line}" for line in found.refined.words().splitlines()[:2]))
    return structure_worth(found)


def _taxes(settings: Settings, run: Run) -> tuple[Section, ...]:
    from wmjax.app._demo_tax import tax_stage

    if not settings.taxes:
        return ()
    with _stage(6, "tax a hundred years, measure the distance to the optimum"):
        return tax_stage(settings.seed, run).sections


def _check(settings: Settings) -> ModelSpec:
    from wmjax.spec import check_spec, load_spec

    spec = load_spec(settings.model)
    errors = [issue for issue in check_spec(spec) if issue.severity == "error"]
    if errors:
        raise SpecError(settings.model, errors)
    counts = f"{len(spec.variables)} variables, {len(spec.actors)} actors"
    print(f"    {counts}, {len(observed(settings, spec))} observed series, no errors")
    return spec


def _backtest(settings: Settings, run: Run) -> Backtest:
    from calibration import backtest
    from wmjax.model import compile_model

    model = compile_model(settings.model)
    with progress("backtest") as show:
        found = backtest(
            model, observed(settings, model.spec), settings=protocol(settings), key=settings.seed,
            checkpoint=run.checkpoint_path("backtest"), devices=chosen_devices(settings.compute),
            progress=show,
        )  # fmt: skip
    found.save(run.folder)
    skill = found.without(apart(settings)).summary
    run.metrics({"ratio": skill.ratio, "won": skill.won, "coverage_90": skill.coverage_90})
    return found


def _refit(settings: Settings, run: Run) -> FitResult:
    return fit_model(settings, all_years(settings), run, "refit.npz")


def _forecast(settings: Settings, run: Run, fit: FitResult) -> Forecast:
    from wmjax.scenario import forecast

    compared = list(dict.fromkeys(term.variable.split("[")[0] for term in fit.terms))
    with progress("forecast") as show:
        found = forecast(
            fit, futures(settings.model, settings.scenarios), horizon=settings.horizon,
            draws=settings.draws, key=settings.seed + 1, save=compared, progress=show,
        )  # fmt: skip
    store_forecast(found, run)
    return found


def _report(settings: Settings, run: Run, found: Found, seconds: float) -> str:
    from wmjax.app._story import content
    from wmjax.report import write_report

    record = open_store(settings).get(run.id)
    facts = {"Run": run.id, "Structure": str(record.spec_hash), "Seed": str(settings.seed)}
    facts |= {name: str(value) for name, value in record.code.items()}
    facts["Time before the report"] = f"{seconds:.0f} s"
    with progress("report") as show:
        path = write_report(
            run.folder / "report", content(found, record.command(), facts), progress=show
        )
    return str(path)
