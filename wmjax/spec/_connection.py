"""A stated cause: from one variable to another."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, FiniteFloat, PositiveFloat, model_validator

from wmjax.spec._document import Document, Interval
from wmjax.spec._prior import Prior


Form = Literal["linear", "elasticity", "saturating", "threshold", "delay", "lookup", "diffusion"]


class Connection(Document):
    """A cause with a sign and a reason.

    Without a `form` it is a claim that `check_spec` compares with the equations. With one it is
    part of the model: a factor (or summand) of the target's equation whose coefficient is neutral,
    1 for a factor and 0 for a summand, as long as it keeps its default 0. With r the ratio of the
    cause to its own initial value and c the coefficient, the forms are

    - `elasticity`: r^c
    - `linear`: 1 + c (r - 1)
    - `saturating`: 1 + c (2 r / (1 + r) - 1)
    - `threshold`: 1 + c max(0, r - threshold)
    - `delay`: r smoothed exponentially over `delay`, to the power c
    - `lookup`: a table over r with trainable values, 1 everywhere at first
    - `diffusion`: a summand; of an array, c times (mean of the cause over its elements - the
      cause); between two single quantities, c times (the cause - the stock that the target fills)

    A summand of the other forms is (form - 1) times the initial value of the target's equation.
    """

    source: Annotated[str, Field(alias="from")]
    target: Annotated[str, Field(alias="to")]
    polarity: Literal["+", "-", ""] = ""
    form: Form | None = None
    role: Literal["factor", "summand"] = "factor"
    delay: PositiveFloat | None = None
    threshold: FiniteFloat = 1.0
    coefficient: str | None = None
    """Name of the coefficient; `link.FROM.TO` if absent."""
    value: FiniteFloat = 0.0
    bounds: Interval | None = None
    prior: Prior | None = None
    reasoning: str = ""
    origin: str = ""
    """Whose idea it was: a person, a model, a method."""

    @model_validator(mode="after")
    def _check(self) -> Connection:
        if self.form == "delay" and self.delay is None:
            raise ValueError("form delay needs a delay, in units of model time")
        return self
