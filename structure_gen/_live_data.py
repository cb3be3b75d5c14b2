"""Data for quantities that the catalogue does not measure: searched among the World Bank's
indicators and kept in the cache with source and licence. Nobody wrote a list of what fits what."""

from __future__ import annotations

import asyncio

from structure_gen._answers import Quantity
from structure_gen._draft import Draft, Measured
from structure_gen._mapping import alike, convertible, country_code, matching, offered, tokens
from structure_gen._stage_job import StageJob
from wmjax._errors import DataError
from wmjax.series import (
    CatalogueEntry,
    Indicator,
    ObservedSeries,
    fetch_world_bank,
    world_bank_indicators,
)


_ALIKE = 0.5  # shared words over all words: a wrong series is worse than none
_FEWEST = 8  # values of a series that is worth keeping


async def search_live(draft: Draft, job: StageJob) -> None:
    """For every quantity without a series, the indicator whose name says the same, of the actor's
    economy; `draft.mapped` holds what was found. Without a network the rest goes on."""
    try:
        known = await asyncio.to_thread(world_bank_indicators)
    except DataError as error:
        job.ledger.missing("data", "World Bank", f"{error.found}: {error.place}")
        return
    wanted = [(m, q, code) for m in draft.measured if (code := economy(m))
              for q in m.quantities if is_open(draft, m, q)]  # fmt: skip
    for one in wanted:  # one after the other: the Bank's client is not made for several at once
        await _look(draft, *one, known, job)


def economy(m: Measured) -> str | None:
    """The Bank's code of an actor that is a country or the world."""
    return "WLD" if m.actor.category == "world" else country_code(m.actor.name)


def is_open(draft: Draft, m: Measured, q: Quantity) -> bool:
    """Whether neither the catalogue nor a live source measures a quantity."""
    if m.name(q.name) in draft.mapped:
        return False
    among = offered(m.actor.name, m.actor.category, draft.words)
    return not q.series and not matching(q.name, q.meaning, q.unit, among)


async def _look(
    draft: Draft, m: Measured, q: Quantity, code: str, known: tuple[Indicator, ...], job: StageJob
) -> None:
    found = likeliest(q, known)
    if found is None:
        return
    span = (max(draft.scope.start_year, 1960), min(draft.scope.end_year, 2100))
    try:
        table = await asyncio.to_thread(fetch_world_bank, found.code, code, *span)
    except DataError as error:
        job.ledger.missing("data", m.name(q.name), f"{found.code}: {error.found}")
        return
    (series,) = table.values()
    if len(series) >= _FEWEST and convertible(series.unit, q.unit):
        draft.mapped[m.name(q.name)] = _entry(series, found)


def likeliest(q: Quantity, known: tuple[Indicator, ...]) -> Indicator | None:
    """The indicator whose name shares the most words with the quantity, if it shares enough."""
    said = tokens(q.name)
    best = max(known, key=lambda i: alike(said, tokens(i.name)), default=None)
    close = 0.0 if best is None else alike(said, tokens(best.name))
    return best if close >= _ALIKE else None


def _entry(series: ObservedSeries, found: Indicator) -> CatalogueEntry:
    first, last = float(series.times[0]), float(series.times[-1])
    return CatalogueEntry(series.name, series.unit, first, last, len(series), series.source,
                          series.licence, series.note, found.name)  # fmt: skip
