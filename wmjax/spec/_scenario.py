"""A world that differs from the baseline in stated ways."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, FiniteFloat, model_validator

from wmjax.spec._document import Document, FrozenDict, Mapping
from wmjax.spec._event import Event
from wmjax.spec._variable import Value


class SeriesPath(Document):
    """A path given for an exogenous series."""

    times: tuple[FiniteFloat, ...]
    values: tuple[FiniteFloat, ...]

    @model_validator(mode="after")
    def _check(self) -> SeriesPath:
        if len(self.times) != len(self.values) or not self.times:
            raise ValueError(f"{len(self.times)} times and {len(self.values)} values")
        if any(b <= a for a, b in zip(self.times, self.times[1:], strict=False)):
            raise ValueError("times must rise")
        return self


class Scenario(Document):
    """Changes of parameters, events and exogenous series; of a lookup, `parameters` gives its y
    values, one for each of its points."""

    name: Annotated[str, Field(min_length=1)]
    description: str = ""
    parameters: Mapping[str, Value] = Field(default_factory=FrozenDict)
    events: tuple[Event, ...] = ()
    series: Mapping[str, SeriesPath] = Field(default_factory=FrozenDict)
