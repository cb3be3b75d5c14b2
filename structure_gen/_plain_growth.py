"""How a stock of an assembly grows while nothing else is known: as its series did."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, final

from structure_gen._assembly import Assembly
from structure_gen._growth import Growth, growth
from structure_gen._mapping import mean_growth
from wmjax._errors import UserError
from wmjax.series import CatalogueEntry, load_observations
from wmjax.spec import convert_factor


@final
@dataclass(frozen=True)
class PlainGrowth:
    """The equation of the net change, the numbers in it, and the value at the start; None where
    no series says it."""

    equation: str
    numbers: dict[str, dict[str, Any]] = field(default_factory=dict)
    first: float | None = None


def plain_growth(
    name: str, unit: str, entry: CatalogueEntry | None, assembly: Assembly
) -> PlainGrowth:
    """Exponential, logistic, approach to a limit or drift, whichever describes the series best up
    to the last time that may be seen; no growth without a series."""
    if entry is None:
        return _exponential(name, 0.0, "no growth, for want of data", trainable=False)
    found = _known(entry, assembly)
    if found is None:
        rate = mean_growth(entry.id, assembly.until)
        return _exponential(name, rate, f"mean growth of {entry.id}", trainable=True)
    return _of_form(name, unit, found, _factor(entry.unit, unit), entry.id)


def _known(entry: CatalogueEntry, assembly: Assembly) -> Growth | None:
    series = load_observations([entry.id])
    seen = series.window(None, assembly.until) if assembly.until is not None else series
    if entry.id not in seen or len(seen[entry.id]) < 8:
        return None
    return growth(seen[entry.id], float(assembly.draft.scope.start_year))


def _of_form(name: str, unit: str, g: Growth, factor: float, id: str) -> PlainGrowth:
    rate, limit, pace = f"{name}.rate", f"{name}.limit", f"{name}.pace"
    why = f"{g.form} growth of {id}"
    top = {} if g.limit is None else {limit: _near(g.limit * factor, unit, why)}
    first = g.first * factor
    match g.form:
        case "exponential":
            return PlainGrowth(f"{rate} * {name}", {rate: _share(g.rate, why)}, first)
        case "logistic":
            equation = f"{rate} * {name} * (1 - {name} / {limit})"
            return PlainGrowth(equation, {rate: _share(g.rate, why), **top}, first)
        case "approach":
            equation = f"({limit} - {name}) / {pace}"
            return PlainGrowth(equation, {pace: _near(g.rate, "year", why), **top}, first)
        case "drift":
            per_year = "1/year" if unit == "1" else f"({unit})/year"
            return PlainGrowth(rate, {rate: _near(g.rate * factor, per_year, why)}, first)


def _exponential(name: str, rate: float, why: str, *, trainable: bool) -> PlainGrowth:
    number = _share(rate, why) | {"trainable": trainable}
    return PlainGrowth(f"{name}.rate * {name}", {f"{name}.rate": number})


def _share(rate: float, why: str) -> dict[str, Any]:
    return {"kind": "parameter", "value": rate, "unit": "1/year", "trainable": True,
            "prior": {"normal": [rate, 0.03]}, "bounds": [rate - 0.2, rate + 0.2],
            "source": why}  # fmt: skip


def _near(value: float, unit: str, why: str) -> dict[str, Any]:
    prior = ({"lognormal": [value, 0.5]} if value > 0
             else {"normal": [value, max(abs(value), 1e-6)]})  # fmt: skip
    return {"kind": "parameter", "value": value, "unit": unit, "trainable": True, "prior": prior,
            "source": why}  # fmt: skip


def _factor(a: str, b: str) -> float:
    try:
        return convert_factor(a, b)
    except UserError:
        return 1.0
