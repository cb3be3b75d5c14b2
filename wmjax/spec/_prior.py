"""What was believed about a parameter before the data."""

from __future__ import annotations

from pydantic import FiniteFloat, model_validator

from wmjax.spec._document import Document


class Prior(Document):
    """One of three distributions, each by two numbers in the unit of the parameter.

    - `normal: [mean, standard deviation]`
    - `lognormal: [median, standard deviation of the logarithm]`
    - `uniform: [lower, upper]`
    """

    normal: tuple[FiniteFloat, FiniteFloat] | None = None
    lognormal: tuple[FiniteFloat, FiniteFloat] | None = None
    uniform: tuple[FiniteFloat, FiniteFloat] | None = None

    @model_validator(mode="after")
    def _check(self) -> Prior:
        given = [p for p in (self.normal, self.lognormal, self.uniform) if p is not None]
        if len(given) != 1:
            raise ValueError("wanted exactly one of normal, lognormal, uniform")
        if self.uniform is not None:
            if self.uniform[1] <= self.uniform[0]:
                raise ValueError("uniform: the upper end must lie above the lower")
        elif given[0][1] <= 0:
            raise ValueError("the second number, a standard deviation, must be positive")
        if self.lognormal is not None and self.lognormal[0] <= 0:
            raise ValueError("lognormal: the median must be positive")
        return self
