"""The report of a tax run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from wmjax.app._tax_figures import bars, hours_chart, line_chart, schedule_chart
from wmjax.app._tax_found import shown_percent
from wmjax.report import (
    Asked,
    Cell,
    Chart,
    Charts,
    Key,
    Legend,
    Provenance,
    ReportContent,
    Section,
    Table,
    write_report,
)


if TYPE_CHECKING:
    from wmjax.app._tax import Settings
    from wmjax.app._tax_found import Found, Lived
    from wmjax.store import Run

_NAMES = {
    "none": "no tax", "us_fed": "US federal, own brackets", "us_fed_mapped": "US federal, mapped",
    "uniform": "one rate, 50 %", "saez_flat": "Saez, elasticity 0.4",
    "saez_three": "Saez, Gruber-Saez elasticities", "saez": "Saez, elasticity measured",
    "lived": "last rates of this run", "gradient": "optimum by gradient", "grid": "optimum by grid",
}  # fmt: skip


def write(found: Found, settings: Settings, run: Run) -> Path:
    """Writes `report/report.html` into the folder of the run."""
    from wmjax.app._recorded import open_store

    record = open_store(settings).get(run.id)
    facts = {
        "Run": run.id,
        "Seed": str(settings.seed),
        **{k: str(v) for k, v in record.code.items()},
    }
    command = record.command()
    content = ReportContent(
        f"Tax laboratory: {settings.scenario}",
        Asked(
            "How good are the taxes that this planner sets for these workers, and how far are they "
            "from the best there are?",
            "the economy of wmjax.tax", command, _protocol(settings, len(found.lived.last.hours)),
            _facts(found),
        ),
        summary=found.words,
        sections=tuple(sections(found)),
        provenance=Provenance(tuple(facts.items()), (command,)),
    )  # fmt: skip
    return write_report(run.folder / "report", content)


def sections(found: Found) -> list[Section]:
    """Regret, rates, the course of the run, and elections where there were any."""
    made = [_rates(found), _course(found)]
    if found.verdict is not None:
        made.insert(0, _regret(found))
    elections = [y for y in found.lived.years if "winner" in y["detail"]]
    return [*made, _elections(elections)] if elections else made


def _regret(found: Found) -> Section:
    assert found.verdict is not None
    best = sorted(found.verdict.rows, key=lambda r: -r.welfare)
    shares = [(_NAMES.get(r.name, r.name), 100 * r.share, None) for r in best]
    rows = [
        [Cell(_NAMES.get(r.name, r.name)), f"{r.welfare:,.6g}", f"{r.regret:,.4g}",
         f"{found.verdict.lead(r) or 0.0:,.4g}",
         " / ".join(shown_percent(100 * float(v)) for v in r.schedule.rates)]
        for r in best
    ]  # fmt: skip
    columns = ("Schedule", "Welfare per head", "Regret per head", "Lived less this, per head",
               "Rates in percent, by bracket")  # fmt: skip
    caption = "If everybody answers best; regret is the optimum's welfare less this"
    gap = (
        f"The two references differ by {found.verdict.gap:,.4g} per head. A schedule with brackets "
        "of its own may do better than any on the brackets of the run."
    )
    return Section("Regret", (
        bars("regret", "Share of the way from no tax to the optimum", shares, "percent",
             (_NAMES["lived"],)),
        Table.of(caption, columns, rows, (1, 2, 3)), gap,
    ))  # fmt: skip


def _rates(found: Found) -> Section:
    step = found.lived.last
    skill = np.asarray(found.lived.laboratory.setting.economy.skill, float)
    schedules = {"last rates of this run": step.schedule}
    if found.verdict is not None:
        names = (found.verdict.optimum, "us_fed")
        schedules |= {_NAMES[n]: found.verdict[n].schedule for n in names}
    top = float(np.quantile(skill * 40.0, 0.98))
    top = max(top, 1.3 * float(np.asarray(step.schedule.floors)[-1]))
    charts = (schedule_chart(schedules, top), hours_chart(skill * 40.0, step.hours, top))
    return Section("Rates and hours", (_legend(charts[0]), Charts(charts)))


def _course(found: Found) -> Section:
    lived = found.lived
    times = [row["time"] for row in lived.rows]
    names = [k for k in lived.rows[-1] if k.startswith("rate_")]
    over = {f"bracket {k[5:]}": (times, [row.get(k, np.nan) for row in lived.rows]) for k in names}
    rates = line_chart("rates", "Marginal rates", "percent", over, subtitle="by step")
    worth = {"as lived": _series(lived, "welfare")}
    if found.verdict is not None:
        known = {n: found.verdict[n].welfare for n in (found.verdict.optimum, "us_fed", "none")}
        ends = [times[0], times[-1]]
        worth |= {_NAMES[n]: (ends, [value] * 2) for n, value in known.items()}
    welfare = line_chart("welfare", "Welfare per head", "", worth, subtitle="by step")
    charts = [
        line_chart("income", "Mean income", "$ per year",
                   {"income": _series(lived, "mean_income")}),
        line_chart("gini", "Inequality of money after tax", "Gini coefficient",
                   {"Gini": _series(lived, "gini")}),
    ]  # fmt: skip
    if lived.rows[-1]["satisfied"] is not None:
        times, share = _series(lived, "satisfied")
        lines = {"satisfied": (times, 100 * np.asarray(share))}
        charts.append(line_chart("satisfied", "Satisfied with the tax policy", "percent", lines))
    return Section("The course of the run, by step", (
        _legend(welfare), Charts((welfare,)), _legend(rates), Charts((rates, *charts)),
    ))  # fmt: skip


def _series(lived: Lived, name: str) -> tuple[list[float], list[float]]:
    return [r["time"] for r in lived.rows], [r[name] for r in lived.rows]


def _legend(chart: Chart) -> Legend:
    return Legend(
        tuple(
            Key(x.label, x.tone, dash=getattr(x, "dash", ()))
            for x in chart.layers
            if not hasattr(x, "fan")
        )
    )


def _elections(years: list[dict[str, Any]]) -> Section:
    rows = [
        [Cell(str(y["time"])), str(d["winner"]), f"{100 * d['turnout']:.0f} %",
         " / ".join(shown_percent(p) for p in y["percent"]), _named(d["by_rule"]),
         "nobody" if d["beats_all"] is None else str(d["beats_all"]),
         f"{100 * m['share']:.0f} %", _money(m["utility"]), _money(m["wished"])]
        for y in years for d in [y["detail"]] for m in [d["minority"]]
    ]  # fmt: skip
    columns = ("Step", "Winner", "Turnout", "Rates", "Winner by rule", "Beats all others",
               "Minority", "its utility", "under its own first choice")  # fmt: skip
    caption = "Workers by number; the minority are voters who did not put the winner first"
    return Section("Elections", (Table.of(caption, columns, rows, (6, 7, 8)),))


def _named(by_rule: dict[str, int]) -> str:
    return ", ".join(f"{rule.replace('_', ' ')} {worker}" for rule, worker in by_rule.items())


def _money(value: float | None) -> str:
    return "" if value is None else f"{value:,.0f}"


def _protocol(settings: Settings, workers: int) -> tuple[str, ...]:
    mix = settings.agent_mix if settings.skills is None else "skills given"
    types = f"{settings.percent_ego:g} / {settings.percent_alt:g} / {settings.percent_adv:g} %"
    return (
        f"{workers} workers ({mix}); egotistical, altruistic and adversarial: {types}.",
        f"Utility {settings.utility}, welfare {settings.swf_weighting}, per head.",
        f"{settings.max_timesteps} steps; rates may change every {settings.two_timescale}.",
        "All tax comes back in equal parts.",
    )


def _facts(found: Found) -> tuple[tuple[str, str], ...]:
    last = found.lived.last
    return (
        ("Mean income", f"{np.mean(last.income):,.0f} $ per year"),
        ("Mean hours", f"{np.mean(last.hours):.1f} per week"),
        ("Rebate", f"{last.rebate:,.0f} $ per year"),
    )
