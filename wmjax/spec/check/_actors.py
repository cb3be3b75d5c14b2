"""Actors: their tree, and what they own."""

from __future__ import annotations

from collections.abc import Iterator

from wmjax.spec._actor import Actor
from wmjax.spec._issue import Issue
from wmjax.spec._names import spelling_hint
from wmjax.spec.check._codes import issue
from wmjax.spec.check._context import Context


def actor_issues(context: Context) -> Iterator[Issue]:
    """Parents that do not exist, stand no higher or are their own descendants; things owned that
    do not exist."""
    actors = {actor.name: actor for actor in context.spec.actors}
    circles: set[str] = set()
    for actor in context.spec.actors:
        path = f"actors.{actor.name}"
        yield from _parent(context, path, actor, actors)
        circle = _circle(actor.name, actors)
        if circle and actor.name not in circles:
            circles |= set(circle)
            yield issue("actor-parent", f"{path}.parent",
                        f"the parents go round in a circle: {' -> '.join(circle)}",
                        "give one of them another parent, or none")  # fmt: skip
        for i, name in enumerate(actor.parameters):
            yield from context.target(name, f"{path}.parameters[{i}]", "actor-owns")
        for i, name in enumerate(actor.levers):
            if name not in context.spec.levers and name not in context.lost:
                yield issue(
                    "actor-owns",
                    f"{path}.levers[{i}]",
                    f"there is no lever {name!r}",
                    spelling_hint(name, context.spec.levers, "define it under levers"),
                )


def _parent(context: Context, path: str, actor: Actor, actors: dict[str, Actor]) -> Iterator[Issue]:
    name = actor.parent
    if name is None or name == actor.name:
        return
    if name in actors:
        above, own = actors[name].level, actor.level
        if above >= own:
            yield issue(
                "actor-level", f"{path}.parent",
                f"{name!r} has level {above}, {actor.name!r} level {own}; a parent stands above: "
                "a smaller number", "correct a level, or the parent",
                "error" if above > own else "warning",
            )  # fmt: skip
    elif name not in context.lost:
        yield issue("actor-parent", f"{path}.parent", f"there is no actor {name!r}",
                    spelling_hint(name, actors, "define it, or leave parent out"))  # fmt: skip


def _circle(name: str, actors: dict[str, Actor]) -> list[str]:
    """The way from an actor up to itself, if there is one."""
    way = [name]
    while True:
        parent = actors[way[-1]].parent if way[-1] in actors else None
        if parent is None or (parent in way and parent != name):
            return []
        way.append(parent)
        if parent == name:
            return way
