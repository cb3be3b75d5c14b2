"""What a language model answers at each stage: flat, with whole numbers for percentages.

Small models that decode under a grammar can write these, and both hosted vendors accept the
schemas. Bounds are checked here whatever the vendor promised.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, FiniteFloat

from structure_gen._brief import Resolution
from wmjax.llm import Percent, one_line
from wmjax.spec._event import EventKind
from wmjax.spec._variable import Group


Line = Annotated[str, AfterValidator(one_line)]
Short = Annotated[Line, Field(max_length=80)]
Reason = Annotated[Line, Field(max_length=400)]
Year = Annotated[int, Field(ge=1, le=3000)]
Years = Annotated[int, Field(ge=0, le=500)]
Form = Literal["linear", "elasticity", "saturating", "threshold", "delay", "lookup", "diffusion"]
Category = Literal[
    "country", "company", "society", "subsociety", "celebrity", "industry", "activist", "science",
    "politician",
]  # fmt: skip
Kind = Literal["stock", "auxiliary", "constant"]


class _Answer(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Scope(_Answer):
    """What the world is about: dates, resolution, how deep the actors go."""

    title: Annotated[Line, Field(min_length=1, max_length=120)]
    start_year: Year
    end_year: Year
    resolution: Resolution
    depth: Annotated[int, Field(ge=1, le=4)]
    themes: Annotated[list[Short], Field(max_length=12)]


class ActorIdea(_Answer):
    name: Annotated[Line, Field(min_length=1, max_length=80)]
    category: Category
    influence_percent: Percent
    mandate: Reason
    reasoning: Reason


class Actors(_Answer):
    """The actors under one parent."""

    actors: Annotated[list[ActorIdea], Field(max_length=50)]


class Quantity(_Answer):
    """Something of an actor that can be measured; `part_of` names the one it is a component of."""

    name: Annotated[Line, Field(min_length=1, max_length=60)]
    group: Group
    kind: Kind
    unit: Short
    value: FiniteFloat
    uncertainty_percent: Annotated[int, Field(ge=0, le=1000)]
    part_of: Short
    series: Line
    """Id of the catalogue that measures it; empty for none."""
    meaning: Reason


class Quantities(_Answer):
    """The quantities of one actor."""

    quantities: Annotated[list[Quantity], Field(max_length=60)]


class Effect(_Answer):
    target: Line
    change_percent: Annotated[int, Field(ge=-100, le=1000)]


class Condition(_Answer):
    name: Annotated[Line, Field(min_length=1, max_length=80)]
    kind: EventKind
    year: Year
    duration_years: Years
    effects: Annotated[list[Effect], Field(max_length=8)]
    reasoning: Reason


class Conditions(_Answer):
    """What may happen to the world from outside."""

    conditions: Annotated[list[Condition], Field(max_length=40)]


class ActionIdea(_Answer):
    """How far one decision moves a constant up or down, in percent of its value; holding moves
    nothing. `cost_percent`: of the value moved."""

    quantity: Line
    step_percent: Annotated[int, Field(ge=1, le=100)]
    lower_percent: Annotated[int, Field(ge=0, le=100)]
    upper_percent: Annotated[int, Field(ge=101, le=1000)]
    mechanism: Reason
    cost_percent: Percent


class Actions(_Answer):
    """What one actor can decide."""

    actions: Annotated[list[ActionIdea], Field(max_length=20)]


class LinkIdea(_Answer):
    source: Line
    target: Line
    polarity: Literal["+", "-"]
    form: Form
    delay_years: Years
    reasoning: Reason


class Links(_Answer):
    """What acts on the quantities of one actor."""

    links: Annotated[list[LinkIdea], Field(max_length=40)]


class EquationIdea(_Answer):
    quantity: Line
    equation: Annotated[Line, Field(max_length=500)]


class Equations(_Answer):
    """Equations of one actor: of a stock, its net change a year; of an auxiliary, its value."""

    equations: Annotated[list[EquationIdea], Field(max_length=60)]
