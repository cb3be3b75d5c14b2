"""How well it forecasts: the table, the aims in words, and one picture."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from wmjax.report._blocks import Block, Bullets, Cell, Part, Picture, Section, Table
from wmjax.report._content import Aim, SeriesView, Skill
from wmjax.report._numbers import MISSING, Scale, fixed, number, percent, scale_for
from wmjax.report._scene import Area, Dots, Item, Label, Scene, Stroke, rectangle
from wmjax.report._section_series import series_label
from wmjax.report._skill import Contest, as_number, contest, standard_aims, verdict
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
    for count, skill in enumerate(skills):
        inside = _blocks(_named(skill, views))
        blocks.append(Part(skill.title, inside, "folded" if count else "open"))
    blocks.append(Part("How to read the scores", _ABOUT, "folded"))
    return Section("How well it forecasts", tuple(blocks))


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
    picture = (_picture(skill, found),) if found.judged() else ()
    all_methods = Part("All naive methods, MASE", (_methods(skill, found),), "folded")
    return (*words(skill, found), *aim_list, *notes, *picture, _table(skill, found), all_methods)


def aim_cell(aim: Aim) -> Cell:
    """Met or missed, in words first."""
    text, wanted = f"{aim.text}: {aim.found}", f"wanted {aim.wanted}"
    if aim.met is None:
        return Cell(f"Not judged: {text}", wanted)
    return Cell(f"{'Met' if aim.met else 'Missed'}: {text}", wanted, "good" if aim.met else "bad")


def words(skill: Skill, found: Contest) -> tuple[str, ...]:
    """Who won, who lost, and by how much."""
    judged = len(found.judged())
    if found.best is None or not judged:
        return ("There is no naive method to compare with.",)
    wins, losses = found.wins(), found.losses()
    own, naive = found.mean(found.model), found.mean(found.best)
    first = (
        f"The model beats the best single naive method, {found.best}, on {len(wins)} of "
        f"{judged} series ({percent(len(wins) / judged)}). Geometric-mean MASE is "
        f"{fixed(own, 2)} against {fixed(naive, 2)}, a ratio of {fixed(own / naive, 2)}."
    )
    if not losses:
        return (first, "It loses on no series.")
    return (first, f"The model loses on {listed([_label(skill, s) for s in losses])}.")


def _table(skill: Skill, found: Contest) -> Table:
    naive = f"MASE of {found.best or 'no naive method'}"
    columns = ("Series", "Result", "MASE of the model", naive, "Ratio", "RMSE", "Bias", "CRPS",
               "50 % band covers", "90 % band covers")  # fmt: skip
    rows = [_row(skill, found, series) for series in found.series]
    return Table.of(f"Scores, {skill.title}", columns, [*rows, _total(found)], range(2, 10))


def _row(skill: Skill, found: Contest, series: str) -> list[Cell]:
    ratio, scores = found.ratio(series), found.rows.get(series, {})
    own, naive = found.score(series, found.model), found.score(series, found.best)
    unit = readable_unit(str(scores.get("unit") or ""))
    sizes = [as_number(scores, c) for c in ("rmse", "bias", "crps")]
    scale = scale_for(sizes)
    scale = scale if scale.factor > 1 else Scale()
    name = Cell(_label(skill, series), scale.unit(unit) if unit or scale.word else "")
    word = verdict(ratio)
    result = Cell(word)
    if not math.isnan(ratio):
        result = Cell(word, verdict="good" if ratio < 1 else "bad")
    shares = [percent(as_number(scores, c)) for c in ("coverage50", "coverage90")]
    amounts = [number(size / scale.factor) for size in sizes]
    texts = [fixed(own, 2), fixed(naive, 2), fixed(ratio, 2), *amounts, *shares]
    return [name, result, *(Cell(t) for t in texts)]


def _total(found: Contest) -> list[Cell]:
    judged = len(found.judged())
    means = [MISSING] * 3
    if found.best and judged:
        own, naive = found.mean(found.model), found.mean(found.best)
        means = [fixed(v, 2) for v in (own, naive, own / naive)]
    shares = [percent(found.coverage(level)) for level in (50, 90)]
    name = Cell("All series", "geometric mean; coverage: mean over the series")
    texts = [f"{len(found.wins())} of {judged} won", *means, "", "", "", *shares]
    return [name, *(Cell(t) for t in texts)]


def _methods(skill: Skill, found: Contest) -> Table:
    columns = ("Series", *found.methods)
    rows = [
        [_label(skill, series), *(fixed(found.score(series, m), 2) for m in found.methods)]
        for series in found.series
    ]
    means = [fixed(found.mean(m), 2) for m in found.methods]
    caption = f"MASE by series and method, {skill.title}"
    return Table.of(caption, columns, [*rows, ["Geometric mean", *means]], range(1, len(columns)))


def _label(skill: Skill, series: str) -> str:
    return skill.labels.get(series) or readable(series.rsplit(".", 1)[-1])


_LEFT, _WIDTH, _ROW, _TOP = 168.0, 560.0, 19.0, 40.0
_TICKS = (0.001, 0.01, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 1000.0)


def _picture(skill: Skill, found: Contest) -> Picture:
    judged = dict(sorted(found.judged().items(), key=lambda pair: pair[1]))
    names = [_label(skill, series) for series in judged]
    ratios = np.clip(list(judged.values()), 1e-3, 1e3)
    height = _TOP + _ROW * len(judged) + 30
    marks = [item for i in range(len(names)) for item in _mark(names[i], ratios, i)]
    each = ", ".join(f"{n} {fixed(r, 2)}" for n, r in zip(names, judged.values(), strict=True))
    said = f"MASE of the model over that of {found.best}; below 1 the model wins: {each}."
    scene = Scene(_WIDTH, height, (*_ground(ratios, height), *marks), said)
    title = f"Error of the model over that of {found.best}"
    return Picture(
        "skill", title, scene, "Left of the line the model wins, right of it it loses.", least=440
    )


def _across(ratios: NDArray[np.float64], ratio: float) -> float:
    """Pixels on a logarithmic axis that has 1 inside."""
    low, high = min(0.5, float(ratios.min())) / 1.1, max(2.0, float(ratios.max())) * 1.1
    share = math.log(ratio / low) / math.log(high / low)
    return _LEFT + share * (_WIDTH - 16 - _LEFT)


def _ground(ratios: NDArray[np.float64], height: float) -> list[Item]:
    bottom = height - 24
    one = _across(ratios, 1.0)
    items: list[Item] = [Area(rectangle(_LEFT, _TOP - 8, one - _LEFT, bottom - _TOP + 8), "fit")]
    for tick in _TICKS:
        x = _across(ratios, tick)
        if _LEFT - 1 <= x <= _WIDTH - 8:
            ends = np.array([(x, _TOP - 8), (x, bottom)])
            items += [Stroke(ends, "ink" if tick == 1 else "grid")]
            items += [Label(x, bottom + 15, f"{tick:g}", "muted", 10.5, "middle")]
    items.append(Label(one - 6, _TOP - 16, "model wins", "good", 11, "end", bold=True))
    items.append(Label(one + 6, _TOP - 16, "model loses", "bad", 11, bold=True))
    return items


def _mark(name: str, ratios: NDArray[np.float64], row: int) -> list[Item]:
    y, ratio = _TOP + _ROW * (row + 0.5), float(ratios[row])
    x, one = _across(ratios, ratio), _across(ratios, 1.0)
    tone = "good" if ratio < 1 else "bad"
    label = Label(_LEFT - 8, y + 4, shortened(name, 28), size=11, anchor="end")
    return [label, Stroke(np.array([(one, y), (x, y)]), tone, 2), Dots(np.array([(x, y)]), tone, 4)]
