"""Quantities decomposed into constituents, one level of the tree after the other."""

from __future__ import annotations

import asyncio

from structure_gen._answers import Quantity
from structure_gen._draft import Draft, Measured
from structure_gen._slug import slug
from structure_gen._stage_job import StageJob


async def decomposed(draft: Draft, depth: int, job: StageJob) -> None:
    """Asks of every actor for the constituents of its quantities at the depth above."""
    able = [(m, found) for m in draft.measured if (found := at_depth(m, depth - 1))]
    job.expect(len(able))
    await asyncio.gather(*(_parts_of(m, found, depth, draft, job) for m, found in able))


async def _parts_of(
    m: Measured, wholes: list[Quantity], depth: int, draft: Draft, job: StageJob
) -> None:
    most = draft.brief.quantities
    question = draft.style.parts([q.name for q in wholes], most)
    if question is None:
        return
    answer = await job.ask(
        "parts", f"{depth} {m.actor.name}", question, actor=m.actor.name,
        parameter=", ".join(m.name(q.name) for q in wholes)[:200],
        actor_name=m.actor.name, brief=draft.brief.text, start=draft.scope.start_year, most=most,
        wholes=[[q.name, q.kind, q.unit, q.value, q.meaning[:100]] for q in wholes],
    )  # fmt: skip
    names = {slug(q.name).lower() for q in wholes}
    seen, counts = {slug(q.name).lower() for q in m.quantities}, dict.fromkeys(names, 0)
    for q in answer.quantities if answer else ():
        name, whole = slug(q.name).lower(), slug(q.part_of).lower()
        if not name or name in seen or whole not in names or counts[whole] >= most:
            job.ledger.reject(q, "parts", f"{m.actor.name}.{q.name}",
                              "named twice, part of nothing asked, or too many")  # fmt: skip
            continue
        seen.add(name)
        counts[whole] += 1
        m.quantities.append(q)


def at_depth(m: Measured, depth: int) -> list[Quantity]:
    """The quantities of an actor that are so many levels below a whole."""
    known = {slug(q.name).lower(): q for q in m.quantities}
    return [q for q in m.quantities if depth_of(q, known) == depth]


def depth_of(q: Quantity, known: dict[str, Quantity]) -> int | None:
    """How far below its topmost whole a quantity stands; None in a circle."""
    seen = {slug(q.name).lower()}
    depth = 0
    while (whole := known.get(slug(q.part_of).lower())) is not None:
        q, depth = whole, depth + 1
        if slug(q.name).lower() in seen:
            return None
        seen.add(slug(q.name).lower())
    return depth
