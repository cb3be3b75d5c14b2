"""Engines we did not write, which read XMILE: pysimlin and PySD."""

from __future__ import annotations

import functools
import tempfile
import warnings
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from wmjax import (
    CompiledModel,
    ModelSpec,
    Scenario,
    Trajectory,
    compile_model,
    load_spec,
    simulate,
)
from wmjax.formats import expand_events, to_xmile
from wmjax.formats._book import Book
from wmjax.formats._names import fold
from wmjax.program import expand_connections


def simlin(text: str) -> pd.DataFrame:
    """A run of pysimlin: rows by time, columns by folded names."""
    import simlin

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.xmile"
        path.write_text(text, encoding="utf-8")
        return _folded(simlin.load(path).run(analyze_loops=False).results)


def pysd(text: str) -> pd.DataFrame:
    """A run of PySD, which knows Euler steps only."""
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pysd

        path = Path(folder) / "model.xmile"
        path.write_text(text, encoding="utf-8")
        return _folded(pysd.read_xmile(str(path)).run())


_runs: dict[Any, Trajectory] = {}

ENGINES: Mapping[str, Callable[[str], pd.DataFrame]] = {"pysimlin": simlin, "PySD": pysd}


def _folded(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.rename(columns=lambda name: fold(str(name)))


@functools.cache
def _compiled(spec: ModelSpec) -> CompiledModel:
    return compile_model(spec)


def ours(spec: ModelSpec, scenario: Scenario | None = None) -> pd.DataFrame:
    """Our run, under the names that the XMILE file of the spec has."""
    key = spec.hash, str(scenario)
    if key not in _runs:
        _runs[key] = simulate(_compiled(spec), scenario)
    run = _runs[key]
    variables = Book(expand_events(expand_connections(spec))).variables

    def label(column: str) -> str:
        name = column if column in variables else column[: column.index("[")]
        return variables[name] + column.removeprefix(name)

    return _folded(run.to_dataframe().rename(columns=label))


def largest_gap(
    mine: pd.DataFrame, theirs: pd.DataFrame, *, without: Collection[str] = ()
) -> tuple[float, str]:
    """The largest difference and its variable, over all times and all variables of ours.

    A difference is measured against the value, or against a thousandth of the variable's peak where
    the value is less: a quantity that passes through zero has no relative error there.
    """
    stride = (len(theirs) - 1) // (len(mine) - 1)
    gaps = []
    for name in mine.columns.difference([fold(w) for w in without]):
        label = name if name in theirs else name.partition("[")[0]  # of arrays of one element
        a, b = mine[name].to_numpy(), theirs[label].to_numpy(dtype=float)[::stride]
        floor = max(1e-3 * np.max(np.abs(a)), 1e-300)
        gap = np.max(np.abs(a - b) / np.maximum(np.abs(a), floor))
        gaps.append((float(gap) if np.isfinite(gap) else np.inf, str(name)))
    return max(gaps)


def model(variables: Mapping[str, Any], **more: Any) -> Any:
    """A spec of eight time units in steps of a quarter."""
    time = {"start": 0, "end": 8, "step": 0.25} | more.pop("time", {})
    return load_spec({"name": "model", "time": time, "variables": variables, **more})


def agree(engine: str, spec: Any, *, within: float = 1e-9, without: Collection[str] = ()) -> None:
    """All variables of a spec are the same in the run of an engine over its XMILE file."""
    gap, name = largest_gap(ours(spec), ENGINES[engine](to_xmile(spec).text), without=without)
    assert gap < within, f"{engine}: {name} differs by {gap:.3g}"


def aux(equation: Any, **more: Any) -> dict[str, Any]:
    return {"kind": "auxiliary", "equation": equation, **more}
