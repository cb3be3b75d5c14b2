"""Observations as arrays of one fixed layout.

Every row of every series has its place, whether a window uses it or not: a fit, a refit and every
origin of a backtest then share one compiled function, and rows outside a window weigh nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int

from calibration._element import position, split
from calibration._series_transform import differenced, transformed, transformed_sigma
from calibration._term import FitTerm
from wmjax._errors import UserError
from wmjax.model import CompiledModel
from wmjax.series import Observations, ObservedSeries
from wmjax.spec import TimeAxis


_FLOOR = 0.01  # of the standard deviation of the transformed observations
_UNSTATED = 0.1


@final
@dataclass(frozen=True, eq=False)
class Layout:
    """Where every observed row stands.

    - `terms`, and by term the `series` in the unit of the variable and its `slices` of the rows.
    - `axis`: the dates of the run: the model's start to the last row.
    - `names`: variables to save; `columns`: by term, the column of the saved values.
    """

    terms: tuple[FitTerm, ...]
    series: tuple[ObservedSeries, ...]
    slices: tuple[slice, ...]
    axis: TimeAxis
    names: tuple[str, ...]
    columns: tuple[int, ...]

    @property
    def times(self) -> np.ndarray:
        return np.concatenate([s.times for s in self.series])

    @property
    def values(self) -> np.ndarray:
        return np.concatenate([s.values for s in self.series])


@final
class Rows(eqx.Module):
    """The rows of a layout under one window, as the residuals need them."""

    saved: Int[Array, " n"]
    """Saved row at or before the observation."""
    share: Float[Array, " n"]
    """How far it lies towards the next saved row."""
    column: Int[Array, " n"]
    before: Int[Array, " n"]
    """The row before of the same series; itself for the first."""
    per_time: Float[Array, " n"]
    """One over the time since the row before, or zero."""
    logarithm: Bool[Array, " n"]
    logit: Bool[Array, " n"]
    difference: Bool[Array, " n"]
    robust: Bool[Array, " n"]
    needed: Bool[Array, " n"]
    """Rows that a used row reads: itself, and the one before for differences."""
    target: Float[Array, " n"]
    """The transformed observation; 0 where the row is not used."""
    precision: Float[Array, " n"]
    """One over sigma."""
    root_weight: Float[Array, " n"]
    """Square root of the weight; 0 where the row is not used."""


@final
@dataclass(frozen=True)
class Window:
    """The rows that take part: `start <= time <= end`, recent ones weighing more if a `half_life`
    is given: a row's weight halves with every `half_life` before the end."""

    start: float = -np.inf
    end: float = np.inf
    half_life: float | None = None


def layout(
    model: CompiledModel, observations: Observations, terms: Sequence[FitTerm]
) -> Layout:
    """Places every observation inside the dates of the model.

    **Raises:** `UserError` if no series has a row inside them.
    """
    kept: list[tuple[FitTerm, ObservedSeries]] = []
    time = model.spec.time
    for term in terms:
        series = _in_unit_of(model, observations[term.observed], term)
        series = series.window(time.start - 1e-9, time.end + 1e-9)
        if len(series):
            kept.append((term, series))
    if not kept:
        raise UserError("observations", f"no row between {time.start:g} and {time.end:g}",
                        "at least one inside the dates of the model",
                        "check the unit of time of the data and of the model; epoch= states the "
                        "time of the data at which the model starts")  # fmt: skip
    chosen = tuple(t for t, _ in kept)
    series = tuple(s for _, s in kept)
    ends = np.cumsum([len(s) for s in series])
    slices = tuple(slice(e - len(s), e) for e, s in zip(map(int, ends), series, strict=True))
    names = tuple(sorted({split(t.variable)[0] for t in chosen}))
    return Layout(chosen, series, slices, _axis(time, np.concatenate([s.times for s in series])),
                  names, _columns(model, names, chosen))  # fmt: skip


def rows(layout: Layout, window: Window, dtype: jnp.dtype) -> Rows:
    """The rows under a window. Values outside of it leave no trace in the result."""
    parts = [_term_rows(t, s, window) for t, s in zip(layout.terms, layout.series, strict=True)]
    joined = {k: np.concatenate([p[k] for p in parts]) for k in parts[0]}
    offset = np.repeat([s.start for s in layout.slices], [len(s) for s in layout.series])
    at = np.clip((layout.times - layout.axis.start) / layout.axis.saving, 0, None)
    last = layout.axis.steps // layout.axis.stride
    saved = np.clip(np.floor(at + 1e-9), 0, max(last - 1, 0))
    joined |= {
        "saved": saved, "share": np.clip(at - saved, 0.0, 1.0),
        "column": np.repeat(layout.columns, [len(s) for s in layout.series]),
        "before": joined["before"] + offset,
    }  # fmt: skip
    kinds = {"b": jnp.bool_, "i": jnp.int32, "f": dtype}
    integer = ("saved", "column", "before")
    return Rows(**{
        k: jnp.asarray(v, jnp.int32 if k in integer else kinds[v.dtype.kind])
        for k, v in joined.items()
    })  # fmt: skip


def used(layout: Layout, term: int, window: Window) -> np.ndarray:
    """Which rows of a term take part."""
    return _used(layout.terms[term], layout.series[term], window)


def _used(term: FitTerm, series: ObservedSeries, window: Window) -> np.ndarray:
    inside = (series.times >= window.start - 1e-9) & (series.times <= window.end + 1e-9)
    if term.transform in ("growth", "difference"):
        inside[1:] &= inside[:-1].copy()
        inside[:1] = False
    return inside & (term.weight > 0)


def _term_rows(term: FitTerm, series: ObservedSeries, window: Window) -> dict[str, np.ndarray]:
    use = _used(term, series, window)
    n, summed = len(series), term.transform in ("growth", "difference")
    before = np.maximum(np.arange(n) - 1, 0) if summed else np.arange(n)
    gap = series.times - series.times[before]
    needed = use.copy()
    needed[before[use]] = True
    target = np.zeros(n)
    with np.errstate(all="ignore"):
        target[use] = differenced(term.transform, series.times, transformed(
            term.transform, np.where(needed, series.values, 0.5)))[use]  # fmt: skip
    if not np.isfinite(target).all():
        raise _impossible(term, series, target)
    sigma = np.ones(n)
    if term.likelihood != "least_squares":
        sigma[use] = _sigma(term, series, use, target)
    weight = term.weight**2 if term.likelihood == "least_squares" else term.weight
    age = np.maximum(min(window.end, series.times[-1]) - series.times, 0.0)
    faded = 1.0 if window.half_life is None else 0.5 ** (age / window.half_life)
    same = np.full(n, True)
    return {
        "before": before, "per_time": np.where(gap > 0, 1.0 / np.where(gap > 0, gap, 1.0), 0.0),
        "logarithm": same & (term.transform in ("log", "growth")),
        "logit": same & (term.transform == "logit"), "difference": same & summed,
        "robust": same & (term.likelihood == "robust"), "needed": needed, "target": target,
        "precision": 1.0 / sigma, "root_weight": np.where(use, np.sqrt(weight * faded), 0.0),
    }  # fmt: skip


def _sigma(
    term: FitTerm, series: ObservedSeries, use: np.ndarray, target: np.ndarray
) -> np.ndarray:
    if term.sigma is not None:
        return np.full(int(use.sum()), term.sigma)
    if not use.any():
        return np.zeros(0)
    spread = float(np.std(target[use])) or 0.1 * float(np.mean(np.abs(target[use]))) or 1.0
    stated = transformed_sigma(term.transform, series, use)
    if np.isnan(stated).all():
        return np.full(int(use.sum()), _UNSTATED * spread)
    stated = np.where(np.isnan(stated), np.nanmedian(stated), stated)
    return np.maximum(stated, _FLOOR * spread)


def _impossible(term: FitTerm, series: ObservedSeries, target: np.ndarray) -> UserError:
    row = int(np.flatnonzero(~np.isfinite(target))[0])
    wanted = "values between 0 and 1" if term.transform == "logit" else "positive values"
    return UserError(
        f"series {term.observed!r}, time {series.times[row]:g}",
        f"{series.values[row]:g} {series.unit}".strip(),
        f"{wanted} for transform {term.transform!r}",
        "choose the transform `level`, or leave the row out",
    )  # fmt: skip


def _in_unit_of(model: CompiledModel, series: ObservedSeries, term: FitTerm) -> ObservedSeries:
    unit = model.spec.variables[split(term.variable)[0]].unit
    if not unit or not series.unit or unit == series.unit:
        return series
    return series.convert(unit, model.spec.units)


def _axis(time: TimeAxis, times: np.ndarray) -> TimeAxis:
    """The saved rows that the observations need, and no more."""
    steps = (times - time.start) / time.saving
    saving = time.saving if np.allclose(steps, np.round(steps), atol=1e-6) else time.step
    count = max(int(np.ceil((times.max() - time.start) / saving - 1e-6)), 1)
    end = time.start + count * saving
    if end > time.end and saving > time.step:
        saving = time.step
        count = max(int(np.ceil((times.max() - time.start) / saving - 1e-6)), 1)
        end = time.start + count * saving
    return TimeAxis(start=time.start, end=end, step=time.step, save_every=saving,
                    unit=time.unit, method=time.method)  # fmt: skip


def _columns(
    model: CompiledModel, names: tuple[str, ...], terms: Sequence[FitTerm]
) -> tuple[int, ...]:
    sizes = [int(np.prod(model.program.shape(n), dtype=int)) for n in names]
    first = dict(zip(names, np.cumsum([0, *sizes[:-1]]), strict=True))
    labels = [t.variable for t in terms]
    inner = [position(model.program, label, f"series.{label}") for label in labels]
    return tuple(int(first[split(x)[0]]) + i for x, i in zip(labels, inner, strict=True))
