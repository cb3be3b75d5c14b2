"""Scenarios against one of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from wmjax._errors import UserError
from wmjax.scenario._elements import element, labelled
from wmjax.scenario._forecast import Forecast
from wmjax.scenario._scores import interval


if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr


def compare(
    result: Forecast | xr.Dataset,
    baseline: str | None = None,
    *,
    variables: Iterable[str] | None = None,
    times: Sequence[float] | None = None,
    level: float = 0.9,
) -> pd.DataFrame:
    """What the other scenarios change, draw by draw.

    Draws are paired: differences are taken between runs with equal parameters and residuals, so
    that their spread is that of the effect and not of the level.

    **Arguments:**

    - `result`: a forecast, or the Dataset of a sweep.
    - `baseline`: the scenario to compare with; the first if absent.
    - `variables`: names or elements (`gdp[China]`); all, by element, if absent.
    - `times`: the saved times nearest to these are used; the last if absent.
    - `level`: of the central interval of the differences.

    **Returns:** a row for each variable, scenario and time: `variable`, `unit`, `scenario`, `time`,
    the medians `baseline`, `value`, `difference` and `per_cent`, and the interval `lower`, `upper`
    of the difference. NaN where no draw is finite in both, and per cent of a baseline of zero.

    **Raises:** `UserError` for a name or a time that the result does not have.
    """
    import pandas as pd

    runs = result.ensemble if isinstance(result, Forecast) else result
    names = [str(s) for s in runs["scenario"].values]
    against = names[0] if baseline is None else baseline
    if against not in names:
        raise UserError(f"scenario {against!r}", "not in this result", ", ".join(names))
    if variables is None:
        variables = [e for v in runs.data_vars if v != "finite" for e in labelled(runs, str(v))]
    rows = [
        {"variable": variable, "unit": one.attrs.get("units", ""), "scenario": scenario, **row}
        for variable in variables
        for one in [_single(runs, variable)]
        for scenario in names if scenario != against
        for row in _rows(runs, one, against, scenario, _saved(runs, times), level)
    ]  # fmt: skip
    columns = ("variable", "unit", "scenario", "time", "baseline", "value", "difference",
               "per_cent", "lower", "upper")  # fmt: skip
    return pd.DataFrame(rows, columns=list(columns))


def _single(runs: xr.Dataset, variable: str) -> xr.DataArray:
    values = element(runs, variable)
    if values.ndim != 3:
        raise UserError(
            f"variable {variable!r}", "a variable with dimensions", "one element",
            f"for example {labelled(runs, variable)[0]!r}",
        )  # fmt: skip
    return values


def _saved(runs: xr.Dataset, times: Sequence[float] | None) -> np.ndarray:
    """Numbers of the saved times nearest to those wanted."""
    have = runs["time"].values
    wanted = np.asarray(have[-1:] if times is None else times, float)
    outside = wanted[(wanted < have[0]) | (wanted > have[-1])]
    if len(outside):
        raise UserError(
            "compare, times", f"{outside[0]:g}", f"times from {have[0]:g} to {have[-1]:g}"
        )
    return np.abs(have[:, None] - wanted).argmin(0)


def _rows(
    runs: xr.Dataset, values: xr.DataArray, baseline: str, scenario: str, at: np.ndarray,
    level: float,
) -> list[dict[str, float | str]]:  # fmt: skip
    both = runs["finite"].sel(scenario=[baseline, scenario]).values.all(0)
    if not both.any():
        return [{"time": float(t)} for t in runs["time"].values[at]]
    old = values.sel(scenario=baseline).values[both][:, at]
    new = values.sel(scenario=scenario).values[both][:, at]
    low, high = interval(new - old, level)
    share = np.full_like(old, np.nan)
    np.divide(100.0 * (new - old), np.abs(old), out=share, where=old != 0)
    found = {
        "time": runs["time"].values[at],
        "baseline": np.median(old, 0), "value": np.median(new, 0),
        "difference": np.median(new - old, 0), "per_cent": np.median(share, 0),
        "lower": low, "upper": high,
    }  # fmt: skip
    return [{k: float(v[i]) for k, v in found.items()} for i in range(len(at))]
