"""What a run of the laboratory found, and how it is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np


if TYPE_CHECKING:
    from wmjax.store import Run
    from wmjax.tax import History, Laboratory, Options, Plan, Settled, Step, Verdict

_MOST_WORKERS = 100_000  # in the table of workers


@dataclass
class Lived:
    """A run, step by step: rows of the table, and what was said at elections and by planners."""

    laboratory: Laboratory
    rows: list[dict[str, Any]] = field(default_factory=list)
    years: list[dict[str, Any]] = field(default_factory=list)
    history: History | None = None

    def add(self, step: Step, plan: Plan | None) -> dict[str, Any]:
        """Takes in a step; returns its row."""
        from wmjax.tax import step_row

        row = step_row(step, self.laboratory.setting.calendar)
        self.rows.append(row)
        if plan is not None:
            percent = (100 * np.asarray(plan.schedule.rates, float)).tolist()
            said = {"leader": plan.leader, "failed": plan.failed, "detail": dict(plan.detail)}
            self.years.append({"time": step.time, "percent": percent, **said})
        return row

    @property
    def last(self) -> Step:
        """The last step."""
        assert self.history is not None
        return self.history[-1]

    @property
    def welfare(self) -> float:
        """Per head, the mean of the last tax year."""
        calendar = self.laboratory.setting.calendar
        return float(np.mean([row["welfare"] for row in self.rows[-calendar.year :]]))


@dataclass
class Found:
    """A run and its verdict; without one, nothing was compared."""

    lived: Lived
    verdict: Verdict | None
    missed: float | None
    unsettled: Mapping[str, Settled] = field(default_factory=dict)

    @property
    def title(self) -> str:
        options = self.lived.laboratory.setting.options
        return (
            f"{options.scenario}: {options.worker_type} workers, {_who_sets(options)}; "
            "welfare per head if everybody answers best"
        )

    @property
    def words(self) -> tuple[str, ...]:
        """The answer in sentences."""
        from wmjax.tax import LARGE, cautions

        last, said = self.lived.last, list(cautions(self.lived.laboratory.setting))
        said.append(
            f"Lived welfare per head in the last tax year: {self.lived.welfare:,.6g} "
            f"(mean income {np.mean(last.income):,.0f} $/yr, {np.mean(last.hours):.1f} hours a "
            f"week, rebate {last.rebate:,.0f} $/yr)."
        )
        if self.verdict is not None:
            mine = self.verdict["lived"]
            if len(last.hours) > LARGE:
                said.append(
                    f"Of so many workers the search for the optimum looks at {LARGE:,}; the ascent "
                    "goes on with all."
                )
            said.append(
                f"The last rates reach {100 * mine.share:.1f} % of the way from no tax to the "
                f"optimum ({self.verdict.optimum}); regret {mine.regret:,.6g} per head."
            )
        said += [f"{name}: {found.words}." for name, found in self.unsettled.items()]
        if self.missed is not None:
            said.append(
                "What workers miss by not answering best, per head: "
                f"{_zero(self.missed):,.6g} in their own utility."
            )
        marked = sum(row["marked"] for row in self.lived.rows)
        if marked:
            said.append(f"{marked} decisions failed; the last valid ones stand, marked.")
        return tuple(said)


def _who_sets(options: Options) -> str:
    if options.scenario == "democratic":
        return f"rates by {options.voting_rule.replace('_', ' ')} election"
    return f"{options.planner_type} planner"


def _zero(value: float) -> float:
    return 0.0 if abs(value) < 1e-6 else value


def judged(lived: Lived, compare: bool) -> Found:
    """The run beside the optimum and the baselines of the literature."""
    from wmjax.tax import Saez, baselines, judge, references, workers_regret

    if not compare:
        return Found(lived, None, None)
    setting, options = lived.laboratory.setting, lived.laboratory.setting.options
    economy, welfare, floors = setting.economy, setting.welfare, setting.floors
    elected = options.scenario == "democratic"
    known = {} if elected else {options.planner_type.lower(): lived.last.schedule}
    best = references(economy, welfare, floors, options.starts, known)
    schedules, unsettled = {}, {}
    for name, planner in baselines(floors, year=options.year, filing=options.filing).items():
        if isinstance(planner, Saez):
            solved = planner.solve(economy, welfare)
            schedules[name] = solved.schedule
            unsettled |= {} if solved.converged else {name: solved}
        else:
            schedules[name] = planner.plan(economy, welfare)
    verdict = judge(economy, welfare, {**schedules, "lived": lived.last.schedule}, best)
    missed = float(np.mean(workers_regret(economy, lived.last)))
    return Found(lived, verdict, missed, unsettled)


def save(found: Found, run: Run) -> dict[str, Any]:
    """Tables as CSV, elections and results as JSON, and the main numbers as metrics; returns the
    results."""
    from wmjax.tax import step_table, verdict_table, worker_table

    lived = found.lived
    run.save_table("steps", step_table(lived.rows))
    run.save_json("years", lived.years)
    if len(lived.last.hours) <= _MOST_WORKERS:
        run.save_table("workers", worker_table(lived.laboratory.setting.economy, lived.last))
    if found.verdict is not None:
        run.save_table("regret", verdict_table(found.verdict))
    numbers = results(found)
    run.save_json("result", numbers)
    run.metrics({k: v for k, v in numbers.items() if isinstance(v, int | float)})
    return numbers


def results(found: Found) -> dict[str, Any]:
    """The numbers that runs are compared by."""
    last, verdict = found.lived.last, found.verdict
    row = found.lived.rows[-1]
    numbers: dict[str, Any] = {
        "lived_welfare": found.lived.welfare,
        **{k: row[k] for k in ("mean_income", "mean_hours", "gini", "rebate", "satisfied")},
        "marked": sum(r["marked"] for r in found.lived.rows),
        "percent": (100 * np.asarray(last.schedule.rates, float)).tolist(),
    }
    if verdict is not None:
        optimum = verdict[verdict.optimum].welfare
        numbers |= {"welfare": verdict["lived"].welfare, "optimum": optimum,
                    "regret": verdict["lived"].regret, "share_of_optimum": verdict["lived"].share,
                    "workers_regret": found.missed,
                    "unsettled": {n: 100 * s.move for n, s in found.unsettled.items()},
                    "baselines": {r.name: r.welfare for r in verdict.rows}}  # fmt: skip
    elections = [y["detail"]["minority"] for y in found.lived.years if "minority" in y["detail"]]
    if elections:
        numbers["minority"] = elections[-1]
    return numbers


def shown_rows(found: Found) -> tuple[tuple[str, ...], list[tuple[Any, ...]]]:
    """The table that is printed: each schedule, the best first."""
    if found.verdict is None:
        step = found.lived.last
        return ("schedule", "rates in percent"), [("lived", _percent(step.schedule.rates))]
    rows = [
        (r.name, r.welfare, _zero(r.regret), _zero(found.verdict.lead(r) or 0.0), 100 * r.share,
         _percent(r.schedule.rates))
        for r in sorted(found.verdict.rows, key=lambda r: -r.welfare)
    ]  # fmt: skip
    columns = ("schedule", "welfare", "regret", "lived less this", "% of the way",
               "rates in percent")  # fmt: skip
    return columns, rows


def _percent(rates: Any) -> str:
    return " / ".join(shown_percent(100 * float(r)) for r in np.asarray(rates))


def shown_percent(value: float) -> str:
    """One decimal, or three digits of what is below 1 %."""
    return f"{value:.1f}" if value >= 1 or value == 0 else f"{value:.3g}"
