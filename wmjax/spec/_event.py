"""Something that happens to a world at a stated time."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, FiniteFloat, NonNegativeFloat, PositiveFloat, model_validator

from wmjax.spec._document import Document


EventKind = Literal[
    "war", "policy", "resource", "disaster", "breakthrough", "election", "trend", "scandal", "other"
]


class Effect(Document):
    """What an event does to one variable while it lasts: multiply, add or set."""

    target: str
    multiply: FiniteFloat | None = None
    add: FiniteFloat | None = None
    set: FiniteFloat | None = None

    @model_validator(mode="after")
    def _check(self) -> Effect:
        if sum(x is not None for x in (self.multiply, self.add, self.set)) != 1:
            raise ValueError("wanted exactly one of multiply, add, set")
        return self


class Event(Document):
    """An event from `start` on, for `duration` (for ever if absent).

    It comes into force over `ramp` units of time, and ends at once. An effect of strength s
    multiplies by `1 + s (multiply - 1)`, adds `s add`, or moves the value to `set` by the share s.
    """

    name: Annotated[str, Field(min_length=1)]
    kind: EventKind = "other"
    start: FiniteFloat
    duration: PositiveFloat | None = None
    ramp: NonNegativeFloat = 0.0
    effects: tuple[Effect, ...] = ()
    doc: str = ""
    source: str = ""
