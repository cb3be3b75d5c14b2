"""Who acts in a world."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, FiniteFloat, model_validator

from wmjax.spec._document import Document, Equation, Interval, Names, UnitText


Category = Literal[
    "world", "country", "company", "society", "subsociety", "celebrity", "industry", "activist",
    "science", "politician",
]


class Actor(Document):
    """An actor on one of four levels.

    Levels: 1 the world; 2 countries and blocs; 3 companies, industries, movements; 4 individuals.
    """

    name: Annotated[str, Field(min_length=1, max_length=200)]
    category: Category
    level: Annotated[int, Field(ge=1, le=4)]
    parent: str | None = None
    influence: Annotated[FiniteFloat, Field(ge=0, le=1)] = 0.0
    """Judged influence on the world, 0 to 1."""
    mandate: str = ""
    reasoning: str = ""
    parameters: Names = ()
    """Variables this actor owns; an element as `gdp[China]`."""
    levers: Names = ()

    @model_validator(mode="after")
    def _check(self) -> Actor:
        if (self.category == "world") != (self.level == 1):
            found = f"{self.category} at {self.level}"
            raise ValueError(f"level 1 is for category world; found {found}")
        return self


class Lever(Document):
    """A parameter that a policy may move, with its three actions: increase, decrease and hold."""

    target: str
    bounds: Interval
    step: Annotated[FiniteFloat, Field(gt=0)]
    """How far one action moves the target, in its unit."""
    unit: UnitText = ""
    mechanism: str = ""
    cost: Equation | None = None
    """What one unit of change costs, as an expression of the model."""

    @model_validator(mode="after")
    def _check(self) -> Lever:
        if self.bounds[1] <= self.bounds[0]:
            raise ValueError("the upper bound must lie above the lower")
        return self
