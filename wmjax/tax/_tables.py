"""What a run leaves, as rows and tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from wmjax.tax._calendar import Calendar
from wmjax.tax._regret import Verdict
from wmjax.tax._society import Step


if TYPE_CHECKING:
    import pandas as pd

    from wmjax.tax._economy import Economy


def step_row(step: Step, calendar: Calendar) -> dict[str, Any]:
    """One step in numbers: money in $/yr per head, hours in h/wk, rates in percent."""
    rates = 100 * np.asarray(step.schedule.rates, float)
    row: dict[str, Any] = {
        "time": step.time, "phase": calendar.phase(step.time), "welfare": step.welfare,
        "mean_utility": float(np.mean(step.utility)), "mean_income": float(np.mean(step.income)),
        "mean_hours": float(np.mean(step.hours)), "gini": plain_gini(step.money),
        "rebate": step.rebate, "leader": step.leader,
        "satisfied": None if step.satisfied is None else float(np.mean(step.satisfied)),
        "marked": int(np.sum(step.marked)),
    }  # fmt: skip
    return row | {f"rate_{i + 1}": float(rate) for i, rate in enumerate(rates)}


def step_table(rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Rows of `step_row`, by time."""
    import pandas as pd

    return pd.DataFrame(list(rows)).set_index("time")


def worker_table(economy: Economy, step: Step) -> pd.DataFrame:
    """One step, a row for each worker."""
    import pandas as pd

    regard = np.broadcast_to(np.asarray(economy.mind.regard, float), step.hours.shape)
    columns = {n: getattr(step, n) for n in ("hours", "income", "tax", "money", "utility")}
    found = pd.DataFrame({"skill": np.asarray(economy.skill), "regard": regard, **columns})
    if step.satisfied is not None:
        found["satisfied"] = step.satisfied
    return found.rename_axis("worker")


def verdict_table(verdict: Verdict) -> pd.DataFrame:
    """Each schedule with its welfare, its regret and its brackets, the best first."""
    import pandas as pd

    rows = [
        {
            "schedule": row.name, "welfare": row.welfare, "regret": row.regret,
            "share_of_optimum": row.share, "lived_less_this": verdict.lead(row),
            "floors": _listed(np.asarray(row.schedule.floors, float), ".15g"),
            "percent": _listed(100 * np.asarray(row.schedule.rates, float), ".6g"),
        }
        for row in sorted(verdict.rows, key=lambda r: -r.welfare)
    ]  # fmt: skip
    return pd.DataFrame(rows).set_index("schedule")


def _listed(values: np.ndarray, form: str) -> str:
    return " ".join(format(v, form) for v in values)


def plain_gini(values: np.ndarray) -> float:
    """Half the mean difference of two values over the mean; 0 where the mean is 0."""
    ordered = np.sort(values)
    total = float(np.sum(ordered)) * len(ordered)
    rank = 2 * np.arange(1, len(ordered) + 1) - len(ordered) - 1
    return float(np.sum(rank * ordered) / total) if total else 0.0
