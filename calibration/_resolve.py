"""A fit file, arguments and a spec put together: which terms, and what is free."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, final

from calibration._element import labels, near, position, split
from calibration._fit_file import FitFile, SeriesSettings, salvage_fit_file
from calibration._free import Free, free_elements
from calibration._methods import check_method
from calibration._term import FitTerm
from wmjax._errors import UserError, UserErrors
from wmjax.model import CompiledModel
from wmjax.series import Observations


_OBSERVABLE = ("stock", "flow", "auxiliary", "parameter", "series")


@final
@dataclass(frozen=True)
class Resolved:
    """What is asked, with every name known to exist."""

    file: FitFile
    terms: tuple[FitTerm, ...]
    free: Free


def resolve(
    model: CompiledModel, observations: Observations,
    settings: FitFile | str | os.PathLike[str] | None,
    terms: Sequence[FitTerm] | None, free: Free, **given: Any,
) -> Resolved:  # fmt: skip
    """Settings and arguments, checked against the model and the observations. What is `given` and
    not None takes the place of what the settings say.

    **Raises:** `UserErrors` with every mistake in all of them.
    """
    file, errors = _file(settings)
    file = file.changed(**given)
    free = file.parameters if free is None else free
    try:
        free_elements(model, free)
    except UserErrors as several:
        errors += several.errors
    except UserError as error:
        errors.append(error)
    chosen = tuple(terms) if terms is not None else tuple(_terms(model, observations, file))
    for term in chosen:
        errors += _mistakes(model, observations, term)
    if not chosen:
        errors.append(_nothing_observed(model, observations))
    errors += check_method(file.method)
    if errors:
        raise errors[0] if len(errors) == 1 else UserErrors(errors)
    return Resolved(file, chosen, free)


def compared_terms(
    model: CompiledModel, observations: Observations,
    settings: FitFile | str | os.PathLike[str] | None = None,
    terms: Sequence[FitTerm] | None = None, free: Free = None,
) -> tuple[FitTerm, ...]:  # fmt: skip
    """What `fit` would compare with the same arguments: one term for each series.

    **Raises:** as `fit` does for names that do not exist.
    """
    return resolve(model, observations, settings, terms, free).terms


def _file(
    settings: FitFile | str | os.PathLike[str] | None,
) -> tuple[FitFile, list[UserError]]:
    if settings is None:
        return FitFile(), []
    return (settings, []) if isinstance(settings, FitFile) else salvage_fit_file(settings)


def _terms(model: CompiledModel, observations: Observations, file: FitFile) -> Iterator[FitTerm]:
    if file.series is not None:
        for variable, own in file.series.items():
            yield file.term(variable, own, own.observed or _own_series(model, variable))
        return
    for variable, spec in model.spec.variables.items():
        if not spec.observed or spec.kind not in _OBSERVABLE:
            continue
        for label in labels(model, variable):
            observed = _element_series(spec.observed, label)
            if observed in observations:
                yield file.term(label, SeriesSettings(), observed)


def _own_series(model: CompiledModel, label: str) -> str:
    """What the spec says a variable is observed as; else its own name."""
    spec = model.spec.variables.get(split(label)[0])
    return _element_series(spec.observed, label) if spec and spec.observed else label


def _element_series(observed: str, label: str) -> str:
    """`countries.*.gdp` or `un.population` for `x[China]`: `countries.China.gdp`,
    `un.population.China`."""
    elements = ".".join(split(label)[1])
    if not elements:
        return observed
    return observed.replace("*", elements) if "*" in observed else f"{observed}.{elements}"


def _mistakes(
    model: CompiledModel, observations: Observations, term: FitTerm
) -> Iterator[UserError]:
    place = f"series.{term.variable}"
    name = split(term.variable)[0]
    known = model.program.names(*_OBSERVABLE)
    if name not in known:
        yield UserError(place, f"no variable {name!r} in the model",
                        f"one of {len(known)} variables", near(name, known))  # fmt: skip
    else:
        try:
            position(model.program, term.variable, place)
        except UserError as error:
            yield error
    if term.observed not in observations:
        yield UserError(
            f"{place}, observed", f"no series {term.observed!r} in the observations",
            f"one of {len(observations)} series", near(term.observed, observations),
        )  # fmt: skip


def _nothing_observed(model: CompiledModel, observations: Observations) -> UserError:
    return UserError(
        f"model {model.spec.name!r}", "no variable is joined to a series of the observations",
        "at least one",
        "name them under `series` in a fit file, or give variables an `observed` id; "
        f"observed series: {', '.join(list(observations)[:8])}",
    )  # fmt: skip
