"""The tables of facts that are shipped in data/series."""

from __future__ import annotations

import csv
import functools
from collections.abc import Iterator

import numpy as np

from wmjax._resources import resource_dir
from wmjax.series._clock import CALENDAR
from wmjax.series._observations import Observations
from wmjax.series._observed import ObservedSeries


@functools.cache
def _columns() -> dict[tuple[str, str], dict[str, str]]:
    path = resource_dir("data") / "series" / "columns.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return {(row["table"], row["column"]): row for row in csv.DictReader(file)}


@functools.cache
def shipped_series() -> Observations:
    """All series of data/series, under their catalogue ids."""
    return Observations([*_shipped_table("world"), *_shipped_table("countries")])


def _shipped_table(table: str) -> Iterator[ObservedSeries]:
    path = resource_dir("data") / "series" / f"{table}.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    places = dict.fromkeys(row.get("iso3", "") for row in rows)
    for place in places:
        prefix = f"{table}.{place}." if place else f"{table}."
        here = [row for row in rows if row.get("iso3", "") == place]
        for (owner, column), said in _columns().items():
            if owner == table and any(row[column] for row in here):
                yield _one_series(prefix + column, column, here, said)


def _one_series(
    name: str, column: str, rows: list[dict[str, str]], said: dict[str, str]
) -> ObservedSeries:
    present = [row for row in rows if row[column]]
    times = np.array([row["year"] for row in present], dtype=np.float64)
    values = np.array([row[column] for row in present], dtype=np.float64)
    sigma = np.hypot(_sd(said["sigma_abs"]), _sd(said["sigma_rel"]) * values)
    return ObservedSeries(
        name,
        times,
        values,
        said["unit_symbol"],
        sigma,
        "year",
        source=said["source"],
        licence=said["licence"],
        note=said["note"],
        clock=CALENDAR,
    )


def _sd(text: str) -> float:
    return float(text) if text else 0.0


def said_of(name: str) -> tuple[str, str]:
    """The unit in words and the reason of the sigma of a shipped series."""
    said = _columns()[name.split(".")[0], name.rsplit(".", 1)[1]]
    return said["unit"], said["sigma_note"]
