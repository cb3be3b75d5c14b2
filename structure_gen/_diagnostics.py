"""Where a calibrated model fails."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias, final

import numpy as np
import pandas as pd

from calibration import FitResult, residual_tables
from structure_gen._evaluation import Evaluation
from structure_gen._predictive import innovations, learn_noise
from wmjax.sim import Trajectory


@final
@dataclass(frozen=True, eq=False)
class Diagnostics:
    """What the residuals say, from rows up to the end of validation.

    - `series`: index term (a variable of the model); `error`: mean absolute forecast error over
      the usual change from row to row; `bias`: mean residual (observed less model) over its
      standard deviation in the last third of the rows; `rho`: correlation from row to row.
    - `leads`: rows `target`, `cause`, `lag`, `correlation` of innovations, strongest first.
    """

    series: pd.DataFrame
    leads: pd.DataFrame

    def words(self, most: int = 12) -> str:
        """The worst series and the strongest leads, as lines of text."""
        worst = self.series.sort_values("error", ascending=False).head(most)
        lines = []
        for name, row in worst.to_dict("index").items():
            side = "above" if row["bias"] > 0 else "below"
            lines.append(
                f"{name}: forecast error {row['error']:.2f} usual changes, residuals {side} the "
                f"model by {abs(row['bias']):.1f} sd lately, autocorrelation {row['rho']:.2f}"
            )
        for row in self.leads.head(most).to_dict(orient="records"):
            lines.append(
                f"what is unexplained in {row['target']} follows {row['cause']} after "
                f"{row['lag']:.0f} years (correlation {row['correlation']:+.2f})"
            )
        return "\n".join(lines)


Paths: TypeAlias = dict[str, tuple[np.ndarray, np.ndarray]]

_LAGS = (0, 1, 2, 3, 5, 8)
_LEAST = 12


def diagnostics(found: Evaluation, fit: FitResult, run: Trajectory) -> Diagnostics:
    """**Arguments:** `fit`: to all rows up to the end of validation; `run`: of the fitted model."""
    error = dict(zip(found.series, found.error, strict=True))
    rows, leads = {}, []
    paths = _paths(run)
    for name, table in residual_tables(fit).items():
        times, left = table.times[table.used], table.residuals[table.used]
        noise = learn_noise(times, left, float(np.std(table.observed)))
        if noise is None:
            continue
        late = left[-max(len(left) // 3, 1) :]
        rows[name] = {"error": error.get(name, np.nan), "rho": noise.rho,
                      "bias": float(late.mean() / (left.std() or 1.0))}  # fmt: skip
        leads += _leads(name, times, innovations(times, left, noise), paths)
    series = pd.DataFrame.from_dict(rows, orient="index", columns=["error", "bias", "rho"])
    table = pd.DataFrame(leads, columns=["target", "cause", "lag", "correlation"])
    order = np.argsort(-np.abs(table["correlation"].to_numpy(float)), kind="stable")
    return Diagnostics(series, table.iloc[order].reset_index(drop=True))


def _paths(run: Trajectory) -> Paths:
    """Changes of the logarithm (of the level, where there is none), of all that moves."""
    table = run.to_dataframe()
    found = {}
    for name in table.columns:
        values = table[name].to_numpy(float)
        if np.isfinite(values).all() and np.ptp(values) > 1e-9 * max(abs(values).max(), 1e-300):
            base = np.log(values) if (values > 0).all() else values
            found[str(name)] = table.index.to_numpy(float), base
    return found


def _leads(
    target: str, times: np.ndarray, steps: np.ndarray, paths: Paths
) -> list[tuple[str, str, int, float]]:
    """For each cause the lag at which its detrended path goes best with the innovations."""
    found = []
    for cause, (when, values) in paths.items():
        best = (0, 0.0)
        for lag in _LAGS:
            seen = times - lag >= when[0] - 1e-9
            if cause == target or seen.sum() < _LEAST:
                continue
            moved = _detrended(np.interp(times[seen] - lag, when, values))
            r = _correlation(steps[seen] - steps[seen].mean(), moved)
            if abs(r) > abs(best[1]) + 0.02:
                best = (lag, r)
        if best[1]:
            found.append((target, cause, *best))
    return found


def _detrended(values: np.ndarray) -> np.ndarray:
    line = np.vander(np.arange(len(values), dtype=float), 2)
    return values - line @ np.linalg.lstsq(line, values, rcond=None)[0]


def _correlation(x: np.ndarray, y: np.ndarray) -> float:
    norm = float(np.sqrt((x @ x) * (y @ y)))
    return float(x @ y) / norm if norm > 1e-12 else 0.0
