"""Figures that nobody measured: looked up with their source, or computed; never observations."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Annotated, Any, final

import numpy as np
import pydantic
from pydantic import Field, FiniteFloat

from structure_gen._prompts import render
from wmjax._errors import UserError
from wmjax.llm import LanguageModel, LLMFailure, Request, WebSearch, run_async
from wmjax.series import Observations, ObservedSeries


PREFIX = "estimated."
"""Of the names of estimated series: they never stand in the place of an observation."""

_WIDE = 0.25  # relative standard deviation of a figure read from a page
_NUMBER = re.compile(r"\d[\d,. \u00a0\u202f]*\d|\d")


class _Figure(pydantic.BaseModel):
    year: Annotated[int, Field(ge=1, le=3000)]
    value: FiniteFloat
    url: Annotated[str, Field(max_length=2000)]
    quote: Annotated[str, Field(max_length=600)]


class _Figures(pydantic.BaseModel):
    figures: Annotated[list[_Figure], Field(max_length=100)]


@final
class NoFigures(UserError):
    """No usable figure was found."""


def look_up(
    llm: LanguageModel, quantity: str, unit: str, years: Sequence[int], *, searches: int = 3,
    actor: str = "",
) -> ObservedSeries:  # fmt: skip
    """Figures that a provider's own web search finds, flagged as estimated, with a standard
    deviation of a quarter of their value.

    A figure counts only with the address of a page that the search cites and a quotation in which
    the number stands; all others are left out.

    **Arguments:** `actor`: whose quantity it is, for the log.

    **Raises:** `NoFigures` if none is left, or the call fails.
    """
    return run_async(looked_up(llm, quantity, unit, years, searches, actor))


async def looked_up(
    llm: LanguageModel, quantity: str, unit: str, years: Sequence[int], searches: int, actor: str
) -> ObservedSeries:
    """`look_up` within asynchronous work."""
    turns = render("missing", quantity=quantity, unit=unit, years=list(years))
    request = Request(turns, _Figures, max_tokens=120 * len(years) + 200, purpose="missing",
                      actor=actor, parameter=quantity,
                      web_search=WebSearch(max_uses=searches))  # fmt: skip
    try:
        answer = await llm.complete(request)
    except LLMFailure as failure:
        raise _none(quantity, f"{type(failure).__name__}: {failure}") from failure
    cited = {s.url for s in answer.sources}
    figures: Any = answer.value
    kept = {f.year: f for f in figures.figures if f.url in cited and _quoted(f) and f.year in years}
    if not kept:
        raise _none(quantity, f"{len(figures.figures)} figures, none with a cited page and a quote")
    chosen = [kept[y] for y in sorted(kept)]
    values = np.array([f.value for f in chosen])
    sigma = np.maximum(_WIDE * np.abs(values), 1e-12)
    said = "; ".join(f"{f.year}: {f.url} \u201c{f.quote}\u201d" for f in chosen)
    return ObservedSeries(
        f"{PREFIX}{quantity}", np.array([float(f.year) for f in chosen]), values, unit, sigma,
        "year", source=said, licence="terms of the pages", estimated=True,
        note=f"looked up by {answer.model or 'a language model'}; unchecked",
    )  # fmt: skip


def interpolate(series: ObservedSeries, times: Sequence[float]) -> ObservedSeries:
    """Values between and beyond the rows of a series by a random walk with drift (in logarithms, if
    all values are positive), with the standard deviation that such a walk has there.

    Between two rows it is a Brownian bridge; beyond the ends uncertainty grows with the root of
    time, and with that of the drift.

    **Raises:** `NoFigures` for fewer than three rows.
    """
    if len(series) < 3:
        raise _none(series.name, f"{len(series)} rows; wanted at least 3")
    positive = bool((series.values > 0).all())
    base = np.log(series.values) if positive else series.values
    when = np.asarray(times, float)
    middle, deviation = _walk(series.times, base, when)
    values = np.exp(middle) if positive else middle
    sigma = values * np.sqrt(np.expm1(deviation**2)) if positive else deviation
    return ObservedSeries(
        f"{PREFIX}{series.name}", when, values, series.unit, np.maximum(sigma, 1e-12),
        series.frequency, source=f"random walk with drift through {series.name}",
        licence=series.licence, note="computed, not measured", estimated=True,
    )  # fmt: skip


def with_estimates(observations: Observations, estimates: Sequence[ObservedSeries]) -> Observations:
    """The observations and, under names of their own, the estimates.

    **Raises:** `UserError` for an estimate that is not flagged or not named as one.
    """
    for one in estimates:
        if not one.estimated or not one.name.startswith(PREFIX):
            raise UserError(f"series {one.name!r}", "no estimate", f"estimated, named {PREFIX}...",
                            "estimates never take the place of observations")  # fmt: skip
    return Observations([*observations.values(), *estimates])


def _walk(t: np.ndarray, x: np.ndarray, when: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation of a Wiener process with drift, given its values `x` at `t`."""
    gaps, span = np.diff(t), t[-1] - t[0]
    drift = (x[-1] - x[0]) / span
    variance = float(np.sum((np.diff(x) - drift * gaps) ** 2 / gaps)) / max(len(gaps) - 1, 1)
    middle = np.interp(when, t, x)
    before, after = np.maximum(t[0] - when, 0), np.maximum(when - t[-1], 0)
    middle = middle + drift * (after - before)
    i = np.clip(np.searchsorted(t, when, side="right") - 1, 0, len(t) - 2)
    left, right = np.clip(when - t[i], 0, None), np.clip(t[i + 1] - when, 0, None)
    inside = (when >= t[0]) & (when <= t[-1])
    beyond = before + after
    spread = np.where(inside, left * right / (left + right), beyond + beyond**2 / span)
    return middle, np.sqrt(variance * spread)


def _quoted(figure: _Figure) -> bool:
    """Whether the number stands in the quotation, in any way of writing thousands."""
    wanted = f"{figure.value:g}"
    for text in _NUMBER.findall(figure.quote):
        plain = re.sub(r"[ ,\u00a0\u202f](?=\d{3}\b)", "", text).replace(",", ".")
        try:
            if f"{float(plain):g}" == wanted:
                return True
        except ValueError:
            continue
    return False


def _none(quantity: str, found: str) -> NoFigures:
    return NoFigures(f"figures of {quantity!r}", found, "at least one with its source",
                     "use `interpolate`, or give the data")  # fmt: skip
