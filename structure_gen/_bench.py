"""Many links in one compiled model: all stand at their neutral values, and some are set free.

A link whose coefficient has a prior of no width stays neutral, and which priors have a width is a
matter of numbers: all candidates, parents and origins share one program and one compilation.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, final

import numpy as np

from calibration import (
    PINNED,
    FitFile,
    FitResult,
    FitTerm,
    FreeParameter,
    fit,
    residual_tables,
)
from structure_gen._evaluation import Evaluation, evaluation
from structure_gen._timeline import Timeline
from wmjax._errors import SpecError, UserError
from wmjax.model import CompiledModel, compile_model, with_parameters
from wmjax.program import coefficient_name
from wmjax.series import Observations
from wmjax.spec import Connection, Lookup, ModelSpec, Parameter, Prior


_PASSES = 4
_CLOSE = 0.1  # relative change of a sigma below which no further pass is made
_FLOOR = 1e-3  # of the standard deviation of the observations: below, only rounding is left
WIDTH = 0.5
"""Standard deviation of a coefficient of which nothing else is known: most elasticities between
large aggregates lie between -1 and 1."""


@final
@dataclass(frozen=True, eq=False)
class Task:
    """What every structure is measured by.

    - `observations`: without a row after the end of validation.
    - `unstated`: places of the terms whose sigma nobody stated: each fit learns it from its rows.
    - `drafted`: the variables of the draft. If the settings name the free parameters, they have
      chosen among these; what edits bring in is free wherever it is trainable.
    """

    observations: Observations
    drafted: frozenset[str]
    terms: tuple[FitTerm, ...]
    unstated: frozenset[int]
    timeline: Timeline
    settings: FitFile


@final
class Bench:
    """One compiled model: `base` with all `links` joined to it."""

    def __init__(self, base: ModelSpec, links: Sequence[Connection], task: Task) -> None:
        self.base, self.links, self.task = base, tuple(links), task
        self.model = compile_model(with_links(base, self.links))
        self._names = {key(c): coefficient_name(c) for c in self.links}

    def evaluate(
        self, active: Collection[Connection], until: float | None = None
    ) -> Evaluation | None:
        """Calibrates at every origin with the coefficients of some links free; None if that was
        not done by a moment of `time.monotonic`.

        A structure that cannot be run or fitted is no error, but an evaluation that says why.
        """
        try:
            return evaluation(self.fits(active, until), self.task.timeline)
        except _Late:
            return None
        except UserError as error:
            return Evaluation(failure=f"{error.place}: {error.found}")

    def fits(
        self, active: Collection[Connection], until: float | None = None
    ) -> tuple[FitResult, ...]:
        """A fit to the rows up to each origin, and one to all up to the end of validation. Each
        begins where the one before ended, so that nothing is known of later rows."""
        free = self.free({key(c) for c in active})
        model, found = self.model, []
        for end in (*self.task.timeline.origins, self.task.timeline.end):
            found.append(self.fit(model, free, end, until))
            model = _moved(self.model, found[-1].model, free)
        return tuple(found)

    def fit(
        self, model: CompiledModel, free: Mapping[str, FreeParameter], end: float,
        until: float | None = None,
    ) -> FitResult:  # fmt: skip
        """Fits, and where nobody stated a sigma again with what the residuals say of it: a sigma
        that is too wide would leave the numbers to their priors."""
        task, terms = self.task, self.task.terms
        for _ in range(_PASSES):
            found = fit(
                model, task.observations, settings=task.settings, terms=terms, free=dict(free),
                window=(task.timeline.start, end), progress=lambda *_: _in_time(until),
            )  # fmt: skip
            before, terms = terms, _learned(found, terms, task.unstated)
            if not _differ(before, terms):
                break
            model = _moved(model, found.model, free)
        return found

    def free(self, active: Collection[str]) -> dict[str, FreeParameter]:
        """Every trainable number of the base, as the settings have it, and all coefficients; those
        of the links with the keys `active` may move."""
        asked = self.task.settings.parameters or {}
        found = {n: p for n, p in asked.items() if n.partition("[")[0] in self.model.spec.variables}
        named = {n.partition("[")[0] for n in found}
        links = {self._names[key(c)]: c for c in self.links}
        for name, variable in self.model.spec.variables.items():
            if name in links:
                found[name] = _coefficient(links[name], key(links[name]) in active)
            elif name not in named and is_trainable(variable):
                if not asked or name not in self.task.drafted:
                    found[name] = FreeParameter()
        return found


class _Late(Exception):
    """The time is over."""


def _in_time(until: float | None) -> None:
    if until is not None and time.monotonic() > until:
        raise _Late


def _learned(
    found: FitResult, terms: tuple[FitTerm, ...], unstated: frozenset[int]
) -> tuple[FitTerm, ...]:
    """Sigma as the size of the residuals, where nobody stated it."""
    new = list(terms)
    for i, table in enumerate(residual_tables(found).values()):
        if i in unstated and table.used.any():
            size = float(np.sqrt(np.mean(table.residuals[table.used] ** 2)))
            sigma = max(size, _FLOOR * float(np.std(table.observed)), 1e-12)
            new[i] = terms[i].model_copy(update={"sigma": sigma})
    return tuple(new)


def _differ(before: tuple[FitTerm, ...], after: tuple[FitTerm, ...]) -> bool:
    pairs = ((a.sigma, b.sigma) for a, b in zip(before, after, strict=True))
    return any(a != b and (a is None or b is None or abs(b / a - 1) > _CLOSE) for a, b in pairs)


def with_links(spec: ModelSpec, links: Sequence[Connection]) -> ModelSpec:
    """The spec with further connections, each at its neutral value."""
    neutral = (c.model_copy(update={"value": 0.0}) for c in links)
    return ModelSpec.model_validate({**dict(spec), "connections": (*spec.connections, *neutral)})


def key(connection: Connection) -> str:
    """Equal for links that are the same in the model."""
    data = connection.model_dump(
        mode="json", exclude_defaults=True, exclude={"reasoning", "origin", "polarity"}
    )
    return repr(sorted(data.items()))


def can_join(spec: ModelSpec) -> bool:
    """Whether a spec can be computed: two links may each be sound and together be a loop."""
    from wmjax.program import lower

    try:
        lower(spec)
    except SpecError:
        return False
    return True


def _coefficient(link: Connection, is_free: bool) -> FreeParameter:
    neutral = 1.0 if link.form == "lookup" else 0.0
    if not is_free:
        return FreeParameter(prior=Prior(normal=(neutral, PINNED)), initial=neutral,
                             bounds=(None, None))  # fmt: skip
    return FreeParameter(prior=link.prior or Prior(normal=(neutral, WIDTH)), bounds=link.bounds)


def is_trainable(variable: Any) -> bool:
    """Whether a variable is a number, or a table, that a fit may move."""
    if isinstance(variable, Lookup):
        return variable.y.trainable
    return isinstance(variable, Parameter) and variable.trainable


def _moved(
    model: CompiledModel, fitted: CompiledModel, free: Mapping[str, FreeParameter]
) -> CompiledModel:
    """The model with all its data, at the numbers of a fit that knew less of them."""
    names = dict.fromkeys(n.partition("[")[0] for n in free)
    values = {
        n: np.asarray(fitted.lookups[n].y if n in fitted.lookups else fitted.parameters[n])
        for n in names
    }
    return with_parameters(model, values)
