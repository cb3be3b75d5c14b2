"""The skill table against pandas and SciPy, and what it says in a terminal."""

from __future__ import annotations

import math

import pandas as pd
import pytest
from scipy.stats import gmean

from wmjax.report import Skill, skill_text
from wmjax.report._section_skill import skill_section
from wmjax.report._skill import contest, standard_aims

from .made_up import NAIVE, skill_table


_NAMES = [f"s{i}" for i in range(9)]


def _table(**mase: list[float]) -> pd.DataFrame:
    """One row for each method and series a, b, c, ..."""
    rows = [
        {"series": "abcdef"[i], "method": method, "mase": score, "n": 10 + i,
         "coverage90": 0.9 if method == "model" else None}
        for method, scores in mase.items() for i, score in enumerate(scores)
    ]  # fmt: skip
    return pd.DataFrame(rows)


def test_the_best_single_naive_method_has_the_least_geometric_mean() -> None:
    table = skill_table(_NAMES)
    wide = table.pivot(index="series", columns="method", values="mase")
    means = pd.Series(gmean(wide[list(NAIVE)]), index=NAIVE)
    found = contest(Skill("", table))
    assert found.best == means.idxmin()
    assert found.mean("model") == pytest.approx(gmean(wide["model"]))
    ratio = wide["model"] / wide[found.best]
    assert found.judged() == pytest.approx(ratio.to_dict())
    assert set(found.wins()) == set(ratio.index[ratio < 1])
    assert len(found.wins()) + len(found.losses()) == len(_NAMES)


def test_coverage_is_a_mean_over_the_series() -> None:
    table = skill_table(_NAMES)
    wanted = table.loc[table["method"] == "model", "coverage90"].mean()
    assert contest(Skill("", table)).coverage(90) == pytest.approx(wanted)


def test_a_forecast_that_blew_up_loses() -> None:
    table = _table(model=[0.5, math.inf], drift=[1.0, 1.0])
    found = contest(Skill("", table))
    assert found.losses() == ["b"] and standard_aims(found)[0].met is False
    assert "∞" in skill_text(table)
    assert skill_section((Skill("t", table),)).blocks


@pytest.mark.parametrize(
    ("model", "met"),
    [([0.5, 0.5, 0.5], (True, True, True)), ([0.5, 2.0, 2.0], (False, False, True)),
     ([0.9, 0.9, 0.9], (False, True, True)), ([1.0, 1.0, 1.0], (False, False, True))],
)  # fmt: skip
def test_aims_are_met_or_missed(model: list[float], met: tuple[bool, ...]) -> None:
    found = contest(Skill("", _table(model=model, drift=[1.0, 1.0, 1.0])))
    assert tuple(aim.met for aim in standard_aims(found)) == met


def test_a_tie_is_no_win() -> None:
    found = contest(Skill("", _table(model=[1.0, 0.5], drift=[1.0, 1.0])))
    assert found.losses() == ["a"] and found.wins() == ["b"]


def test_missing_scores_are_not_judged() -> None:
    table = _table(model=[0.5, math.nan, 0.5], drift=[1.0, 1.0, math.nan], hold=[2.0, 2.0, 2.0])
    found = contest(Skill("", table))
    assert found.best == "drift" and list(found.judged()) == ["a"]
    assert "–" in skill_text(table)


def test_without_a_naive_method_nothing_is_claimed() -> None:
    table = _table(model=[0.5, 0.5])
    found = contest(Skill("", table))
    assert found.best is None and all(a.met is None for a in standard_aims(found)[:2])
    assert "not judged" in skill_text(table)
    assert skill_section((Skill("t", table),)).blocks


def test_a_perfect_naive_method_does_not_divide_by_zero() -> None:
    found = contest(Skill("", _table(model=[0.5, 0.5], drift=[0.0, 1.0])))
    assert math.isfinite(found.ratio("a")) and found.losses() == ["a"]


@pytest.mark.parametrize(
    ("table", "said"),
    [(_table(model=[1.0]).drop(columns="mase"), "without mase"),
     (_table(drift=[1.0]), "method 'model'")],
)  # fmt: skip
def test_a_table_that_cannot_be_read_says_why(table: pd.DataFrame, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        skill_text(table)


def test_the_text_lists_every_series_once_and_marks_losses() -> None:
    table = _table(model=[0.5, 2.0], drift=[1.0, 1.0])
    lines = skill_text(table, title="2000-2019").splitlines()
    assert lines[0] == "2000-2019"
    rows = {line.split()[0]: line.split()[1:5] for line in lines[3:5]}
    assert rows == {"a": ["0.50", "1.00", "0.50", "wins"], "b": ["2.00", "1.00", "2.00", "loses"]}
    assert any(line.startswith("MISSED:") for line in lines)
    assert len({line.index("90 %") + 4 for line in lines[1:2]} | {len(x) for x in lines[3:5]}) == 1


def test_a_name_cannot_move_the_cursor_of_the_terminal() -> None:
    table = _table(model=[0.5], drift=[1.0])
    table["series"] = "evil\x1b[2J\r\n"
    assert "\x1b" not in skill_text(table) and "\r" not in skill_text(table)
