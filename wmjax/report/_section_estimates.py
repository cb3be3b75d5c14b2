"""The fitted parameters and what the data do not determine."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import pandas as pd

from wmjax.report._blocks import Block, Cell, Facts, Part, Section, Table
from wmjax.report._content import Estimates
from wmjax.report._numbers import MISSING, decimals_for, fixed, given, measured, number
from wmjax.report._skill import as_number
from wmjax.report._words import readable_unit
from wmjax.spec import ModelSpec, Parameter, Prior


_COLUMNS = ("Parameter", "Value", "Sd", "90 % interval", "Unit", "Prior and bounds", "Source")
_Row: TypeAlias = "Mapping[Any, Any]"
_EMPTY: _Row = {}


def estimate_section(found: Estimates, spec: ModelSpec | None) -> Section:
    records = found.table.to_dict("records")
    rows = [_row(row, _stated(spec, str(row["parameter"]))) for row in records]
    blocks: list[Block] = [_count(records)]
    blocks += [Facts(found.facts)] if found.facts else []
    blocks += [Table.of("Fitted parameters", _COLUMNS, rows, (1, 2, 3))] if rows else []
    if found.identifiability.strip():
        text = tuple(p.strip() for p in re.split(r"\n\s*\n", found.identifiability.strip()))
        blocks.append(Part("What the data do not determine", text))
    return Section("Parameters", tuple(blocks))


def _count(records: Sequence[_Row]) -> str:
    names = [str(row["parameter"]) for row in records if _bound(row)]
    fitted = f"{len(records)} parameters were fitted; "
    if not names:
        return f"{fitted}none of them ended at a bound."
    return f"{fitted}{len(names)} ended at a bound: {', '.join(names)}."


def _stated(spec: ModelSpec | None, name: str) -> _Row:
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


def _row(row: _Row, stated: _Row) -> list[Cell]:
    value, sd, low, high = (as_number(row, key) for key in ("value", "sd", "lower", "upper"))
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


def _bound(row: _Row) -> str:
    """Which bound was reached, in words; empty if none."""
    found = row.get("at_bound")
    if found is None or found is pd.NA or found != found or found in (False, "", "no", "none"):
        return ""
    return f"at its {found} bound" if found in ("lower", "upper") else "at a bound"


def _text(row: _Row, stated: _Row, key: str) -> str:
    own = row.get(key)
    missing = own is None or own is pd.NA or own != own or own == ""
    found = stated.get(key) if missing else own
    if isinstance(found, Prior):
        return prior_text(found)
    if isinstance(found, (tuple, list)) and len(found) == 2:
        return f"{given(float(found[0]))} to {given(float(found[1]))}"
    return "" if found is None else str(found)
