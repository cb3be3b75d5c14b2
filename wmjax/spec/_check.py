"""An assertion about the behaviour of a model."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, FiniteFloat, NonNegativeFloat

from wmjax.spec._document import Document, Equation


class Check(Document):
    """An expression that must hold at every saved time between `start` and `end`."""

    name: Annotated[str, Field(min_length=1)]
    assertion: Annotated[Equation, Field(alias="assert")]
    start: FiniteFloat | None = None
    end: FiniteFloat | None = None
    tolerance: NonNegativeFloat = 0.0
    """Slack of a comparison at the top of the expression, in the unit of its sides."""
