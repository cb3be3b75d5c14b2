"""The answers of a generation, actor by actor."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, final

from structure_gen._answers import (
    Actions,
    ActorIdea,
    Conditions,
    Equations,
    Links,
    Quantity,
    Scope,
)
from structure_gen._brief import Brief
from structure_gen._slug import slug
from structure_gen._style import Style
from wmjax.series import CatalogueEntry, ObservedSeries
from wmjax.spec import Actor


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

    @property
    def constants(self) -> list[Quantity]:
        """What the actor can decide about."""
        return [q for q in self.quantities if q.kind == "constant"]

    @property
    def equated(self) -> list[Quantity]:
        """What needs an equation: no constants, and no sums of components."""
        whole = {slug(q.part_of) for q in self.quantities if q.part_of}
        return [q for q in self.quantities if q.kind != "constant" and slug(q.name) not in whole]


@final
@dataclass
class Draft:
    """All answers of a generation, and in which style they were asked for; `mapped`: by variable,
    the series that a live search turned up; `looked_up`: estimates of present values."""

    brief: Brief
    scope: Scope
    measured: list[Measured]
    style: Style
    conditions: Conditions | None = None
    mapped: dict[str, CatalogueEntry] = field(default_factory=dict)
    looked_up: dict[str, ObservedSeries] = field(default_factory=dict)

    @property
    def words(self) -> str:
        """What the world is about."""
        return " ".join((self.brief.text, *self.scope.themes))

    @property
    def names(self) -> list[str]:
        return [n for m in self.measured for n in m.names]

    @property
    def described(self) -> list[Any]:
        """Name, kind, unit and meaning of every quantity."""
        return [[m.name(q.name), q.kind, q.unit, q.meaning[:100]]
                for m in self.measured for q in m.quantities]  # fmt: skip
