"""The stages of a generation: what is asked, of whom, and in which order.

Questions about different actors of one stage are asked at the same time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, Literal

from structure_gen._actor_tree import grow, scope_of
from structure_gen._answers import Quantities
from structure_gen._brief import Brief
from structure_gen._draft import Draft, Measured
from structure_gen._live_data import search_live
from structure_gen._mapping import offered
from structure_gen._parts import decomposed
from structure_gen._slug import slug
from structure_gen._stage_job import StageJob
from structure_gen._stand_ins import stand_in
from structure_gen._style import Style
from structure_gen._terse import Terse
from structure_gen._web_data import search_web
from wmjax.spec import Actor


MOST_NAMES = 150
"""In one schema: longer grammars slow local models down."""

_ROOT = "World"


Source = Literal["catalogue", "world_bank", "web_search"]
"""Where data may come from."""


async def drafted(brief: Brief, job: StageJob, style: Style, sources: Sequence[Source]) -> Draft:
    """Asks through all stages; what is not answered is missing in the draft."""
    scope = await scope_of(brief, style, job)
    world = Actor(name=_ROOT, category="world", level=1, influence=1.0)
    found = Draft(brief, scope, [Measured(world)], style)
    found.measured += [Measured(a) for a in brief.actors if a.level > 1]
    for level in range(2, scope.depth + 1):
        await grow(found, level, job)
    await _quantities(found, job)
    for depth in range(2, brief.parts + 1):
        await decomposed(found, depth, job)
    if "world_bank" in sources:
        await search_live(found, job)
    if "web_search" in sources:
        await search_web(found, job)
    await asyncio.gather(
        _conditions(found, job), _actions(found, job), _links(found, job), _equations(found, job)
    )
    return found


async def _quantities(draft: Draft, job: StageJob) -> None:
    job.expect(len(draft.measured))
    await asyncio.gather(*(_quantities_of(m, draft, job) for m in draft.measured))


async def _quantities_of(m: Measured, draft: Draft, job: StageJob) -> None:
    brief, scope, style = draft.brief, draft.scope, draft.style
    series = offered(m.actor.name, m.actor.category, draft.words)
    answer = await job.ask(
        "quantities", m.actor.name, style.quantities(series, scope.start_year, brief.quantities),
        actor=m.actor.name, brief=brief.text, themes=scope.themes, start=scope.start_year,
        actor_name=m.actor.name, parts=min(brief.parts, 1), most=brief.quantities,
        series=style.shown(series),
    )  # fmt: skip
    take(m, answer, brief.quantities, job)
    if not m.quantities and isinstance(style, Terse):
        m.quantities += stand_in(m.actor.name, series, scope.start_year, brief.quantities, job)


def take(m: Measured, answer: Quantities | None, most: int, job: StageJob) -> None:
    """Adds the quantities of an answer, each name once."""
    seen = {slug(q.name).lower() for q in m.quantities}
    for i, q in enumerate(answer.quantities if answer else ()):
        if not slug(q.name) or slug(q.name).lower() in seen or i >= most:
            name = f"{m.actor.name}.{q.name}"
            job.ledger.reject(q, "quantities", name, "named twice, or more than were asked for")
            continue
        seen.add(slug(q.name).lower())
        m.quantities.append(q)


async def _conditions(draft: Draft, job: StageJob) -> None:
    if not draft.brief.conditions:
        return
    job.expect(1)
    names, span = draft.names[:MOST_NAMES], (draft.scope.start_year, draft.scope.end_year)
    draft.conditions = await job.ask(
        "conditions", "conditions", draft.style.conditions(names, span), brief=draft.brief.text,
        names=names, start=span[0], end=span[1], most=draft.brief.conditions,
    )  # fmt: skip


async def _actions(draft: Draft, job: StageJob) -> None:
    able = [m for m in draft.measured if m.constants]
    job.expect(len(able))
    await asyncio.gather(*(_actions_of(m, draft.style, job) for m in able))


async def _actions_of(m: Measured, style: Style, job: StageJob) -> None:
    held = [[m.name(q.name), q.unit, q.meaning] for q in m.constants]
    m.actions = await job.ask(
        "actions", m.actor.name, style.actions([h[0] for h in held]), actor=m.actor.name,
        parameter=about([h[0] for h in held]),
        actor_name=m.actor.name, mandate=m.actor.mandate, constants=held,
    )  # fmt: skip


def about(names: Sequence[str]) -> str:
    """What a call was for, as it stands in the log and in the costs by parameter."""
    text = ", ".join(names)
    return text if len(text) <= 200 else f"{text[:197]}..."


async def _links(draft: Draft, job: StageJob) -> None:
    able = [m for m in draft.measured if m.quantities]
    job.expect(len(able))
    names = draft.names
    await asyncio.gather(*(_links_of(m, names, draft, job) for m in able))


async def _links_of(m: Measured, names: Sequence[str], draft: Draft, job: StageJob) -> None:
    own = m.names
    sources = [*own, *(n for n in names if n not in set(own))][:MOST_NAMES]
    m.links = await job.ask(
        "links", m.actor.name, draft.style.links(sources, own), actor=m.actor.name,
        parameter=about(own),
        actor_name=m.actor.name, brief=draft.brief.text, sources=sources, targets=own,
        most=2 * len(own),
    )  # fmt: skip


async def _equations(draft: Draft, job: StageJob) -> None:
    able = [m for m in draft.measured if m.equated]
    if draft.style.equations(1) is None:
        job.ledger.missing("equations", "all", f"not asked in the style {draft.style.name!r}: "
                           "known forms, chosen by data")  # fmt: skip
        return
    job.expect(len(able))
    names = draft.described
    await asyncio.gather(*(
        _equations_of(m, [m.name(q.name) for q in m.equated], names, draft.style, job)
        for m in able
    ))  # fmt: skip


async def _equations_of(
    m: Measured, wanted: list[str], names: list[Any], style: Style, job: StageJob
) -> None:
    question = style.equations(len(wanted))
    if question is None:
        return
    own = set(m.names)
    near = [n for n in names if n[0] in own] + [n for n in names if n[0] not in own]
    m.equations = await job.ask(
        "equations", m.actor.name, question, actor=m.actor.name, parameter=about(wanted),
        quantities=near[:MOST_NAMES],
        wanted=wanted, issues=[],
    )  # fmt: skip
