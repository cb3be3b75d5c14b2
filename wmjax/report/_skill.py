"""Who forecast better: the numbers behind the skill table."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import final

import numpy as np
import pandas as pd

from wmjax.report._content import Aim, Skill
from wmjax.report._numbers import MISSING, fixed, geometric_mean, percent


SCORES = ("rmse", "bias", "crps", "coverage50", "coverage90", "n")


@final
@dataclass(frozen=True, eq=False)
class Contest:
    """The model against the naive methods.

    - `rows`: the model's rows by series.
    - `mase`: series by method; the model's column is named by `model`.
    - `best`: the best single naive method: the least geometric-mean MASE over the series that
        every naive method forecast. It is chosen knowing the outcome, which favours it.
    """

    rows: pd.DataFrame
    mase: pd.DataFrame
    model: str
    best: str | None

    @property
    def ratio(self) -> pd.Series:
        """MASE of the model over that of the best single naive method, by series."""
        if self.best is None:
            return pd.Series(np.nan, index=self.mase.index)
        naive = np.maximum(self.mase[self.best], 1e-12)
        return np.maximum(self.mase[self.model], 1e-12) / naive

    @property
    def judged(self) -> pd.Series:
        """The ratios that are numbers."""
        return self.ratio.dropna()

    def wins(self) -> list[str]:
        return [str(s) for s in self.judged.index[self.judged < 1]]

    def losses(self) -> list[str]:
        return [str(s) for s in self.judged.index[self.judged >= 1]]

    def mean(self, method: str) -> float:
        """Geometric mean of a method over the series that are judged."""
        return geometric_mean(self.mase.loc[self.judged.index, method])

    def coverage(self, level: int) -> float:
        """Share of all held-out values inside the band."""
        column = f"coverage{level}"
        if column not in self.rows:
            return math.nan
        shares = self.rows[column].astype(float)
        counts = self.rows["n"].astype(float) if "n" in self.rows else shares * 0 + 1
        fine = shares.notna() & counts.notna()
        return float(np.average(shares[fine], weights=counts[fine])) if fine.any() else math.nan


def contest(skill: Skill) -> Contest:
    """**Raises:** `ValueError` for a table without the columns or the model's rows."""
    table = skill.table
    missing = [c for c in ("series", "method", "mase") if c not in table]
    if missing:
        raise ValueError(f"skill table without {', '.join(missing)}: it has {list(table.columns)}")
    if skill.model not in set(table["method"]):
        found = ", ".join(map(str, table["method"].unique()))
        raise ValueError(f"skill table without rows of method {skill.model!r}: it has {found}")
    order = list(dict.fromkeys(table["series"]))
    mase = table.pivot(index="series", columns="method", values="mase").astype(float).loc[order]
    methods = [skill.model, *(m for m in dict.fromkeys(table["method"]) if m != skill.model)]
    rows = table[table["method"] == skill.model].set_index("series").reindex(order)
    return Contest(rows, mase[methods], skill.model, _best(mase, methods[1:]))


def _best(mase: pd.DataFrame, naive: list[str]) -> str | None:
    common = mase[naive].dropna(how="all", axis=1).dropna() if naive else mase[[]]
    if common.empty:
        return None
    return min(common.columns, key=lambda m: geometric_mean(common[m]))


def standard_aims(contest: Contest) -> tuple[Aim, ...]:
    """Error at most 0.8 of the best single naive method's; better on 55 % of the series; 90 % bands
    that cover 75 to 98 %."""
    judged, wins = len(contest.judged), len(contest.wins())
    ratio = geometric_mean(contest.judged)
    share = wins / judged if judged else math.nan
    covered = contest.coverage(90)
    naive = f"the best single naive method ({contest.best})"
    return (
        Aim(f"Error against {naive}, geometric mean of MASE", f"ratio {_two(ratio)}",
            "at most 0.80", _met(ratio, ratio <= 0.8)),
        Aim(f"Series forecast better than by {naive}", f"{wins} of {judged}, {percent(share)}",
            "at least 55 %", _met(share, share >= 0.55)),
        Aim("Held-out values inside the 90 % bands", percent(covered), "75 to 98 %",
            _met(covered, 0.75 <= covered <= 0.98)),
    )  # fmt: skip


def _met(value: float, met: bool) -> bool | None:
    return met if math.isfinite(value) else None


def _two(value: float) -> str:
    return fixed(value, 2)


def verdict(ratio: float) -> str:
    """In a word that does not need colour."""
    if not math.isfinite(ratio):
        return MISSING
    return "wins" if ratio < 1 else "loses"


def skill_text(table: pd.DataFrame, *, model: str = "model", title: str = "") -> str:
    """The skill table as plain text for a terminal: a line for each series, then the totals.

    **Arguments:**

    - `table`: as `Skill.table`.
    - `model`: the method that is the model.
    - `title`: a first line.

    **Raises:** `ValueError` as for a `Skill` that cannot be read.
    """
    found = contest(Skill(title, table, model=model))
    against = found.best or "no naive method"
    head = ["series", "MASE", against, "ratio", "", "50 %", "90 %"]
    rows = [head, *(_text_row(found, str(series)) for series in found.mase.index)]
    widths = [max(len(row[i]) for row in rows) for i in range(len(head))]
    lines = [_aligned(row, widths) for row in rows]
    lines.insert(1, "-" * len(lines[0]))
    totals = [f"{_mark(a.met)} {a.text}: {a.found} (wanted {a.wanted})" for a in standard_aims(found)]
    text = "\n".join([*([title] if title else []), *lines, "", *totals])
    return text.replace("\N{NO-BREAK SPACE}", " ")


def _text_row(found: Contest, series: str) -> list[str]:
    ratio = float(found.ratio[series])
    naive = float(found.mase.loc[series, found.best]) if found.best else math.nan
    shares = [
        percent(float(found.rows.loc[series, c])) if c in found.rows else MISSING
        for c in ("coverage50", "coverage90")
    ]
    # A name from a user's table must not move the cursor of the terminal.
    name = "".join(c if c.isprintable() else "?" for c in series)
    own = float(found.mase.loc[series, found.model])
    return [name, _two(own), _two(naive), _two(ratio), verdict(ratio), *shares]


def _aligned(row: list[str], widths: list[int]) -> str:
    cells = [row[0].ljust(widths[0]), *(c.rjust(w) for c, w in zip(row[1:], widths[1:], strict=True))]
    return "  ".join(cells).rstrip()


def _mark(met: bool | None) -> str:
    return "not judged:" if met is None else "met:   " if met else "MISSED:"
