"""Observations in the time of a model."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import final

import numpy as np

from wmjax._errors import DataError, UserError
from wmjax.series._clock import CALENDAR, DAYS, date_of, elapsed, read_epoch, stamp_of, time_unit
from wmjax.series._observations import Observations
from wmjax.series._observed import ObservedSeries
from wmjax.spec import TimeAxis


_EPOCH = "epoch=2020-03-01 on the command line, epoch: 2020-03-01 in the fit file"


@final
@dataclass(frozen=True)
class ModelTime:
    """Observations whose times count in the unit of a model, from where its clock starts.

    - `notes`: what was taken for granted, in sentences.
    - `errors`: of the series whose times cannot be told; they are as they were.
    """

    observations: Observations
    notes: tuple[str, ...] = ()
    errors: tuple[UserError, ...] = ()


def in_model_time(
    observations: Observations,
    names: Iterable[str],
    axis: TimeAxis,
    *,
    unit: str | None = None,
    epoch: str | None = None,
) -> ModelTime:
    """The series `names` in the time of the model; the others as they are.

    Times of the calendar become fractional years for a model in years. For a model in another unit
    they count in it from `epoch`, which is the start of the model; the first date of the series if
    absent. Plain numbers are in the unit of the model already, and must not be said to be in
    another one, unless `unit` states theirs: then they are converted, 0 being 0, or `epoch` the
    start of the model.
    """
    chosen = [observations[name] for name in dict.fromkeys(names)]
    own = time_unit(axis.unit)
    try:
        stated, start = _unit(unit), _epoch(epoch)
    except UserError as error:
        return ModelTime(observations, errors=(error,))
    if own is None:
        return ModelTime(observations)
    dated = [s for s in chosen if s.clock == CALENDAR and len(s)]
    notes = []
    if start is None and own != "year" and dated:
        first = min(dated, key=lambda s: date_of(s.times[0], s.frequency))
        start = date_of(first.times[0], first.frequency)
        notes.append(
            f"start of the model, {own} {axis.start:g}, assumed: {start}, the first date of"
            f" {first.file or first.name}; epoch=DATE states another"
        )
    moved: dict[str, ObservedSeries] = {}
    errors: dict[str, UserError] = {}
    for one in chosen:
        try:
            moved[one.name] = _moved(one, axis, own, stated, start)
        except UserError as error:
            errors.setdefault(str(error), error)
    found = Observations(moved.get(one.name, one) for one in observations.values())
    return ModelTime(found, tuple(notes), tuple(errors.values()))


def _unit(text: str | None) -> str | None:
    unit = None if text is None else time_unit(text)
    if text is not None and unit is None:
        raise UserError("time_unit", repr(text), f"one of {', '.join(DAYS)}", "state one of them")
    return unit


def _epoch(text: str | None) -> date | float | None:
    found = None if text is None else read_epoch(text)
    if text is not None and found is None:
        raise UserError("epoch", repr(text), "a date (2020-03-01, 2020-03) or a number",
                        "state the time of the data at which the model starts")  # fmt: skip
    return found


def _moved(
    one: ObservedSeries, axis: TimeAxis, own: str, stated: str | None, epoch: date | float | None
) -> ObservedSeries:
    if one.clock == CALENDAR:
        return one if epoch is None else _counted(one, axis, own, _as_date(one, epoch))
    said = stated or one.clock or own
    if said != own and stated is None:
        raise _other_unit(one, axis)
    if isinstance(epoch, date):
        raise DataError(_time_place(one), "plain numbers", f"dates, as the epoch {epoch} is one",
                        "state as epoch the number at which the model starts")  # fmt: skip
    if said == own and epoch is None:
        return one
    zero, at = (0.0, 0.0) if epoch is None else (epoch, axis.start)
    times = at + (one.times - zero) * (1.0 if said == own else DAYS[said] / DAYS[own])
    return replace(one, times=times, clock=own)


def _counted(one: ObservedSeries, axis: TimeAxis, own: str, epoch: date) -> ObservedSeries:
    if own == "year":
        since = one.times - stamp_of(epoch, one.frequency)
    else:
        since = np.array([elapsed(date_of(t, one.frequency), epoch, own) for t in one.times])
    return replace(one, times=axis.start + since, clock=own)


def _as_date(one: ObservedSeries, epoch: date | float) -> date:
    if isinstance(epoch, date):
        return epoch
    if epoch == int(epoch) and 1 <= epoch <= 9999:
        return date(int(epoch), 1, 1)
    raise DataError(_time_place(one), f"dates, and the epoch {epoch:g}", "an epoch that is a date",
                    f"state it so: {_EPOCH}")  # fmt: skip


def _other_unit(one: ObservedSeries, axis: TimeAxis) -> DataError:
    return DataError(
        _time_place(one), f"plain numbers in a column that says {one.clock}",
        f"times in the unit of the model, {axis.unit}, or dates such as 2020-03-01",
        f"if the numbers are in {axis.unit}s, name the column 'time' or state"
        f" time_unit={axis.unit}; if they are in {one.clock}s, state time_unit={one.clock} and they"
        " are converted (a key of the command line and of the fit file)",
    )  # fmt: skip


def _time_place(one: ObservedSeries) -> str:
    file = one.file or f"series {one.name!r}"
    return f"{file}, column {one.time_column!r}" if one.time_column else file
