"""What a structure is worth on years that its fits had not seen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, final

import numpy as np

from calibration import FitResult, ResidualTable, residual_tables, uncertain_residual_tables
from structure_gen._predictive import innovations, learn_noise, score_block
from structure_gen._timeline import Timeline
from wmjax.spec._document import Document


@final
class Evaluation(Document):
    """The forecasts of one structure from every origin.

    - `series`: what was scored.
    - `density`: by block and series, the logarithm of the predictive density [nats]; 0 where there
      was nothing to score.
    - `error`, `rows`: by series, the mean absolute forecast error over the usual change from row to
      row (a MASE in transformed units), and how many rows it is the mean of.
    - `weight`: by series, what a nat counts: below 1 for series whose innovations go together.
    - `parameters`: fitted to all rows up to the end of validation; `sd` of some.
    - `failure`: why there are no numbers, if there are none.
    """

    series: tuple[str, ...] = ()
    density: tuple[tuple[float, ...], ...] = ()
    error: tuple[float, ...] = ()
    rows: tuple[int, ...] = ()
    weight: tuple[float, ...] = ()
    parameters: dict[str, float] = {}
    failure: str = ""

    def total(self, weight: Mapping[str, float]) -> float:
        """The weighted sum of all log densities [nats]; minus infinity for a failure."""
        if self.failure:
            return -np.inf
        weights = np.array([weight[s] for s in self.series])
        return float(np.asarray(self.density) @ weights @ np.ones(len(self.density)))

    @property
    def weights(self) -> dict[str, float]:
        return dict(zip(self.series, self.weight, strict=True))

    @property
    def skill(self) -> float:
        """Geometric mean of the scaled errors over the series; smaller is better."""
        there = [max(e, 1e-12) for e, n in zip(self.error, self.rows, strict=True) if n]
        return float(np.exp(np.mean(np.log(there)))) if there else float("nan")

    def dump(self) -> dict[str, Any]:
        return self.model_dump(mode="json", exclude_defaults=True)


def evaluation(fits: tuple[FitResult, ...], timeline: Timeline) -> Evaluation:
    """**Arguments:** `fits`: one for each origin, and one for the end of validation."""
    frames = [uncertain_residual_tables(f) for f in fits]
    names = tuple(frames[-1])
    density = np.zeros((len(timeline.blocks), len(names)))
    error, rows = np.zeros(len(names)), np.zeros(len(names), int)
    for k, (origin, end) in enumerate(timeline.blocks):
        for i, name in enumerate(names):
            table = frames[k][name]
            found = score_block(table, origin, end)
            if found is not None:
                density[k, i] = found.density
                error[i] += found.error
                rows[i] += found.rows
    if not np.isfinite(density).all():
        return Evaluation(failure="a forecast that is not finite")
    return Evaluation(
        series=names, density=tuple(map(tuple, density.tolist())),
        error=tuple((error / np.maximum(rows, 1)).tolist()), rows=tuple(rows.tolist()),
        weight=tuple(_weights(fits[-1]).tolist()), parameters=fits[-1].parameters,
    )  # fmt: skip


def _weights(fit: FitResult) -> np.ndarray:
    """One over the number of series that each series' innovations count for: 1 + the sum of squared
    correlations with the others, less what chance would give. Two copies of one series weigh half
    each."""
    columns = [_innovations(t) for t in residual_tables(fit).values()]
    found = np.ones(len(columns))
    for i, a in enumerate(columns):
        for b in columns[:i] + columns[i + 1 :]:
            common = sorted(a.keys() & b.keys())
            if len(common) >= 8:
                x, y = (np.array([c[t] for t in common]) for c in (a, b))
                found[i] += max(_correlation(x, y) ** 2 - 1 / len(common), 0.0)
    return 1 / found


def _innovations(table: ResidualTable) -> dict[float, float]:
    times, residuals = table.times[table.used], table.residuals[table.used]
    noise = learn_noise(times, residuals, float(np.std(table.observed)))
    if noise is None:
        return {}
    return dict(zip(times.tolist(), innovations(times, residuals, noise).tolist(), strict=True))


def _correlation(x: np.ndarray, y: np.ndarray) -> float:
    norm = float(np.sqrt((x @ x) * (y @ y)))
    return float(x @ y) / norm if norm > 0 else 0.0
