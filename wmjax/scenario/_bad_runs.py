"""Word of runs that are not finite."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import numpy as np


if TYPE_CHECKING:
    import xarray as xr

_log = logging.getLogger("wmjax.scenario")
_NAMED = 10  # runs named in the log one by one


def name_bad_runs(runs: xr.Dataset) -> None:
    """One log record a run that is not finite, for the first few, and the count of the rest."""
    bad = np.argwhere(~runs["finite"].values)
    for scenario, draw in bad[:_NAMED].tolist():
        name = str(runs["scenario"].values[scenario])
        _log.warning("scenario %r, draw %d: %s", name, draw, _what(runs, scenario, draw))
    if (more := len(bad) - _NAMED) > 0:
        are = "runs are" if more > 1 else "run is"
        _log.warning("%d more %s not finite; see `finite`", more, are)


def _what(runs: xr.Dataset, scenario: int, draw: int) -> str:
    """The first variable that is not finite, and from when on if its times are kept; what is kept
    of a run may not show it."""
    if "count" in runs:
        return "not finite, and left out of the statistics"
    run = runs.isel(scenario=scenario, draw=draw).drop_vars("finite")
    found = []
    for rank, (name, values) in enumerate(run.data_vars.items()):
        wrong = ~np.isfinite(values.values)
        if not wrong.any():
            continue
        if "time" not in values.dims:
            return f"{name!r} is not finite"
        row = wrong.reshape(len(wrong), -1).any(1).argmax()
        found.append((float(run["time"].values[row]), rank, f"{name!r} is not finite from"))
    if not found:
        return "a saved variable is not finite at some time, though what is kept is"
    time, _, text = min(found)
    return f"{text} {time:g} on"
