"""The range or distribution over which one number of a model is varied."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias, final

import numpy as np
import pydantic

from wmjax._errors import UserError, UserErrors
from wmjax.model import CompiledModel
from wmjax.sim import column_names
from wmjax.spec import Parameter, Prior


Parameters: TypeAlias = "Mapping[str, Any] | Iterable[str] | None"
"""What is varied. Names of parameters, or of elements of them (`saving[China]`), which vary over
the prior within the bounds of the spec; or a mapping from names to `(lower, upper)`, to a `Prior`,
or to what makes one (`{"normal": [mean, sd]}`), which then count alone; if absent every parameter
with bounds or a prior.
"""

_LEAST = 1e-6  # of a prior that must lie within the bounds


@final
@dataclass(frozen=True)
class Margin:
    """One number and how it varies: by its prior within the bounds, evenly without a prior."""

    label: str
    name: str
    index: int
    lower: float
    upper: float
    prior: Prior | None = None

    def at(self, quantiles: np.ndarray) -> np.ndarray:
        """Values at quantiles in [0, 1] of the (truncated) distribution."""
        if self.prior is None or self.prior.uniform is not None:
            return self.lower + quantiles * (self.upper - self.lower)
        law = _law(self.prior)
        low, high = law.cdf([self.lower, self.upper])
        return np.clip(law.ppf(low + quantiles * (high - low)), self.lower, self.upper)

    @property
    def is_bounded(self) -> bool:
        return math.isfinite(self.lower) and math.isfinite(self.upper)


def margins(model: CompiledModel, parameters: Parameters = None) -> tuple[Margin, ...]:
    """One margin for every number that is varied.

    **Raises:** `UserErrors` naming every parameter that is unknown, or has neither bounds nor a
    prior, or a range that makes no sense; `UserError` if there is nothing to vary.
    """
    asked = _asked(model, parameters)
    found: list[Margin] = []
    errors: list[UserError] = []
    for label, given in asked.items():
        try:
            found += _of_one(model, label, given)
        except UserError as error:
            errors.append(error)
    twice = sorted({m.label for m in found if [n.label for n in found].count(m.label) > 1})
    errors += [UserError(f"parameter {x!r}", "named twice", "each number once") for x in twice]
    if errors:
        raise errors[0] if len(errors) == 1 else UserErrors(errors)
    if not found:
        raise UserError(
            "parameters", "none with bounds or a prior", "something to vary",
            "give ranges: {'saving': (0.1, 0.3)}, or bounds in the spec",
        )  # fmt: skip
    return tuple(found)


def draws_at(
    model: CompiledModel, varied: Sequence[Margin], quantiles: np.ndarray
) -> dict[str, np.ndarray]:
    """Draws for `sweep` from quantiles `(n, len(varied))`; other elements stay as they are."""
    draws: dict[str, np.ndarray] = {}
    for margin, column in zip(varied, quantiles.T, strict=True):
        usual = np.asarray(model.parameters[margin.name])
        rows = draws.setdefault(margin.name, np.tile(usual.reshape(-1), (len(quantiles), 1)))
        rows[:, margin.index] = margin.at(column)
    return {n: r.reshape(-1, *model.parameters[n].shape) for n, r in draws.items()}


def _asked(model: CompiledModel, parameters: Parameters) -> dict[str, Any]:
    if isinstance(parameters, Mapping):
        return dict(parameters)
    if parameters is not None:
        return dict.fromkeys([parameters] if isinstance(parameters, str) else parameters)
    return {
        n: None for n, v in model.spec.variables.items()
        if isinstance(v, Parameter) and (v.bounds is not None or v.prior is not None)
    }  # fmt: skip


def _of_one(model: CompiledModel, label: str, given: Any) -> list[Margin]:
    name = label.partition("[")[0]
    known = model.spec.variables.get(name)
    if not isinstance(known, Parameter):
        near = ", ".join(list(model.parameters)[:8])
        raise UserError(f"parameter {label!r}", "no such parameter of the model", near)
    names = column_names(model.program, name)
    wanted = names if label == name else [label.replace(" ", "")]
    plain = [n.replace(" ", "") for n in names]
    if wanted is not names and wanted[0] not in plain:
        raise UserError(f"parameter {label!r}", f"no such element of {name!r}",
                        ", ".join(names[:6]))  # fmt: skip
    lower, upper, prior = _range(label, known, given)
    at = range(len(names)) if wanted is names else [plain.index(wanted[0])]
    return [Margin(names[i], name, i, lower, upper, prior) for i in at]


def _range(label: str, known: Parameter, given: Any) -> tuple[float, float, Prior | None]:
    bounds, prior = known.bounds, known.prior
    if isinstance(given, Prior | Mapping):
        bounds, prior = None, _prior(label, given)
    elif given is not None:
        bounds, prior = _bounds(label, given), None
    lower, upper = bounds or (None, None)
    low = -math.inf if lower is None else float(lower)
    high = math.inf if upper is None else float(upper)
    if prior is not None and prior.uniform is not None:
        low, high = max(low, prior.uniform[0]), min(high, prior.uniform[1])
    if not low < high:
        raise UserError(f"parameter {label!r}", f"the range from {low:g} to {high:g}",
                        "a lower end below the upper")  # fmt: skip
    if prior is None and not (math.isfinite(low) and math.isfinite(high)):
        raise UserError(
            f"parameter {label!r}", "neither a prior nor two bounds in the spec",
            "a range to vary it over", f"give one: {{{label!r}: (lower, upper)}}",
        )  # fmt: skip
    law = None if prior is None or prior.uniform is not None else _law(prior)
    if law is not None and np.ptp(law.cdf([low, high])) < _LEAST:
        raise UserError(
            f"parameter {label!r}", f"a prior with nothing between {low:g} and {high:g}",
            "a prior within its bounds", "widen the bounds, or give a range",
        )  # fmt: skip
    return low, high, prior


def _bounds(label: str, given: Any) -> tuple[float, float]:
    try:
        low, high = (float(x) for x in given)
    except (TypeError, ValueError):
        raise UserError(f"parameter {label!r}", repr(given), "(lower, upper), or a prior") from None
    return low, high


def _prior(label: str, given: Any) -> Prior:
    try:
        return Prior.model_validate(given)
    except pydantic.ValidationError as error:
        reason = error.errors()[0]["msg"]
        raise UserError(f"parameter {label!r}", repr(given), "a prior", reason) from None


def _law(prior: Prior) -> Any:
    from scipy import stats

    if prior.normal is not None:
        return stats.norm(*prior.normal)
    assert prior.lognormal is not None
    median, sigma = prior.lognormal
    return stats.lognorm(s=sigma, scale=median)
