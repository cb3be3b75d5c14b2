"""A backtest as the content of a report."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from wmjax.app._story import estimates, skill_frames, tested, title
from wmjax.report import Asked, Provenance, ReportContent, SeriesView, Skill


if TYPE_CHECKING:
    from calibration import Backtest


def backtest_content(
    found: Backtest, apart: tuple[str, ...], command: str, facts: dict[str, str]
) -> ReportContent:
    """The report: skill, the series with what was foretold of them, and the last fit."""
    fit = found.fits[-1]
    name = fit.model.spec.name
    judged, aside = skill_frames(found, apart)
    skills = [Skill(title(found), judged)]
    if len(aside):
        skills.append(Skill("Kept apart", aside, note="These count for no aim.", aims=()))
    rules = (
        f"Scored on {title(found)}.",
        "After the origin exogenous inputs follow the rule stated in the model, never data.",
        "A missed aim is reported as missed.",
    )
    question = f"How well does the model {name!r} forecast what it has not seen?"
    return ReportContent(
        f"{name}: backtest",
        Asked(question, name, command, rules, ()),
        summary=tuple(found.without(apart).words().split("\n")[:3]),
        skill=tuple(skills), series=tuple(_views(found, apart)), estimates=estimates(fit),
        spec=fit.model.spec, provenance=Provenance(tuple(facts.items()), (command,)),
    )  # fmt: skip


def _views(found: Backtest, apart: tuple[str, ...]) -> Iterator[SeriesView]:
    fit = found.fits[-1]
    seen: set[str] = set()
    for term, series in zip(fit.terms, fit.layout.series, strict=True):
        if term.observed not in seen:
            seen.add(term.observed)
            outlook = tested(found, apart, term.variable, term.observed)
            yield SeriesView(series, outlook, variable=term.variable)
