"""How well it forecasts: the table, the aims in words, and one picture."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pandas as pd

from wmjax.report._blocks import Block, Bullets, Cell, Part, Picture, Section, Table
from wmjax.report._content import Aim, SeriesView, Skill
from wmjax.report._numbers import MISSING, fixed, number, percent, scale_for
from wmjax.report._section_series import series_label
from wmjax.report._scene import Area, Dots, Item, Label, Scene, Stroke, rectangle
from wmjax.report._skill import Contest, contest, standard_aims, verdict
from wmjax.report._words import listed, readable, readable_unit, shortened


_ABOUT = (
    "MASE is the mean absolute error divided by the mean step from one year to the next before the "
    "origin: below 1 is better than repeating the last value one year ahead. CRPS scores the whole "
    "ensemble in the unit of the series. Coverage is the share of held-out values inside the band; "
    "an honest 90 % band covers about 90 %.",
    "The best single naive method is picked knowing the outcome, which favours it over the model.",
)


def skill_section(skills: tuple[Skill, ...], views: tuple[SeriesView, ...] = ()) -> Section:
    """The first table open, further ones folded; names and units as in `views`."""
    blocks: list[Block] = []
    for number_, skill in enumerate(skills):
        inside = _blocks(_named(skill, views))
        blocks += [Part(skill.title, inside, "folded" if number_ else "open")]
    return Section("How well it forecasts", (*blocks, Part("How to read the scores", _ABOUT, "folded")))


def _named(skill: Skill, views: tuple[SeriesView, ...]) -> Skill:
    labels = {view.observed.name: series_label(view) for view in views}
    table = skill.table
    if "unit" not in table:
        units = {view.observed.name: view.observed.unit for view in views}
        table = table.assign(unit=[units.get(name, "") for name in table["series"]])
    return replace(skill, table=table, labels={**labels, **skill.labels})


def _blocks(skill: Skill) -> tuple[Block, ...]:
    found = contest(skill)
    aims = standard_aims(found) if skill.aims is None else skill.aims
    notes = (skill.note,) if skill.note else ()
    aim_list = (Bullets.of(aim_cell(aim) for aim in aims),) if aims else ()
    picture = (_picture(skill, found),) if found.best else ()
    all_methods = Part("All naive methods, MASE", (_methods(skill, found),), "folded")
    return (*words(skill, found), *aim_list, *notes, *picture, _table(skill, found), all_methods)


def aim_cell(aim: Aim) -> Cell:
    """Met or missed, in words first."""
    word = {True: "Met", False: "Missed", None: "Not judged"}[aim.met]
    tone = {True: "good", False: "bad", None: ""}[aim.met]
    return Cell(f"{word}: {aim.text}: {aim.found}", f"wanted {aim.wanted}", tone)


def words(skill: Skill, found: Contest) -> tuple[str, ...]:
    """Who won, who lost, and by how much."""
    if found.best is None or not len(found.judged):
        return ("There is no naive method to compare with.",)
    wins, losses = found.wins(), found.losses()
    own, naive = found.mean(found.model), found.mean(found.best)
    first = (
        f"The model beats the best single naive method, {found.best}, on {len(wins)} of "
        f"{len(found.judged)} series ({percent(len(wins) / len(found.judged))}). Geometric-mean MASE "
        f"is {fixed(own, 2)} against {fixed(naive, 2)}, a ratio of {fixed(own / naive, 2)}."
    )
    if not losses:
        return (first, "It loses on no series.")
    return (first, f"The model loses on {listed([_label(skill, s) for s in losses])}.")


def _table(skill: Skill, found: Contest) -> Table:
    columns = ("Series", "Result", "MASE of the model", f"MASE of {found.best or 'no naive method'}",
               "Ratio", "RMSE", "Bias", "CRPS", "50 % band covers", "90 % band covers")  # fmt: skip
    rows = [_row(skill, found, str(series)) for series in found.mase.index]
    return Table.of(f"Scores, {skill.title}", columns, [*rows, _total(found)], range(2, 10))


def _row(skill: Skill, found: Contest, series: str) -> list[Cell]:
    ratio = float(found.ratio[series])
    naive = float(found.mase.loc[series, found.best]) if found.best else math.nan
    own = float(found.mase.loc[series, found.model])
    scores = found.rows.loc[series]
    unit = readable_unit(str(scores.get("unit") or ""))
    sizes = [float(scores.get(c, math.nan)) for c in ("rmse", "bias", "crps")]
    scale = scale_for(sizes)
    name = Cell(_label(skill, series), scale.unit(unit) if unit or scale.word else "")
    word = verdict(ratio)
    result = Cell(word, verdict="good" if word == "wins" else "bad" if word == "loses" else "")
    shares = [percent(float(scores.get(c, math.nan))) for c in ("coverage50", "coverage90")]
    amounts = [number(size / scale.factor) for size in sizes]
    texts = [fixed(own, 2), fixed(naive, 2), fixed(ratio, 2), *amounts, *shares]
    return [name, result, *(Cell(t) for t in texts)]


def _total(found: Contest) -> list[Cell]:
    judged = len(found.judged)
    means = [MISSING] * 3
    if found.best and judged:
        own, naive = found.mean(found.model), found.mean(found.best)
        means = [fixed(v, 2) for v in (own, naive, own / naive)]
    shares = [percent(found.coverage(level)) for level in (50, 90)]
    name = Cell("All series", "geometric mean; coverage over all values")
    texts = [f"{len(found.wins())} of {judged} won", *means, "", "", "", *shares]
    return [name, *(Cell(t) for t in texts)]


def _methods(skill: Skill, found: Contest) -> Table:
    columns = ("Series", *found.mase.columns)
    rows = [
        [_label(skill, str(series)), *(fixed(float(v), 2) for v in values)]
        for series, values in zip(found.mase.index, found.mase.to_numpy(), strict=True)
    ]
    means = [fixed(found.mean(str(m)), 2) for m in found.mase.columns]
    caption = f"MASE by series and method, {skill.title}"
    return Table.of(caption, columns, [*rows, ["Geometric mean", *means]], range(1, len(columns)))


def _label(skill: Skill, series: str) -> str:
    return skill.labels.get(series) or readable(series.rsplit(".", 1)[-1])


_LEFT, _WIDTH, _ROW, _TOP = 168.0, 560.0, 19.0, 40.0


def _picture(skill: Skill, found: Contest) -> Picture:
    judged = found.judged.sort_values()
    height = _TOP + _ROW * len(judged) + 30
    marks = [item for i, s in enumerate(judged.index) for item in _mark(skill, judged, str(s), i)]
    worst = ", ".join(f"{_label(skill, str(s))} {fixed(float(r), 2)}" for s, r in judged.items())
    scene = Scene(_WIDTH, height, (*_ground(judged.to_numpy(), height), *marks),
                  f"MASE of the model over that of {found.best}; below 1 the model wins: {worst}.")  # fmt: skip
    title = f"Error of the model over that of {found.best}"
    return Picture("skill", title, scene, "Left of the line the model wins, right of it it loses.")


def _across(ratios: np.ndarray, ratio: np.ndarray) -> np.ndarray:
    """Pixels on a logarithmic axis that has 1 inside."""
    low, high = min(0.5, ratios.min()) / 1.1, max(2.0, ratios.max()) * 1.1
    share = np.log(ratio / low) / np.log(high / low)
    return _LEFT + share * (_WIDTH - 16 - _LEFT)


def _ground(ratios: np.ndarray, height: float) -> list[Item]:
    bottom = height - 24
    one = float(_across(ratios, np.array(1.0)))
    items: list[Item] = [Area(rectangle(_LEFT, _TOP - 8, one - _LEFT, bottom - _TOP + 8), "fit")]
    ticks = [t for t in (0.01, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 1000)]
    for tick in ticks:
        x = float(_across(ratios, np.array(tick)))
        if _LEFT - 1 <= x <= _WIDTH - 8:
            ends = np.array([(x, _TOP - 8), (x, bottom)])
            items += [Stroke(ends, "ink" if tick == 1 else "grid")]
            items += [Label(x, bottom + 15, f"{tick:g}", "muted", 10.5, "middle")]
    items.append(Label(one - 6, _TOP - 16, "model wins", "good", 11, "end", bold=True))
    items.append(Label(one + 6, _TOP - 16, "model loses", "bad", 11, bold=True))
    return items


def _mark(skill: Skill, judged: pd.Series, series: str, row: int) -> list[Item]:
    y = _TOP + _ROW * (row + 0.5)
    ratio = float(judged[series])
    x = float(_across(judged.to_numpy(), np.array(ratio)))
    one = float(_across(judged.to_numpy(), np.array(1.0)))
    tone = "good" if ratio < 1 else "bad"
    name = Label(_LEFT - 8, y + 4, shortened(_label(skill, series), 28), size=11, anchor="end")
    return [name, Stroke(np.array([(one, y), (x, y)]), tone, 2), Dots(np.array([(x, y)]), tone, 4)]
