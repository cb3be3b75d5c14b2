"""What a backtest found."""

from __future__ import annotations

import os
from collections.abc import Collection
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, final

import numpy as np

from calibration._fit_result import FitResult
from calibration._score import pooled
from wmjax._errors import UserError


if TYPE_CHECKING:
    import pandas as pd

MODEL = "model"


@final
@dataclass(frozen=True)
class Skill:
    """A backtest in a few numbers.

    - `series`: how many were scored.
    - `geometric_mase`: by method, the geometric mean of the MASE over the series.
    - `best_naive`: the baseline with the least; `ratio`: the model's over it, below 1 is better.
    - `won`: share of the series on which the model's MASE is below that of `best_naive`.
    - `coverage_50`, `coverage_90`: share of observations inside the bands, mean over the series.
    """

    series: int
    geometric_mase: dict[str, float]
    best_naive: str
    ratio: float
    won: float
    coverage_50: float
    coverage_90: float


@final
@dataclass(frozen=True, eq=False)
class Backtest:
    """Forecasts of what a model had not seen, and how good they were.

    - `scores`: one row an origin, series and method: `n`, `rmse`, `mase`, `bias`, and for the model
      `crps`, `coverage_50`, `coverage_90`.
    - `forecasts`: one row an origin, series and time: `observed`, `model`, the quantiles `q05` to
      `q95` of its ensemble, and a column for each baseline.
    - `fits`: the fit at every origin.
    - `unscored`: series without two rows before an origin, or without a row to score.
    """

    scores: pd.DataFrame
    forecasts: pd.DataFrame
    fits: tuple[FitResult, ...] = field(repr=False)
    unscored: tuple[str, ...] = ()

    def table(self) -> pd.DataFrame:
        """One row a series and method, origins together; see `scores`."""
        return pooled(self.scores)

    @cached_property
    def mase(self) -> pd.DataFrame:
        """MASE: index series, a column for each method, `model` first."""
        table = self.table()
        methods = list(dict.fromkeys(table["method"]))
        wide = table.pivot(index="series", columns="method", values="mase")
        return wide.loc[list(dict.fromkeys(table["series"])), methods]

    @property
    def summary(self) -> Skill:
        """The model against the best single baseline, over series that have a MASE."""
        wide = self.mase.dropna()
        logs = np.log(np.maximum(wide.to_numpy(dtype=float), 1e-12))
        means = dict(zip(map(str, wide.columns), np.exp(logs.mean(axis=0)).tolist(), strict=True))
        naive = {k: v for k, v in means.items() if k != MODEL}
        best = min(naive, key=lambda k: naive[k]) if naive else ""
        table = self.table()
        own = table[table["method"] == MODEL]
        wins = wide[MODEL].to_numpy() < wide[best].to_numpy() if best else np.full(1, np.nan)
        return Skill(
            series=len(wide), geometric_mase=means, best_naive=best,
            ratio=means[MODEL] / naive[best] if best else float("nan"),
            won=float(wins.mean()), coverage_50=_mean(np.asarray(own["coverage_50"], float)),
            coverage_90=_mean(np.asarray(own["coverage_90"], float)),
        )  # fmt: skip

    def without(self, series: Collection[str]) -> Backtest:
        """The same but for some series, for those that are scored and not judged."""
        scores = self.scores.loc[~self.scores["series"].isin(list(series))]
        forecasts = self.forecasts.loc[~self.forecasts["series"].isin(list(series))]
        return Backtest(scores, forecasts, self.fits, self.unscored)

    def words(self) -> str:
        """The result in sentences, and where the model loses."""
        skill = self.summary
        if not skill.best_naive:
            return f"{skill.series} series, no baseline to compare with."
        wide = self.mase.dropna()
        lost = wide[wide[MODEL] >= wide[skill.best_naive]]
        verdict = "better" if skill.ratio < 1 else "worse"
        lines = [
            f"Over {skill.series} series the model's geometric mean MASE is "
            f"{skill.geometric_mase[MODEL]:.3g}, {skill.ratio:.2f} times that of the best single "
            f"naive method, {skill.best_naive} ({skill.geometric_mase[skill.best_naive]:.3g}): "
            f"{verdict}.",
            f"It beats {skill.best_naive} on {len(wide) - len(lost)} of {len(wide)} series "
            f"({100 * skill.won:.0f} %).",
            f"Its 50 % bands hold {100 * skill.coverage_50:.0f} % of the observations, its 90 % "
            f"bands {100 * skill.coverage_90:.0f} %.",
        ]
        if len(lost):
            lines.append("It loses on:")
            lines += [f"  {name}: MASE {row[MODEL]:.3g} against {row[skill.best_naive]:.3g}"
                      for name, row in lost.iterrows()]  # fmt: skip
        if self.unscored:
            lines.append(f"Not scored, for want of data: {', '.join(self.unscored)}.")
        return "\n".join(lines)

    def save(self, folder: str | os.PathLike[str]) -> Path:
        """Writes `skill.csv` (the table), `scores.csv`, `forecasts.csv` and `skill.txt`.

        **Raises:** `UserError` for a folder that cannot be written.
        """
        folder = Path(folder)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self.table().to_csv(folder / "skill.csv", index=False)
            self.scores.to_csv(folder / "scores.csv", index=False)
            self.forecasts.to_csv(folder / "forecasts.csv", index=False)
            (folder / "skill.txt").write_text(self.words() + "\n", encoding="utf-8")
        except OSError as error:
            raise UserError(str(folder), str(error), "a folder that can be written") from None
        return folder


def _mean(values: np.ndarray) -> float:
    """The mean of what there is."""
    there = values[np.isfinite(values)]
    return float(there.mean()) if len(there) else float("nan")
