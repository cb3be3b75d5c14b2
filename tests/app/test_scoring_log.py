"""Every look at held-out years is logged, or said not to be."""

from __future__ import annotations

import csv
import dataclasses
from pathlib import Path

from calibration import Skill
from wmjax._resources import resource_dir
from wmjax.app._scoring_log import logged


_LOG = resource_dir("data") / "models" / "world" / "scoring_log.csv"


def _last() -> tuple[dict[str, str], Skill]:
    with _LOG.open(encoding="utf-8", newline="") as file:
        row = list(csv.DictReader(file))[-1]
    means = {"model": float(row["geometric_mean_mase"]),
             row["best_naive"]: float(row["best_naive_mase"])}  # fmt: skip
    shares = (float(row[n]) for n in ("ratio", "share_better", "coverage_50", "coverage_90"))
    return row, Skill(int(row["series"]), means, row["best_naive"], *shares)


def test_the_scores_of_the_log_are_a_repetition() -> None:
    row, skill = _last()
    said = logged("world", skill, row["fit_window"], row["score_window"])
    assert said.startswith("a repetition") and "2000-2019" in said


def test_other_scores_are_said_not_to_be_in_the_log_and_are_ready_to_be_added() -> None:
    row, skill = _last()
    other = dataclasses.replace(skill, ratio=skill.ratio + 0.01)
    said = logged("world", other, row["fit_window"], row["score_window"])
    assert said.startswith("NOT IN THE LOG")
    with _LOG.open(encoding="utf-8", newline="") as file:
        (added,) = list(csv.DictReader([file.readline(), said.splitlines()[-1]]))
    assert added["ratio"] == f"{skill.ratio + 0.01:.3f}"
    assert added["score_window"] == "2000-2019" and added["series"] == row["series"]


def test_a_model_without_a_log_has_nothing_to_say(tmp_path: Path) -> None:
    row, skill = _last()
    (tmp_path / "mine.yaml").write_text("name: mine\n")
    assert logged(str(tmp_path / "mine.yaml"), skill, "1960-1999", "2000-2019") == ""
