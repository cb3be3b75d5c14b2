"""What the demo found, as the content of a report."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from wmjax.report import (
    Asked,
    Estimates,
    Fan,
    Outlook,
    Path,
    Provenance,
    ReportContent,
    Scenarios,
    ScenarioView,
    Section,
    SeriesView,
    Skill,
    StructureWorth,
    fans,
    structure_section,
)
from wmjax.scenario import compare
from wmjax.series import catalogue


if TYPE_CHECKING:
    import pandas as pd

    from calibration import Backtest, FitFile, FitResult
    from wmjax.scenario import Forecast
    from wmjax.series import ObservedSeries
    from wmjax.spec import Scenario

_LEVELS = {0.05: "q05", 0.25: "q25", 0.5: "q50", 0.75: "q75", 0.95: "q95"}
_YEARS = (2030.0, 2050.0, 2100.0)


@dataclass(frozen=True)
class Found:
    """The results of all stages; `apart` are series that are not judged with the others."""

    backtest: Backtest
    fit: FitResult
    forecast: Forecast
    scenarios: dict[str, Scenario | None]
    protocol: FitFile
    apart: tuple[str, ...]
    structure: StructureWorth | None = None
    taxes: tuple[Section, ...] = ()


def skill_frames(found: Backtest, apart: tuple[str, ...]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The scores that a report judges, and those of the series kept apart."""
    table = found.table().rename(
        columns={"coverage_50": "coverage50", "coverage_90": "coverage90"}
    )
    aside = table["series"].isin(list(apart))
    return table.loc[~aside], table.loc[aside]


def content(found: Found, command: str, facts: dict[str, str]) -> ReportContent:
    """The report: skill, futures, series, parameters, structure and provenance."""
    spec = found.fit.model.spec
    judged, aside = skill_frames(found.backtest, found.apart)
    skills = [Skill(title(found.backtest), judged, note=found.protocol.description)]
    if len(aside):
        note = "The protocol scores these series and counts them for no aim."
        skills.append(Skill("Kept apart", aside, note=note, aims=()))
    horizon = float(found.forecast.dataset["time"][-1])
    question = (
        f"How well does the model {spec.name!r} forecast years it has not seen, and what does it "
        f"say of the years to {horizon:g}?"
    )
    return ReportContent(
        f"{spec.name}: history, skill and futures to {horizon:g}",
        Asked(question, spec.name, command, protocol_lines(found), (("Draws", _draws(found)),)),
        summary=tuple(found.backtest.without(found.apart).words().split("\n")[:3]),
        skill=tuple(skills),
        scenarios=_scenarios(found, horizon),
        series=tuple(_views(found)),
        estimates=estimates(found.fit),
        spec=spec,
        sections=(*_worth(found), *found.taxes),
        provenance=Provenance(tuple(facts.items()), (command,)),
    )


def _worth(found: Found) -> tuple[Section, ...]:
    return () if found.structure is None else (structure_section(found.structure),)


def title(found: Backtest) -> str:
    """Which years were scored, and from where."""
    forecasts = found.forecasts
    first, last = forecasts["time"].min(), forecasts["time"].max()
    origins = ", ".join(f"{origin:g}" for origin in forecasts["origin"].unique())
    return f"{first:g}-{last:g}, forecast from the end of {origins}"


def protocol_lines(found: Found) -> tuple[str, ...]:
    """The rules of the test."""
    window = found.backtest.fits[-1].window
    refit = found.fit.window
    return (
        f"Fitted to {_span(window.start, window.end)}; scored on {title(found.backtest)}.",
        "After the origin exogenous inputs follow the rule stated in the model, never data.",
        f"Refitted to {_span(refit.start, refit.end)} for the forecast.",
        "A missed aim is reported as missed.",
    )


def _span(start: float, end: float) -> str:
    first = "the first row" if np.isinf(start) else f"{start:g}"
    return f"{first} to {'the last row' if np.isinf(end) else f'{end:g}'}"


def _draws(found: Found) -> str:
    return str(found.forecast.ensemble.sizes["draw"])


def estimates(fit: FitResult) -> Estimates:
    """The parameters of a fit, and what the data leave open."""
    facts = (
        ("Method", f"{fit.method}, {fit.ended}"),
        ("Loss", f"{fit.loss:.6g}"),
        ("Evaluations", str(fit.evaluations)),
    )
    return Estimates(fit.table(), fit.identifiability(), facts)


def _observed(found: Found) -> Iterator[tuple[str, ObservedSeries]]:
    """Each variable that is compared, with its series in the unit of the variable."""
    seen: set[str] = set()
    for term, series in zip(found.fit.terms, found.fit.layout.series, strict=True):
        if term.observed not in seen and term.variable.split("[")[0] in found.forecast.dataset:
            seen.add(term.observed)
            yield term.variable, series


def _views(found: Found) -> Iterator[SeriesView]:
    meanings = {entry.id: entry.meaning for entry in catalogue()}
    for variable, series in _observed(found):
        baseline = fans(found.forecast, variable)[found.forecast.scenarios[0]]
        fitted = (float(series.times[0]), min(float(series.times[-1]), found.fit.window.end))
        yield SeriesView(
            series, tested(found.backtest, found.apart, variable, series.name),
            Outlook(baseline, fitted, scenario=found.forecast.scenarios[0]), variable,
            meaning=meanings.get(series.name, ""),
        )  # fmt: skip


def tested(
    backtest: Backtest, apart: tuple[str, ...], variable: str, series: str
) -> Outlook | None:
    """The last fit of the backtest and its forecast; None for a series that was not scored."""
    forecasts = backtest.forecasts
    here = (forecasts["series"] == series) & (forecasts["origin"] == forecasts["origin"].max())
    rows = forecasts.loc[here]
    if rows.empty:
        return None
    past, fitted = _fitted(backtest.fits[-1], variable)
    times = _numbers(rows, "time")
    fan = Fan(
        np.concatenate([past, times]),
        {q: np.concatenate([fitted, _numbers(rows, name)]) for q, name in _LEVELS.items()},
    )
    naive = backtest.without(apart).summary.best_naive
    path = Path(times, _numbers(rows, naive)) if naive else None
    return Outlook(fan, (past[0], past[-1]), (times[0], times[-1]), path, naive)


def _fitted(fit: FitResult, variable: str) -> tuple[np.ndarray, np.ndarray]:
    """Times and fitted values of the rows of a variable that took part."""
    for key, frame in fit.residuals.items():
        if key == variable or key.startswith(f"{variable}:"):
            used = frame.loc[frame["used"]]
            return np.asarray(used.index, float), _numbers(used, "fitted")
    raise KeyError(variable)


def _numbers(frame: pd.DataFrame, column: str) -> np.ndarray:
    return np.asarray(frame[column], float)


def _scenarios(found: Found, horizon: float) -> Scenarios:
    forecast = found.forecast
    described = {
        name: (scenario.description if scenario else "the model as it stands")
        for name, scenario in found.scenarios.items()
    }
    views = tuple(
        ScenarioView(variable, series.unit, fans(forecast, variable), observed=series)
        for variable, series in _observed(found)
    )
    years = tuple(year for year in _YEARS if year <= horizon) or (horizon,)
    differences = compare(forecast, variables=[v.variable for v in views], times=years)
    return Scenarios(described, views, years, differences)
