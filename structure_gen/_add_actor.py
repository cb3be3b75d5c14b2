"""An actor that joins a model, with something of its own that acts on a target."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from structure_gen._edit import AddActor, AddConnection, AddVariable, Several
from structure_gen._slug import slug
from wmjax.spec import Actor, ModelSpec


class Newcomer(Protocol):
    """What an answer says of an actor, its quantity and what that acts on."""

    actor: str
    category: Any
    quantity: str
    target: str
    polarity: Any
    reasoning: str


def with_actor(
    spec: ModelSpec, idea: Newcomer, curve: Mapping[float, float], origin: str
) -> Several:
    """The actor, its quantity as a curve over time that data may correct, and the link from it to
    the target, as one edit. Where the curve is 1 nothing changes.

    **Raises:** `pydantic.ValidationError` for names that cannot be names.
    """
    name = f"{slug(idea.actor)}.{slug(idea.quantity)}"
    edits: list[Any] = [
        AddVariable.model_validate({"name": f"{name}.curve", "variable": {
            "kind": "lookup", "doc": idea.reasoning, "source": origin,
            "x": {"unit": spec.time.unit, "points": list(curve)},
            "y": {"unit": "1", "points": list(curve.values()), "trainable": True}}}),
        AddVariable.model_validate({"name": name, "variable": {
            "kind": "auxiliary", "unit": "1", "equation": f"{name}.curve(time)"}}),
        AddConnection.model_validate({"connection": {
            "from": name, "to": idea.target, "form": "elasticity", "polarity": idea.polarity,
            "reasoning": idea.reasoning, "origin": origin}}),
    ]  # fmt: skip
    if not any(a.name == idea.actor for a in spec.actors):
        edits.append(AddActor(actor=_actor(spec, idea, name)))
    return Several(edits=tuple(edits))


def _actor(spec: ModelSpec, idea: Newcomer, name: str) -> Actor:
    level = 2 if idea.category in ("country", "society") else 3
    above = next((a.name for a in spec.actors if a.level < level), None)
    return Actor(name=idea.actor, category=idea.category, level=level, parent=above,
                 reasoning=idea.reasoning, parameters=(name,))  # fmt: skip
