"""Piecewise-linear tables as rows of intercept and slope, found by position."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


_EVEN = 1e-12  # of a spacing: how far points may stand from an even grid


@dataclass(frozen=True)
class Even:
    """Points at even distances: u = x * per - offset, in [0, count - 1]; the row is floor(u).

    - `holds`: u is clipped to the ends; else the rows at the ends go on beyond them.
    """

    per: float
    offset: float
    count: int
    holds: bool


@dataclass(frozen=True)
class Uneven:
    """Points at any distances: u = x - first; the row is the number of points not above x."""

    points: tuple[float, ...]


Grid = Even | Uneven


@dataclass(frozen=True)
class Rows:
    """The table in row i is intercept[i] + slope[i] * u."""

    intercept: tuple[float, ...]
    slope: tuple[float, ...]


def laid_out(x: Sequence[float], y: Sequence[float], outside: str) -> tuple[Grid, Rows]:
    """The grid of a table, which tables of equal points share, and its rows."""
    px, py = np.asarray(x, float), np.asarray(y, float)
    steps = np.diff(px)
    if (steps > 0).all() and np.abs(steps - steps.mean()).max() < _EVEN * steps.mean():
        return _even(px, py, outside == "extrapolate")
    return _uneven(px, py, outside == "extrapolate")


def _even(x: np.ndarray, y: np.ndarray, runs_on: bool) -> tuple[Grid, Rows]:
    slope = np.append(np.diff(y), y[-1] - y[-2] if runs_on else 0.0)
    intercept = y - slope * np.arange(len(y))
    per = (len(x) - 1) / (x[-1] - x[0])
    return (
        Even(float(per), float(x[0] * per), len(x), not runs_on),
        Rows(tuple(intercept.tolist()), tuple(slope.tolist())),
    )


def _uneven(x: np.ndarray, y: np.ndarray, runs_on: bool) -> tuple[Grid, Rows]:
    width = np.diff(x)
    inner = np.diff(y) / np.where(width > 0, width, 1.0)
    ends = (inner[0], inner[-1]) if runs_on else (0.0, 0.0)
    slope = np.concatenate([ends[:1], inner, ends[1:]])
    at = np.concatenate([[0.0], x - x[0]])
    intercept = np.concatenate([y[:1], y]) - slope * at
    return Uneven(tuple(x.tolist())), Rows(tuple(intercept.tolist()), tuple(slope.tolist()))
