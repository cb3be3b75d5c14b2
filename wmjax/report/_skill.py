"""Who forecast better: the numbers behind the skill table."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, final

import numpy as np
import pandas as pd

from wmjax.report._content import Aim, Skill
from wmjax.report._numbers import MISSING, fixed, geometric_mean, percent


_LEAST = 1e-12  # a method without any error still has a ratio


@final
@dataclass(frozen=True, eq=False)
class Contest:
    """The model against the naive methods.

    - `series`, `methods`: names; the first method is the model.
    - `mase`: (series, method) -> score; absent where there is none, infinite for a forecast that
        blew up, which loses.
    - `rows`: the model's row of the table by series.
    - `best`: the best single naive method: the least geometric-mean MASE over the series that
        every naive method forecast. It is chosen knowing the outcome, which favours it.
    """

    series: tuple[str, ...]
    methods: tuple[str, ...]
    mase: Mapping[tuple[str, str], float]
    rows: Mapping[str, Mapping[str, Any]]
    best: str | None

    @property
    def model(self) -> str:
        return self.methods[0]

    def score(self, series: str, method: str | None) -> float:
        return self.mase.get((series, method or ""), math.nan)

    def ratio(self, series: str) -> float:
        """MASE of the model over that of the best single naive method; NaN if either is absent."""
        own, naive = self.score(series, self.model), self.score(series, self.best)
        if math.isinf(own):
            return math.nan if math.isnan(naive) else math.inf
        return max(own, _LEAST) / max(naive, _LEAST) if own + naive < math.inf else math.nan

    def judged(self) -> dict[str, float]:
        """The ratios that are numbers."""
        found = {series: self.ratio(series) for series in self.series}
        return {series: ratio for series, ratio in found.items() if not math.isnan(ratio)}

    def wins(self) -> list[str]:
        return [series for series, ratio in self.judged().items() if ratio < 1]

    def losses(self) -> list[str]:
        return [series for series, ratio in self.judged().items() if ratio >= 1]

    def mean(self, method: str) -> float:
        """Geometric mean of a method over the series that are judged."""
        return geometric_mean(self.score(series, method) for series in self.judged())

    def count(self) -> float:
        """Held-out values of all series; infinite if the table does not say."""
        return sum(as_number(row, "n", math.inf) for row in self.rows.values())

    def coverage(self, level: int) -> float:
        """Share of held-out values inside the band, mean over the series."""
        shares = [as_number(row, f"coverage{level}") for row in self.rows.values()]
        fine = [share for share in shares if math.isfinite(share)]
        return sum(fine) / len(fine) if fine else math.nan


def contest(skill: Skill) -> Contest:
    """**Raises:** `ValueError` for a table without the columns or without rows of the model."""
    rows = skill.table.to_dict("records")
    missing = [c for c in ("series", "method", "mase") if c not in skill.table]
    if missing:
        found = ", ".join(map(str, skill.table.columns))
        raise ValueError(f"skill table without {', '.join(missing)}: it has {found}")
    methods = list(dict.fromkeys(str(row["method"]) for row in rows))
    if skill.model not in methods:
        found = ", ".join(methods)
        raise ValueError(f"skill table without rows of method {skill.model!r}: it has {found}")
    series = tuple(dict.fromkeys(str(row["series"]) for row in rows))
    naive = tuple(m for m in methods if m != skill.model)
    scores = {(str(r["series"]), str(r["method"])): as_number(r, "mase") for r in rows}
    mase = {key: score for key, score in scores.items() if not math.isnan(score)}
    own = {str(r["series"]): r for r in rows if str(r["method"]) == skill.model}
    return Contest(series, (skill.model, *naive), mase, own, _best(series, naive, mase))


def _best(
    series: tuple[str, ...], naive: tuple[str, ...], mase: Mapping[tuple[str, str], float]
) -> str | None:
    """Over the series that all methods forecast; methods that forecast none do not count."""
    usable = [m for m in naive if any((s, m) in mase for s in series)]
    common = [s for s in series if all((s, m) in mase for m in usable)]
    if not usable or not common:
        return None
    return min(usable, key=lambda m: geometric_mean(mase[s, m] for s in common))


def as_number(row: Mapping[Any, Any], key: str, otherwise: float = math.nan) -> float:
    """A cell of a table as a number; `otherwise` where it is empty or absent."""
    value = row.get(key)
    if value is None or value is pd.NA or value == "":
        return otherwise
    return otherwise if np.isnan(float(value)) else float(value)


def standard_aims(contest: Contest) -> tuple[Aim, ...]:
    """Error at most 0.8 of the best single naive method's; better on 55 % of the series; 90 % bands
    that cover 75 to 98 %, which fewer than `_FEW` held-out values cannot show."""
    ratios, wins = contest.judged(), len(contest.wins())
    ratio = geometric_mean(ratios.values())
    share = wins / len(ratios) if ratios else math.nan
    covered = contest.coverage(90)
    naive = f"the best single naive method ({contest.best})"
    return (
        Aim(f"Error against {naive}, geometric mean of MASE", f"ratio {_two(ratio)}",
            "at most 0.80", _met(ratio, ratio <= 0.8)),
        Aim(f"Series forecast better than by {naive}", f"{wins} of {len(ratios)}, {percent(share)}",
            "at least 55 %", _met(share, share >= 0.55)),
        Aim("Held-out values inside the 90 % bands", percent(covered), "75 to 98 %",
            None if contest.count() < _FEW else _met(covered, 0.75 <= covered <= 0.98)),
    )  # fmt: skip


_FEW = 20


def _met(value: float, met: bool) -> bool | None:
    return None if math.isnan(value) else met


def _two(value: float) -> str:
    return fixed(value, 2)


def verdict(ratio: float) -> str:
    """In a word that does not need colour."""
    if math.isnan(ratio):
        return MISSING
    return "wins" if ratio < 1 else "loses"


def skill_text(
    table: pd.DataFrame,
    *,
    model: str = "model",
    title: str = "",
    aims: tuple[Aim, ...] | None = None,
) -> str:
    """The skill table as plain text for a terminal: a line for each series, then the aims.

    **Arguments:**

    - `table`: as `Skill.table`.
    - `model`: the method that is the model.
    - `title`: a first line.
    - `aims`: those of `standard_aims` if absent.

    **Raises:** `ValueError` for a table without the columns or without rows of the model.
    """
    found = contest(Skill(title, table, model=model))
    head = ["series", "MASE", found.best or "no naive method", "ratio", "", "50 %", "90 %"]
    rows = [head, *(_text_row(found, series) for series in found.series)]
    widths = [max(len(row[i]) for row in rows) for i in range(len(head))]
    lines = [_aligned(row, widths) for row in rows]
    lines.insert(1, "-" * max(map(len, lines)))
    judged = standard_aims(found) if aims is None else aims
    totals = [f"{_mark(a.met)} {a.text}: {a.found} (wanted {a.wanted})" for a in judged]
    text = "\n".join([*([title] if title else []), *lines, "", *totals])
    return text.replace("\N{NO-BREAK SPACE}", " ").rstrip()


def _text_row(found: Contest, series: str) -> list[str]:
    # A name from a user's table must not move the cursor of the terminal.
    name = "".join(c if c.isprintable() else "?" for c in series)
    ratio = found.ratio(series)
    own, naive = found.score(series, found.model), found.score(series, found.best)
    row = found.rows.get(series, {})
    shares = [percent(as_number(row, c)) for c in ("coverage50", "coverage90")]
    return [name, _two(own), _two(naive), _two(ratio), verdict(ratio), *shares]


def _aligned(row: list[str], widths: list[int]) -> str:
    numbers = [cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)]
    return "  ".join([row[0].ljust(widths[0]), *numbers]).rstrip()


def _mark(met: bool | None) -> str:
    return {True: "met:   ", False: "MISSED:", None: "not judged:"}[met]
