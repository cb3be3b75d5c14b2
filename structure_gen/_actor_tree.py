"""The scope of a world, and its actors level by level."""

from __future__ import annotations

import asyncio

from structure_gen._answers import ActorIdea, Scope
from structure_gen._brief import Brief
from structure_gen._draft import Draft, Measured
from structure_gen._mapping import largest_economies
from structure_gen._slug import slug
from structure_gen._stage_job import StageJob
from structure_gen._style import Style
from structure_gen._terse import Terse
from wmjax.spec import Actor


_OF_LEVEL = {
    2: {"country", "society"},
    3: {"company", "industry", "science", "activist", "subsociety"},
    4: {"politician", "celebrity", "science", "activist"},
}


async def scope_of(brief: Brief, style: Style, job: StageJob) -> Scope:
    """What the brief states outranks the answer; what it states wholly is not asked."""
    stated = (brief.start, brief.end, brief.resolution, brief.depth)
    if isinstance(style, Terse) and None not in stated:
        return _decided(brief, None)
    return _decided(brief, await job.ask("scope", "scope", style.scope(), brief=brief.text))


def _decided(brief: Brief, answer: Scope | None) -> Scope:
    """Plain choices stand where both the brief and the answer say nothing."""
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


async def grow(draft: Draft, level: int, job: StageJob) -> None:
    """The actors of a level, under each actor of the level above."""
    parents = [m.actor for m in draft.measured if m.actor.level == level - 1]
    job.expect(len(parents))
    known = [m.actor.name for m in draft.measured]
    brief = draft.brief
    answers = await asyncio.gather(*(
        job.ask(
            "actors", f"{level} {p.name}", draft.style.actors(level, brief.breadth), actor=p.name,
            prompt=f"actors{level}", brief=brief.text, themes=draft.scope.themes, parent=p.name,
            known=known, breadth=brief.breadth,
        )
        for p in parents
    ))  # fmt: skip
    taken = {slug(n).lower() for n in known}
    for parent, answer in zip(parents, answers, strict=True):
        for i, idea in enumerate(answer.actors if answer else ()):
            reason = _refusal(idea, level, taken, i >= brief.breadth)
            if reason:
                job.ledger.reject(idea, "actors", idea.name, reason)
                continue
            taken.add(slug(idea.name).lower())
            draft.measured.append(Measured(_actor(idea, level, parent.name), idea))
    if level == 2 and isinstance(draft.style, Terse) and len(draft.measured) == len(known):
        _stand_in(draft, job)


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


def _stand_in(draft: Draft, job: StageJob) -> None:
    """Where a small model named nobody: the largest economies of the catalogue."""
    for name in largest_economies(draft.brief.breadth):
        draft.measured.append(Measured(Actor(
            name=name, category="country", level=2, parent=draft.measured[0].actor.name,
            influence=0.5, reasoning="one of the largest economies of the catalogue",
        )))  # fmt: skip
    job.ledger.missing("actors", "2", "no usable answer: the largest economies stand in")
