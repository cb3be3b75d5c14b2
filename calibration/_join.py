"""Which variable is compared with which series."""

from __future__ import annotations

from collections.abc import Iterator

from calibration._element import labels, near, position, split
from calibration._fit_file import FitFile, SeriesSettings
from calibration._term import FitTerm
from wmjax._errors import UserError
from wmjax.model import CompiledModel
from wmjax.series import Observations, ObservedSeries
from wmjax.spec import UnitError, convert_factor


_OBSERVABLE = ("stock", "flow", "auxiliary", "parameter", "series")


def joined_terms(
    model: CompiledModel, observations: Observations, file: FitFile
) -> Iterator[FitTerm]:
    """The terms of a fit file: those of its `series`, else every variable whose `observed` series
    is there. An array is compared element by element, as far as there are series."""
    if file.series is not None:
        for variable, own in file.series.items():
            yield from _entry(model, observations, file, variable, own)
        return
    for variable, spec in model.spec.variables.items():
        if not spec.observed or spec.kind not in _OBSERVABLE:
            continue
        for label in labels(model, variable):
            observed = _found(observations, _names(spec.observed, label))
            if observed is not None:
                yield file.term(label, SeriesSettings(), observed)


def _entry(
    model: CompiledModel, observations: Observations, file: FitFile, variable: str,
    own: SeriesSettings,
) -> Iterator[FitTerm]:  # fmt: skip
    name, subscripts = split(variable)
    slot = model.program.slot.get(name)
    spec = model.spec.variables.get(name)
    stated = own.observed or (spec.observed if spec and spec.observed else None) or name
    if slot is None or not slot.dims or name not in model.program.names(*_OBSERVABLE):
        yield file.term(variable, own, _found(observations, [stated]) or stated)
    elif subscripts:
        names = [stated, *_names(stated, variable)] if own.observed else _names(stated, variable)
        yield file.term(variable, own, _found(observations, names) or names[0])
    else:
        yield from _elements(model, observations, file, name, own, stated)


def _elements(
    model: CompiledModel, observations: Observations, file: FitFile, name: str,
    own: SeriesSettings, stated: str,
) -> Iterator[FitTerm]:  # fmt: skip
    wanted = {label: _names(stated, label) for label in labels(model, name)}
    found = {label: _found(observations, names) for label, names in wanted.items()}
    if not any(found.values()):
        label = next(iter(wanted))
        yield file.term(label, own, wanted[label][0])
    for label, observed in found.items():
        if observed is not None:
            yield file.term(label, own, observed)


def _names(observed: str, label: str) -> list[str]:
    """What the series of an element may be called: `people` of `x[North]` as `people[North]` in a
    table, `people.North` in the catalogue; `countries.*.gdp` as `countries.North.gdp`."""
    subscripts = split(label)[1]
    if not subscripts:
        return [observed]
    if "*" in observed:
        return [observed.replace("*", ".".join(subscripts))]
    return [f"{observed}[{','.join(subscripts)}]", ".".join((observed, *subscripts))]


def _found(observations: Observations, names: list[str]) -> str | None:
    """The first of the names that is there; a column of a fetched table by its plain name too, if
    no other table has one."""
    for name in names:
        if name in observations:
            return name
        ends = [n for n in observations if n.endswith(f".{name}")]
        if len(ends) == 1:
            return ends[0]
    return None


def join_mistakes(
    model: CompiledModel, observations: Observations, term: FitTerm, file: FitFile
) -> Iterator[UserError]:
    """What is wrong with the names and units of a term."""
    place = f"{file.place}, " * bool(file.place) + f"series.{term.variable}"
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
        yield _missing(observations, term, place)
    elif name in known:
        yield from _other_unit(model, observations[term.observed], term, place)


def _missing(observations: Observations, term: FitTerm, place: str) -> UserError:
    files = ", ".join(dict.fromkeys(s.file for s in observations.values() if s.file))
    listed = list(observations)
    shown = ", ".join(listed[:12]) + (", ..." if len(listed) > 12 else "") or "nothing"
    alike = near(term.observed, listed)
    hint = f"{alike} Or " if alike.endswith("?") else ""
    return UserError(
        place, f"{term.variable!r} is joined to {term.observed!r}, but there is no series"
        f" {term.observed!r} in {files or 'the observations'}",
        f"a column that is there: {shown}",
        f"{hint}name the column in a fit file, series: {{{term.variable}: {{observed: COLUMN}}}},"
        " or rename it",
    )  # fmt: skip


def _other_unit(
    model: CompiledModel, series: ObservedSeries, term: FitTerm, place: str
) -> Iterator[UserError]:
    unit = model.spec.variables[split(term.variable)[0]].unit
    if not unit or not series.unit or unit == series.unit:
        return
    try:
        convert_factor(series.unit, unit, model.spec.units)
    except UnitError as error:
        yield UserError(
            f"{series.place}, joined to the variable {term.variable!r} ({place})",
            f"the unit {series.unit!r}", f"a unit that can be turned into {unit!r}, the unit of"
            f" {term.variable!r} in the model",
            f"state another unit in the header, as in '{series.name.split('.')[-1]} [{unit}]', and"
            f" convert the values if they are in another one; or {error.hint}",
        )  # fmt: skip


def unit_notes(
    model: CompiledModel, observations: Observations, terms: tuple[FitTerm, ...]
) -> Iterator[str]:
    """A sentence for each series whose unit is taken to be that of its variable."""
    for term in terms:
        unit = model.spec.variables[split(term.variable)[0]].unit
        if unit and not observations[term.observed].unit:
            yield f"unit of {term.observed} assumed: {unit}, as the model"


def nothing_observed(model: CompiledModel, observations: Observations) -> UserError:
    """The error if no variable is joined to anything."""
    return UserError(
        f"model {model.spec.name!r}", "no variable is joined to a series of the observations",
        "at least one",
        "name them under `series` in a fit file, or give variables an `observed` id; "
        f"observed series: {', '.join(list(observations)[:8])}",
    )  # fmt: skip
