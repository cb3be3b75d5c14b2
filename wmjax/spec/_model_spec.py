"""The structure of a world as a value."""

from __future__ import annotations

import hashlib
import json
from typing import Annotated, Any

from pydantic import Field, model_validator

from wmjax.spec._actor import Actor, Lever
from wmjax.spec._check import Check
from wmjax.spec._connection import Connection
from wmjax.spec._dimension import Dimension
from wmjax.spec._dimension import Field as ContinuousField
from wmjax.spec._document import Document, FrozenDict, Mapping, Name, UnitText
from wmjax.spec._event import Event
from wmjax.spec._provenance import Provenance
from wmjax.spec._time_axis import TimeAxis
from wmjax.spec._variable import Stock, Variable


FORMAT = 1
"""Version of the file format that this code writes."""


class ModelSpec(Document):
    """The structure of a world: a document that can be checked, compared, stored and drawn."""

    wmjax: Annotated[int, Field(ge=FORMAT, le=FORMAT)] = FORMAT
    name: Annotated[str, Field(min_length=1, max_length=200)]
    description: str = ""
    time: TimeAxis = TimeAxis()
    units: Mapping[str, UnitText] = Field(default_factory=FrozenDict)
    """Units of this model: `{GtCO2: "44/12 GtC"}`; an empty text makes a new base unit."""
    dimensions: Mapping[Name, Dimension] = Field(default_factory=FrozenDict)
    fields: Mapping[Name, ContinuousField] = Field(default_factory=FrozenDict)
    variables: Mapping[Name, Variable]
    actors: tuple[Actor, ...] = ()
    levers: Mapping[Name, Lever] = Field(default_factory=FrozenDict)
    connections: tuple[Connection, ...] = ()
    events: tuple[Event, ...] = ()
    checks: tuple[Check, ...] = ()
    provenance: Provenance = Provenance()

    @model_validator(mode="after")
    def _check(self) -> ModelSpec:
        both = sorted(set(self.dimensions) & set(self.fields))
        if both:
            raise ValueError(f"both a dimension and a field: {', '.join(both)}")
        return self

    def elements(self, dimension: str) -> tuple[str, ...]:
        """The elements of a dimension, a field or an alias.

        **Raises:** `KeyError` if there is no such dimension.
        """
        if dimension in self.fields:
            return self.fields[dimension].elements
        found = self.dimensions[dimension]
        seen = {dimension}
        while found.alias is not None:
            if found.alias in seen:
                raise KeyError(dimension)
            seen.add(found.alias)
            if found.alias in self.fields:
                return self.fields[found.alias].elements
            found = self.dimensions[found.alias]
        return found.elements

    def filled_stock(self, flow: str) -> str | None:
        """The stock without dimensions that a flow fills; None if there is none, or another one."""
        stocks = [(n, v) for n, v in self.variables.items() if isinstance(v, Stock)]
        filled = [n for n, v in stocks if flow in v.inflows and not v.dims]
        return filled[0] if len(filled) == 1 else None

    def to_dict(self) -> dict[str, Any]:
        """Plain data, defaults left out, as it stands in a file."""
        data = self.model_dump(mode="json", by_alias=True, exclude_defaults=True)
        return {"wmjax": self.wmjax, **data}

    @property
    def hash(self) -> str:
        """SHA-256 of the content; the order of mappings does not matter."""
        text = json.dumps(self.to_dict(), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()
