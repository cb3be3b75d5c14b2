"""Scores of forecasts as tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from calibration._forecast_rows import ForecastRows
from wmjax.scenario import bias, coverage, crps, mase, rmse


if TYPE_CHECKING:
    import pandas as pd

_MEANS = ("mase", "bias", "crps", "coverage_50", "coverage_90")
QUANTILES = {"q05": 0.05, "q25": 0.25, "q50": 0.5, "q75": 0.75, "q95": 0.95}


def scores(rows: Sequence[ForecastRows]) -> pd.DataFrame:
    """One row an origin, series and method."""
    import pandas as pd

    return pd.DataFrame([_score(one, method) for one in rows for method in one.paths])


def pooled(table: pd.DataFrame) -> pd.DataFrame:
    """One row a series and method: origins together, each weighing as many rows as it scored."""
    import pandas as pd

    keys = ["series", "variable", "unit", "method"]
    found = []
    for _, group in table.groupby(keys, sort=False):
        n = group["n"].to_numpy(float)
        numbers = {c: group[c].to_numpy(float) for c in ("rmse", *_MEANS)}
        row: dict[str, object] = {k: group[k].iloc[0] for k in keys}
        row |= {"n": int(n.sum()),
                "rmse": float(np.sqrt(np.average(numbers["rmse"] ** 2, weights=n)))}  # fmt: skip
        row |= {c: float(np.average(numbers[c], weights=n)) for c in _MEANS}
        found.append(row)
    return pd.DataFrame(found)


def forecast_table(rows: Sequence[ForecastRows]) -> pd.DataFrame:
    """One row an origin, series and time: what was observed, quantiles of the ensemble, and the
    path of every method."""
    import pandas as pd

    frames = []
    for one in rows:
        members = _finite(one.ensemble)
        levels = np.quantile(members, list(QUANTILES.values()), axis=0) if len(members) else (
            np.full((len(QUANTILES), len(one.times)), np.nan))  # fmt: skip
        frames.append(pd.DataFrame({
            "origin": one.origin, "series": one.series, "variable": one.variable,
            "time": one.times, "observed": one.observed, **one.paths,
            **dict(zip(QUANTILES, levels, strict=True)),
        }))  # fmt: skip
    return pd.concat(frames, ignore_index=True)


def _score(one: ForecastRows, method: str) -> dict[str, object]:
    error = one.paths[method] - one.observed
    about = {"origin": one.origin, "series": one.series, "variable": one.variable,
             "unit": one.unit, "method": method, "n": len(error)}  # fmt: skip
    none = {"crps": np.nan, "coverage_50": np.nan, "coverage_90": np.nan}
    if not np.isfinite(error).all():  # a forecast that blew up loses to every other
        return {**about, "rmse": np.inf, "mase": np.inf, "bias": np.nan, **none}
    found = {"rmse": rmse(error), "mase": mase(error, one.insample), "bias": bias(error)}
    members = _finite(one.ensemble) if method == "model" else one.ensemble[:0]
    if len(members):
        found["crps"] = crps(members, one.observed)
        found |= {f"coverage_{p}": coverage(members, one.observed, p / 100) for p in (50, 90)}
    return {**about, **none, **found}


def _finite(ensemble: np.ndarray) -> np.ndarray:
    return ensemble[np.isfinite(ensemble).all(axis=1)]
