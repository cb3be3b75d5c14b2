"""The fitted parameters and what the data do not determine."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

import pandas as pd

from wmjax.report._blocks import Block, Cell, Facts, Part, Section, Table
from wmjax.report._content import Estimates
from wmjax.report._numbers import MISSING, decimals_for, fixed, given, measured, number
from wmjax.report._words import readable_unit
from wmjax.spec import ModelSpec, Parameter, Prior


_COLUMNS = ("Parameter", "Value", "Sd", "90 % interval", "Unit", "Prior and bounds", "Source")
_EMPTY: Mapping[str, Any] = {}


def estimate_section(found: Estimates, spec: ModelSpec | None) -> Section:
    rows = [_row(row, _stated(spec, str(row["parameter"]))) for _, row in found.table.iterrows()]
    caption = "Fitted parameters"
    blocks: list[Block] = [_count(found.table)]
    blocks += [Facts(found.facts)] if found.facts else []
    blocks += [Table.of(caption, _COLUMNS, rows, (1, 2, 3))] if rows else []
    if found.identifiability.strip():
        text = tuple(p.strip() for p in re.split(r"\n\s*\n", found.identifiability.strip()))
        blocks.append(Part("What the data do not determine", text))
    return Section("Parameters", tuple(blocks))


def _count(table: pd.DataFrame) -> str:
    bound = sum(bool(_bound(row)) for _, row in table.iterrows())
    if not bound:
        return f"{len(table)} parameters were fitted; none of them ended at a bound."
    names = [str(row["parameter"]) for _, row in table.iterrows() if _bound(row)]
    return f"{len(table)} parameters were fitted; {bound} ended at a bound: {', '.join(names)}."


def _stated(spec: ModelSpec | None, name: str) -> Mapping[str, Any]:
    """Prior, bounds, unit and source as the spec has them."""
    variable = spec.variables.get(name.split("[")[0]) if spec is not None else None
    if variable is None:
        return _EMPTY
    shared = {"unit": variable.unit, "source": variable.source}
    if not isinstance(variable, Parameter):
        return shared
    prior = prior_text(variable.prior) if variable.prior else ""
    return {**shared, "prior": prior, "bounds": variable.bounds}


def prior_text(prior: Prior) -> str:
    if prior.normal:
        return f"normal, {given(prior.normal[0])} ± {given(prior.normal[1])}"
    if prior.lognormal:
        return f"lognormal, {given(prior.lognormal[0])} ×/÷ {number(math.exp(prior.lognormal[1]))}"
    low, high = prior.uniform or (math.nan, math.nan)
    return f"uniform, {given(low)} to {given(high)}"


def _row(row: pd.Series, stated: Mapping[str, Any]) -> list[Cell]:
    value, sd = _float(row, "value"), _float(row, "sd")
    low, high = _float(row, "lower"), _float(row, "upper")
    bound = _bound(row)
    name = Cell(str(row["parameter"]), bound, "bad" if bound else "")
    interval = MISSING if math.isnan(low) else f"{_alike(low, sd)} to {_alike(high, sd)}"
    spread = number(sd, 2)
    prior, bounds, unit, source = (
        _text(row, stated, key) for key in ("prior", "bounds", "unit", "source")
    )
    prior = Cell(prior or "no prior", f"within {bounds}" if bounds else "")
    numbers = map(Cell, (measured(value, sd), spread, interval, readable_unit(unit) or MISSING))
    return [name, *numbers, prior, Cell(source)]


def _alike(value: float, sd: float) -> str:
    """An end of the interval, with the decimals of the value."""
    plain = math.isfinite(sd) and sd > 0 and 1e-4 <= abs(value) < 1e7
    return fixed(value, decimals_for(sd)) if plain else number(value)


def _bound(row: pd.Series) -> str:
    """Which bound was reached, in words; empty if none."""
    found = row.get("at_bound")
    if found is None or found is pd.NA or found != found or found in (False, "", "no", "none"):
        return ""
    return f"at its {found} bound" if found in ("lower", "upper") else "at a bound"


def _float(row: pd.Series, key: str) -> float:
    value = row.get(key)
    return math.nan if value is None or value is pd.NA else float(value)


def _text(row: pd.Series, stated: Mapping[str, Any], key: str) -> str:
    own = row.get(key)
    missing = own is None or own is pd.NA or (isinstance(own, float) and math.isnan(own)) or own == ""
    found = stated.get(key) if missing else own
    if isinstance(found, Prior):
        return prior_text(found)
    if isinstance(found, (tuple, list)) and len(found) == 2:
        return f"{given(float(found[0]))} to {given(float(found[1]))}"
    return "" if found is None else str(found)
