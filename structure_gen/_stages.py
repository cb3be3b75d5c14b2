"""The stages of a generation: what is asked, of whom, and in which order.

Questions about different actors of one stage are asked at the same time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, final

import pydantic
from pydantic import Field

from structure_gen._answers import (
    Actions,
    ActorIdea,
    Actors,
    Conditions,
    Equations,
    LinkIdea,
    Links,
    Quantities,
    Quantity,
    Scope,
)
from structure_gen._brief import Brief
from structure_gen._mapping import offered
from structure_gen._slug import slug
from structure_gen._stage_job import StageJob
from wmjax.spec import Actor


_ROOT = "World"
_MOST_NAMES = 150  # in one schema: longer grammars slow local models down
_OF_LEVEL = {
    2: {"country", "society"},
    3: {"company", "industry", "science", "activist", "subsociety"},
    4: {"politician", "celebrity", "science", "activist"},
}


@final
@dataclass
class Measured:
    """An actor with what was answered about it."""

    actor: Actor
    idea: ActorIdea | None = None
    quantities: list[Quantity] = field(default_factory=list)
    actions: Actions | None = None
    links: Links | None = None
    equations: Equations | None = None

    def name(self, quantity: str) -> str:
        """The variable of a quantity: `China.trade`."""
        return f"{slug(self.actor.name)}.{slug(quantity)}"

    @property
    def names(self) -> list[str]:
        return [self.name(q.name) for q in self.quantities]


@final
@dataclass
class Draft:
    """All answers of a generation."""

    brief: Brief
    scope: Scope
    measured: list[Measured]
    conditions: Conditions | None = None

    @property
    def names(self) -> list[str]:
        return [n for m in self.measured for n in m.names]


async def drafted(brief: Brief, job: StageJob) -> Draft:
    """Asks through all stages; what is not answered is missing in the draft."""
    scope = _decided(brief, await _scope(brief, job))
    found = Draft(brief, scope, [Measured(_world())])
    found.measured += [Measured(a) for a in brief.actors if a.level > 1]
    for level in range(2, scope.depth + 1):
        await _actors(found, level, job)
    await _quantities(found, job)
    await asyncio.gather(
        _conditions(found, job), _actions(found, job), _links(found, job), _equations(found, job)
    )
    return found


async def _scope(brief: Brief, job: StageJob) -> Scope | None:
    return await job.ask("scope", "scope", Scope, 400, brief=brief.text)


def _decided(brief: Brief, answer: Scope | None) -> Scope:
    """What the brief states outranks the answer; plain choices stand where both say nothing."""
    if answer is None:
        answer = Scope(title=brief.text[:60], start_year=1960, end_year=2060, resolution="yearly",
                       depth=2, themes=[])  # fmt: skip
    given = {"start_year": brief.start, "end_year": brief.end, "resolution": brief.resolution,
             "depth": brief.depth}  # fmt: skip
    decided = answer.model_copy(update={k: v for k, v in given.items() if v is not None})
    if not 5 <= decided.end_year - decided.start_year <= 1000:
        start = brief.start or 1960
        span = {"start_year": start, "end_year": brief.end or start + 100}
        return decided.model_copy(update=span)
    return decided


def _world() -> Actor:
    return Actor(name=_ROOT, category="world", level=1, influence=1.0)


async def _actors(draft: Draft, level: int, job: StageJob) -> None:
    """The actors of a level, under each actor of the level above."""
    parents = [m.actor for m in draft.measured if m.actor.level == level - 1]
    job.expect(len(parents))
    known = [m.actor.name for m in draft.measured]
    answers = await asyncio.gather(*(
        job.ask(
            "actors", f"{level} {p.name}", Actors, 120 * draft.brief.breadth, actor=p.name,
            prompt=f"actors{level}", brief=draft.brief.text, themes=draft.scope.themes,
            parent=p.name, known=known, breadth=draft.brief.breadth,
        )
        for p in parents
    ))  # fmt: skip
    taken = {slug(n).lower() for n in known}
    for parent, answer in zip(parents, answers, strict=True):
        for i, idea in enumerate(answer.actors if answer else ()):
            reason = _refusal(idea, level, taken, i >= draft.brief.breadth)
            if reason:
                job.ledger.reject(idea, "actors", idea.name, reason)
                continue
            taken.add(slug(idea.name).lower())
            draft.measured.append(Measured(_actor(idea, level, parent.name), idea))


def _refusal(idea: ActorIdea, level: int, taken: set[str], surplus: bool) -> str:
    if not slug(idea.name) or slug(idea.name).lower() in taken:
        return "named twice"
    if idea.category not in _OF_LEVEL[level]:
        return f"{idea.category} is no category of level {level}"
    return "more actors than were asked for" if surplus else ""


def _actor(idea: ActorIdea, level: int, parent: str) -> Actor:
    return Actor(name=idea.name, category=idea.category, level=level, parent=parent,
                 influence=idea.influence_percent / 100, mandate=idea.mandate,
                 reasoning=idea.reasoning)  # fmt: skip


async def _quantities(draft: Draft, job: StageJob) -> None:
    job.expect(len(draft.measured))
    await asyncio.gather(*(_quantities_of(m, draft, job) for m in draft.measured))


async def _quantities_of(m: Measured, draft: Draft, job: StageJob) -> None:
    brief = draft.brief
    series = offered(m.actor.name, m.actor.category, " ".join(draft.scope.themes))
    most = brief.quantities
    answer = await job.ask(
        "quantities", m.actor.name, Quantities, 170 * most, actor=m.actor.name, brief=brief.text,
        themes=draft.scope.themes, start=draft.scope.start_year, actor_name=m.actor.name,
        parts=brief.parts, most=most, series=[[e.id, e.unit, e.meaning] for e in series],
    )  # fmt: skip
    seen: set[str] = set()
    for i, q in enumerate(answer.quantities if answer else ()):
        if not slug(q.name) or slug(q.name).lower() in seen or i >= most:
            name = f"{m.actor.name}.{q.name}"
            job.ledger.reject(q, "quantities", name, "named twice, or more than were asked for")
            continue
        seen.add(slug(q.name).lower())
        m.quantities.append(q)


async def _conditions(draft: Draft, job: StageJob) -> None:
    job.expect(1)
    names = draft.names[:_MOST_NAMES]
    draft.conditions = await job.ask(
        "conditions", "conditions", Conditions, 1500, brief=draft.brief.text, names=names,
        start=draft.scope.start_year, end=draft.scope.end_year,
    )  # fmt: skip


async def _actions(draft: Draft, job: StageJob) -> None:
    able = [m for m in draft.measured if constants(m)]
    job.expect(len(able))
    await asyncio.gather(*(_actions_of(m, job) for m in able))


async def _actions_of(m: Measured, job: StageJob) -> None:
    held = constants(m)
    m.actions = await job.ask(
        "actions", m.actor.name, Actions, 150 * len(held), actor=m.actor.name,
        actor_name=m.actor.name, mandate=m.actor.mandate,
        constants=[[m.name(q.name), q.unit, q.meaning] for q in held],
    )  # fmt: skip


async def _links(draft: Draft, job: StageJob) -> None:
    able = [m for m in draft.measured if m.quantities]
    job.expect(len(able))
    names = draft.names
    await asyncio.gather(*(_links_of(m, names, draft.brief, job) for m in able))


async def _links_of(m: Measured, names: Sequence[str], brief: Brief, job: StageJob) -> None:
    own = m.names
    sources = [*own, *(n for n in names if n not in set(own))][:_MOST_NAMES]
    m.links = await job.ask(
        "links", m.actor.name, restricted_links(sources, own), 110 * max(2 * len(own), 4),
        actor=m.actor.name, actor_name=m.actor.name, brief=brief.text, sources=sources,
        targets=own, most=2 * len(own),
    )  # fmt: skip


async def _equations(draft: Draft, job: StageJob) -> None:
    able = [m for m in draft.measured if equated(m)]
    job.expect(len(able))
    names = described(draft)
    await asyncio.gather(*(
        _equations_of(m, [m.name(q.name) for q in equated(m)], names, job) for m in able
    ))  # fmt: skip


async def _equations_of(m: Measured, wanted: list[str], names: list[Any], job: StageJob) -> None:
    own = set(m.names)
    near = [n for n in names if n[0] in own] + [n for n in names if n[0] not in own]
    m.equations = await job.ask(
        "equations", m.actor.name, Equations, 90 * len(wanted) + 60, actor=m.actor.name,
        quantities=near[:_MOST_NAMES], wanted=wanted, issues=[],
    )  # fmt: skip


def restricted_links(sources: Sequence[str], targets: Sequence[str]) -> type[Links]:
    """The answer type in which only these names can be written."""
    names: dict[str, Any] = {"source": (_one_of(sources), ...), "target": (_one_of(targets), ...)}
    idea = pydantic.create_model("LinkIdea", __base__=LinkIdea, **names)
    ideas: Any = Annotated[list[idea], Field(max_length=40)]
    return pydantic.create_model("Links", __base__=Links, links=(ideas, ...))


def described(draft: Draft) -> list[Any]:
    """Name, kind, unit and meaning of every quantity."""
    return [[m.name(q.name), q.kind, q.unit, q.meaning[:100]]
            for m in draft.measured for q in m.quantities]  # fmt: skip


def constants(m: Measured) -> list[Quantity]:
    """What an actor can decide about."""
    return [q for q in m.quantities if q.kind == "constant"]


def equated(m: Measured) -> list[Quantity]:
    """What needs an equation: no constants, and no sums of components."""
    whole = {slug(q.part_of) for q in m.quantities if q.part_of}
    return [q for q in m.quantities if q.kind != "constant" and slug(q.name) not in whole]


def _one_of(names: Iterable[str]) -> Any:
    listed = tuple(dict.fromkeys(names))
    return Literal[listed] if listed else str
