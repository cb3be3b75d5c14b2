"""The subscripts of arrayed variables: named elements, or cells of a continuous coordinate."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import FiniteFloat, field_validator, model_validator

from wmjax.spec._document import Document, Names, UnitText


class Dimension(Document):
    """A list of elements, or an alias of another dimension.

    In a file a plain list is enough: `region: [China, EU]`. An alias (`partner: {alias: region}`)
    has the elements of another dimension under a second name, so that `trade[region, partner]` can
    pair every region with every other. A subrange lists some elements of another dimension.
    """

    elements: Names = ()
    alias: str | None = None
    doc: str = ""

    @model_validator(mode="before")
    @classmethod
    def _from_list(cls, value: Any) -> Any:
        return {"elements": value} if isinstance(value, list | tuple) else value

    @field_validator("elements", mode="before")
    @classmethod
    def _as_text(cls, value: Any) -> Any:
        if isinstance(value, list | tuple):
            return [str(v) if isinstance(v, int) and not isinstance(v, bool) else v for v in value]
        return value

    @model_validator(mode="after")
    def _check(self) -> Dimension:
        if bool(self.elements) == (self.alias is not None):
            raise ValueError("a dimension needs either elements or an alias")
        twice = sorted({e for e in self.elements if self.elements.count(e) > 1})
        if twice:
            raise ValueError(f"elements listed twice: {', '.join(twice)}")
        return self


class Field(Document):
    """A continuous coordinate (age, distance), cut into cells of equal width.

    The cells are the elements of a dimension of the same name.
    """

    start: FiniteFloat
    end: FiniteFloat
    cells: int
    unit: UnitText = "1"
    boundary: Literal["closed", "open", "periodic"] = "closed"
    doc: str = ""

    @model_validator(mode="after")
    def _check(self) -> Field:
        if self.end <= self.start:
            raise ValueError(f"end {self.end:g} must lie after start {self.start:g}")
        if not 2 <= self.cells <= 100_000:
            raise ValueError(f"cells = {self.cells}; wanted 2 to 100000")
        return self

    @property
    def elements(self) -> tuple[str, ...]:
        return tuple(str(i + 1) for i in range(self.cells))
