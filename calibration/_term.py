"""One term of the payoff: a variable, the series that measures it, and how they are compared."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, FiniteFloat, PositiveFloat

from wmjax.scenario import Transform
from wmjax.spec import Document


Likelihood = Literal["gaussian", "robust", "least_squares"]

NonNegative = Annotated[FiniteFloat, Field(ge=0)]


class FitTerm(Document):
    """A variable compared with an observed series.

    With `d = transform(model) - transform(observation)` a row costs

    - `gaussian`: `weight (d / sigma)^2 / 2`;
    - `robust`: `weight` times the negative logarithm of a Student t density with 4 degrees of
      freedom at `d / sigma`, for data with outliers;
    - `least_squares`: `(weight d)^2 / 2`, Vensim's calibration payoff up to the factor; `sigma` is
      not used.
    """

    variable: str
    """Name in the model, with an element if it has dimensions: `gdp[China]`."""
    observed: str
    """Id of the observed series."""
    transform: Transform = "level"
    """`growth` is the change of the logarithm between observations and `difference` that of the
    level, both per unit of time; `log` needs positive values, `logit` values between 0 and 1."""
    weight: NonNegative = 1.0
    sigma: PositiveFloat | None = None
    """One standard deviation of `d`. If absent, the measurement error that the series states, but
    at least 1 % of the standard deviation of the transformed observations; a tenth of it where the
    series states none."""
    likelihood: Likelihood = "gaussian"
