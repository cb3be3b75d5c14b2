"""A fit file, arguments and a spec put together: which terms, and what is free."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias, final

from calibration._fit_file import FitFile, read_mapping, salvage_fit_file
from calibration._free import Free, free_elements
from calibration._join import join_mistakes, joined_terms, nothing_observed, unit_notes
from calibration._kinds import check_kinds
from calibration._methods import check_method
from calibration._origin import overlap
from calibration._term import FitTerm
from wmjax._errors import UserError, UserErrors
from wmjax.model import CompiledModel
from wmjax.series import ModelTime, Observations, in_model_time


Settings: TypeAlias = "FitFile | Mapping[str, Any] | str | os.PathLike[str] | None"


@final
@dataclass(frozen=True)
class Resolved:
    """What is asked, with every name known to exist.

    - `observations`: with the compared series in the time of the model.
    - `notes`: what was taken for granted, in sentences.
    """

    file: FitFile
    terms: tuple[FitTerm, ...]
    free: Free
    observations: Observations
    notes: tuple[str, ...] = ()


def resolve(
    model: CompiledModel, observations: Observations, settings: Settings,
    terms: Sequence[FitTerm] | None, free: Free, **given: Any,
) -> Resolved:  # fmt: skip
    """Settings and arguments, checked against the model and the observations. What is `given` and
    not None takes the place of what the settings say.

    **Raises:** `UserErrors` with every mistake in all of them.
    """
    check_kinds(model, observations, settings, terms, free)
    file = _file(settings)
    errors = list(file.mistakes)
    file = file.changed(**given)
    free = file.parameters if free is None else free
    try:
        free_elements(model, free)
    except UserErrors as several:
        errors += several.errors
    except UserError as error:
        errors.append(error)
    chosen = tuple(joined_terms(model, observations, file) if terms is None else terms)
    for term in chosen:
        errors += join_mistakes(model, observations, term, file)
    if not chosen:
        errors.append(nothing_observed(model, observations))
    moved = _moved(model, observations, chosen, file)
    errors += [*moved.errors, *check_method(file.method), *overlap(file.backtest)]
    if errors:
        raise errors[0] if len(errors) == 1 else UserErrors(errors)
    notes = (*moved.notes, *unit_notes(model, observations, chosen))
    return Resolved(file, chosen, free, moved.observations, notes)


def _moved(
    model: CompiledModel, observations: Observations, terms: Sequence[FitTerm], file: FitFile
) -> ModelTime:
    names = [term.observed for term in terms if term.observed in observations]
    return in_model_time(
        observations, names, model.spec.time, unit=file.time_unit, epoch=file.epoch
    )


def compared_terms(
    model: CompiledModel, observations: Observations, settings: Settings = None,
    terms: Sequence[FitTerm] | None = None, free: Free = None,
) -> tuple[FitTerm, ...]:  # fmt: skip
    """What `fit` would compare with the same arguments: one term for each series.

    **Raises:** as `fit` does for names that do not exist.
    """
    return resolve(model, observations, settings, terms, free).terms


def assumptions(
    model: CompiledModel, observations: Observations, settings: Settings = None,
    terms: Sequence[FitTerm] | None = None, free: Free = None,
) -> tuple[str, ...]:  # fmt: skip
    """What `fit` would take for granted with the same arguments, in sentences: units that nobody
    states, and the date at which the model starts.

    **Raises:** as `fit` does for names and numbers that do not fit model or observations.
    """
    return resolve(model, observations, settings, terms, free).notes


def _file(settings: Settings) -> FitFile:
    if settings is None or isinstance(settings, FitFile):
        return settings or FitFile()
    if isinstance(settings, Mapping):
        return read_mapping("settings", dict(settings))
    return salvage_fit_file(settings)
