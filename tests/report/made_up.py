"""Report content for tests: real observations, made-up forecasts."""

from __future__ import annotations

import numpy as np
import pandas as pd

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
    SeriesView,
    Skill,
)
from wmjax.series import ObservedSeries, catalogue, load_observations
from wmjax.spec import ModelSpec, load_spec


SCENARIOS = {
    "baseline": "history goes on",
    "low carbon": "carbon in energy falls by three per cent more a year from 2025",
    "turbulence": "a pandemic in 2030 and a decade of conflict",
}
NAIVE = ("persistence", "drift 10", "log drift", "damped trend")


def made_up(names: list[str] | None = None, *, spec: ModelSpec | None = None) -> ReportContent:
    """A report on world series whose forecasts were made up, and say so."""
    names = names or [n for n in load_observations("world") if "volcanic" not in n]
    observed = load_observations("world").select(names)
    said = {entry.id: entry.meaning for entry in catalogue()}
    views = tuple(_view(one, said[one.name]) for one in observed.values())
    return ReportContent(
        "Made-up forecasts of the world to 2100",
        _asked(),
        ("These forecasts were made up to test the report. They say nothing about the world.",),
        (Skill("2000–2019, forecast from the end of 1999", skill_table(names)),
         Skill("Rolling origins inside 1960–1999", skill_table(names, seed=5)),),
        _scenarios(views[:12]),
        views,
        _estimates(spec),
        spec,
        provenance=_provenance(),
    )  # fmt: skip


def skill_table(names: list[str], *, seed: int = 3) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    rows = []
    for name in names:
        level = 10 ** random.uniform(-1, 1)
        for method in ("model", *NAIVE):
            mase = level * 10 ** random.normal(-0.1 if method == "model" else 0.1, 0.25)
            row = {"series": name, "method": method, "n": 20, "mase": mase, "rmse": 3e9 * mase,
                   "bias": -1e9 * mase}  # fmt: skip
            if method == "model":
                row |= {"crps": 2e9 * mase, "coverage50": random.uniform(0.3, 0.8),
                        "coverage90": random.uniform(0.6, 1)}  # fmt: skip
            rows.append(row)
    return pd.DataFrame(rows)


def _asked() -> Asked:
    return Asked(
        "How well does the world model forecast years it has not seen, and what does it say of the "
        "years to 2100?",
        "world", "wmjax demo model=world",
        ("Fitted to 1960–1999, judged on 2000–2019, which were not seen.",
         "Drivers after 1999 follow their stated rule; none is observed.",
         "Baselines: persistence, drift, log drift, damped trend."),
        (("Date", "23 November 2026"), ("Draws", "200")),
    )  # fmt: skip


def _view(one: ObservedSeries, meaning: str) -> SeriesView:
    variable = one.name.rsplit(".", 1)[-1].rsplit("_", 1)[0]
    naive = Path(np.arange(1999.0, 2020.0), np.full(21, _level(one, 1999.0)))
    backtest = Outlook(fan(one, 1999.0, 2019.0), (1960, 1999), (2000, 2019), naive, "persistence")
    forecast = Outlook(fan(one, float(one.times[-1]), 2100.0), (1960, 2020))
    return SeriesView(one, backtest, forecast, variable, meaning=meaning)


def _level(one: ObservedSeries, year: float) -> float:
    return float(np.interp(year, one.times, one.values))


def fan(one: ObservedSeries, origin: float, end: float, drift: float = 1.0) -> Fan:
    """A smoothed past, and beyond the origin its slope with a band that widens."""
    times = np.arange(1960.0, end + 1)
    known = one.window(None, origin)
    known = known if len(known) > 3 else one
    smooth = np.polynomial.Polynomial.fit(known.times, known.values, 2)
    last = min(origin, known.times[-1])
    slope = float(smooth.deriv()(last)) * drift
    median = np.where(times <= last, smooth(times), smooth(last) + slope * (times - last))
    spread = np.std(known.values - smooth(known.times))
    wide = spread * (1 + 0.35 * np.maximum(times - last, 0) ** 0.8)
    levels = {0.05: -1.64, 0.25: -0.67, 0.5: 0.0, 0.75: 0.67, 0.95: 1.64}
    return Fan(times, {q: median + z * wide for q, z in levels.items()})


def _scenarios(views: tuple[SeriesView, ...]) -> Scenarios:
    def one(view: SeriesView) -> ScenarioView:
        last = float(view.observed.times[-1])
        fans = {name: fan(view.observed, last, 2100.0, drift)
                for name, drift in zip(SCENARIOS, (1.0, 0.4, 1.5), strict=True)}  # fmt: skip
        return ScenarioView(view.variable, view.observed.unit, fans, observed=view.observed)

    return Scenarios(SCENARIOS, tuple(map(one, views)), (2030, 2050, 2100))


def _estimates(spec: ModelSpec | None) -> Estimates:
    spec = spec or load_spec("world")
    free = [(n, v) for n, v in spec.variables.items() if v.kind == "parameter" and v.trainable]
    rows = []
    for i, (name, v) in enumerate(free):
        value = float(v.value) if isinstance(v.value, float) else 1.0
        sd = abs(value) * 0.07 + 1e-6
        rows.append({"parameter": name, "value": value, "sd": sd, "lower": value - 1.64 * sd,
                     "upper": value + 1.64 * sd, "at_bound": "upper" * (i == 2)})  # fmt: skip
    text = "Two directions are not determined.\n\nWhat a gains b loses."
    return Estimates(pd.DataFrame(rows), text, (("Loss", "123.4"), ("Evaluations", "48")))


def _provenance() -> Provenance:
    facts = (("wmjax", "0.1.0"), ("Spec hash", "4f" * 32), ("Seed", "0"), ("Wall time", "148 s"))
    return Provenance(facts, ("make demo", "wmjax runs show 2026-11-23-a1b2"))


def small_spec(name: str, text: str) -> ModelSpec:
    """A model with an actor of this name and texts that say this."""
    parameter = {"kind": "parameter", "value": 0.03, "unit": "1/year", "trainable": True,
                 "prior": {"normal": [0.03, 0.01]}, "bounds": [0, 0.1], "source": name}  # fmt: skip
    return load_spec({
        "name": "small", "time": {"start": 0, "end": 10},
        "variables": {
            "rate": parameter,
            "wealth": {"kind": "stock", "initial": 1, "inflows": ["income"],
                       "outflows": ["spending"], "unit": "usd", "group": "economic"},
            "income": {"kind": "flow", "equation": "wealth * rate", "unit": "usd/year"},
            "spending": {"kind": "flow", "equation": "wealth ^ 2 / 100", "unit": "usd/year"},
        },
        "actors": [{"name": "World", "category": "world", "level": 1, "influence": 1},
                   {"name": name[:150], "category": "company", "level": 3, "parent": "World",
                    "influence": 0.4, "mandate": text, "parameters": ["rate"]}],
        "provenance": {"references": [name], "licence": text},
    })  # fmt: skip
