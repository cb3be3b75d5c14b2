"""Many runs of the laboratory put together: means, intervals, tables and figures."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from hydra.experimental.callback import Callback

from wmjax.app._console import table


if TYPE_CHECKING:
    import pandas as pd
    from omegaconf import DictConfig

    from wmjax.store import RunRecord

_SWEEP = "WMJAX_TAX_SWEEP"  # by which the runs of a multirun find together, in other processes too
_MEASURES = ("welfare", "regret", "share_of_optimum", "lived_welfare", "mean_income", "mean_hours",
             "gini", "rebate", "satisfied", "marked")  # fmt: skip
_APART = ("seed", "sweep", "store", "compute", "tracker")


class Summary(Callback):
    """Hydra calls it before and after a multirun."""

    def on_multirun_start(self, config: DictConfig, **_: Any) -> None:
        os.environ[_SWEEP] = secrets.token_hex(6)

    def on_multirun_end(self, config: DictConfig, **_: Any) -> None:
        from wmjax.store import RunStore

        sweep = os.environ.pop(_SWEEP)
        store = RunStore(config.store.path)
        done = [r for r in store.list(None, "tax", "done") if r.config.get("sweep") == sweep]
        if done:
            folder = Path(config.store.path) / "multirun" / f"tax-{sweep}"
            summarise(done[::-1], folder)  # the store lists the latest first
            _moved(Path(config.hydra.sweep.dir), folder)


def _moved(made: Path, folder: Path) -> None:
    """Hydra's record of the multirun, from the folder that it makes for nothing else."""
    if [p.name for p in made.iterdir()] == ["multirun.yaml"]:
        (made / "multirun.yaml").rename(folder / "multirun.yaml")
        made.rmdir()


def summarise(records: Sequence[RunRecord], folder: Path) -> pd.DataFrame:
    """One row for each choice of what differs between runs but the seed; prints it, and writes
    `runs.csv`, `summary.csv` and `report.html` into the folder."""
    runs, varied = gathered(records)
    found = means(runs, varied)
    folder.mkdir(parents=True, exist_ok=True)
    runs.to_csv(folder / "runs.csv", index=False)
    found.to_csv(folder / "summary.csv", index=False)
    _printed(found, varied)
    print(f"report: {_written(found, varied, len(records), folder)}")
    return found


def gathered(records: Sequence[RunRecord]) -> tuple[pd.DataFrame, list[str]]:
    """A row for each run, and which options differ."""
    import pandas as pd

    configs = [{k: v for k, v in r.config.items() if k not in _APART} for r in records]
    names = sorted({k for config in configs for k in config})
    varied = [n for n in names if len({json.dumps(c.get(n)) for c in configs}) > 1]
    rows = []
    for record, config in zip(records, configs, strict=True):
        result = json.loads((record.folder / "result.json").read_text(encoding="utf-8"))
        chosen = {n: _plain(config.get(n)) for n in varied}
        measured = {m: result[m] for m in _MEASURES if result.get(m) is not None}
        seed = {"run": record.id, "seed": record.config["seed"]}
        rows.append({**seed, **chosen, **measured})
    return pd.DataFrame(rows), varied


def means(runs: pd.DataFrame, varied: list[str]) -> pd.DataFrame:
    """Mean of each measure over the seeds and half the width of its 95 % interval (Student's t);
    NaN with one seed."""
    import pandas as pd

    groups = runs.groupby(varied, sort=False) if varied else [((), runs)]
    rows = []
    for key, group in groups:
        chosen = dict(zip(varied, key if isinstance(key, tuple) else (key,), strict=True))
        row: dict[str, Any] = {**chosen, "runs": len(group)}
        for measure in (m for m in _MEASURES if m in group):
            values = group[measure].to_numpy(float)
            row[measure], row[f"{measure}_ci95"] = float(np.mean(values)), half_width(values)
        rows.append(row)
    return pd.DataFrame(rows)


def half_width(values: np.ndarray) -> float:
    """Of the 95 % interval of the mean, by Student's t; NaN for fewer than two."""
    from scipy import stats

    if len(values) < 2:
        return np.nan
    spread = float(np.std(values, ddof=1)) / np.sqrt(len(values))
    return float(stats.t.ppf(0.975, len(values) - 1) * spread)


def _plain(value: Any) -> Any:
    if isinstance(value, dict) and "provider" in value:  # a language model
        return ":".join(filter(None, (value["provider"], value.get("model"))))
    return value if isinstance(value, str | int | float) else json.dumps(value)


def _printed(found: pd.DataFrame, varied: list[str]) -> None:
    shown = [m for m in ("lived_welfare", "welfare", "regret", "share_of_optimum") if m in found]
    rows = [
        (*(row[v] for v in varied), row["runs"], *(_with_interval(row, m) for m in shown))
        for row in found.to_dict("records")
    ]
    table("means over seeds, with 95 % intervals", (*varied, "runs", *shown), rows)


def _with_interval(row: Mapping[Any, Any], measure: str) -> str:
    half = row[f"{measure}_ci95"]
    return f"{row[measure]:,.5g}" + (f" ± {half:,.2g}" if np.isfinite(half) else "")


def _written(found: pd.DataFrame, varied: list[str], runs: int, folder: Path) -> Path:
    from wmjax.app._tax_figures import bars
    from wmjax.report import Asked, ReportContent, Section, Table, write_report

    measures = [m for m in _MEASURES if m in found]
    labels = [" ".join(str(row[v]) for v in varied) or "all" for row in found.to_dict("records")]
    pictures = []
    for measure in ("lived_welfare", "share_of_optimum", "gini"):
        if measure in found:
            halves = found[f"{measure}_ci95"].fillna(0.0)
            rows = [
                (label, float(v), float(h) or None)
                for label, v, h in zip(labels, found[measure], halves, strict=True)
            ]
            pictures.append(bars(measure, measure.replace("_", " "), rows, "mean over seeds"))
    cells = [
        [
            *(str(row[v]) for v in varied),
            str(row["runs"]),
            *(_with_interval(row, m) for m in measures),
        ]
        for row in found.to_dict("records")
    ]
    columns = (*varied, "runs", *measures)
    numbers = Table.of(
        "Means over seeds, with 95 % intervals (Student's t)", columns, cells,
        range(len(varied), len(columns)),
    )  # fmt: skip
    asked = Asked(
        "How do the choices compare, over several seeds?", "the economy of wmjax.tax",
        f"wmjax tax -m ({runs} runs; each has a report of its own)",
    )  # fmt: skip
    title = "Tax laboratory: " + (" by ".join(varied) or "several seeds")
    return write_report(
        folder, ReportContent(title, asked, sections=(Section("Compared", (*pictures, numbers)),))
    )
