"""The log of every look at held-out years: whether a scoring stands in it."""

from __future__ import annotations

import csv
import io
import time
from typing import TYPE_CHECKING

from wmjax.spec import model_path


if TYPE_CHECKING:
    from calibration import Skill

_FILE = "scoring_log.csv"
_COMPARED = ("series", "geometric_mean_mase", "ratio", "share_better", "coverage_50", "coverage_90")


def logged(model: str, skill: Skill, fitted: str, scored: str) -> str:
    """What to say of a scoring by the log beside its model; empty for a model without a log.

    **Arguments:** `fitted`, `scored`: the years, as in `1960-1999`.
    """
    path = model_path(model).parent / _FILE
    if not path.is_file():
        return ""
    with path.open(encoding="utf-8", newline="") as file:
        rows = [r for r in csv.DictReader(file) if (r["fit_window"], r["score_window"]) ==
                (fitted, scored)]  # fmt: skip
        file.seek(0)
        head = next(csv.reader(file))
    own = _row(skill, fitted, scored)
    for row in reversed(rows):
        if all(row[name] == own[name] for name in _COMPARED):
            return f"a repetition: {_FILE} has these scores of {scored} since {row['date']}"
    line = io.StringIO()
    csv.DictWriter(line, head, lineterminator="").writerow(own)
    return (
        f"NOT IN THE LOG: these scores of {scored} differ from those in {path}.\n"
        f"Add the line, with the reason why these years were looked at again:\n{line.getvalue()}"
    )


def _row(skill: Skill, fitted: str, scored: str) -> dict[str, str]:
    from wmjax.store import code_version

    naive = skill.geometric_mase[skill.best_naive]
    numbers = {
        "geometric_mean_mase": skill.geometric_mase["model"], "best_naive_mase": naive,
        "ratio": skill.ratio, "share_better": skill.won, "coverage_50": skill.coverage_50,
        "coverage_90": skill.coverage_90,
    }  # fmt: skip
    return {
        "date": time.strftime("%Y-%m-%d"), "reason": "", "by": "",
        "git_commit": str(code_version()["commit"] or "")[:7],
        "fit_window": fitted, "score_window": scored, "series": str(skill.series),
        "best_naive": skill.best_naive, **{k: f"{v:.3f}" for k, v in numbers.items()},
    }  # fmt: skip
