"""Every problem of a spec at once."""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from wmjax._errors import UserError
from wmjax._garbage import garbage_later
from wmjax.spec._files import model_path, read_file
from wmjax.spec._issue import Issue
from wmjax.spec._model_spec import ModelSpec
from wmjax.spec._read import Salvage, salvage
from wmjax.spec._scenario import Scenario
from wmjax.spec.check._actors import actor_issues
from wmjax.spec.check._bounds import lever_issues, number_issues
from wmjax.spec.check._codes import issue
from wmjax.spec.check._connections import connection_issues
from wmjax.spec.check._context import Context
from wmjax.spec.check._elements import element_issues
from wmjax.spec.check._events import event_issues, scenario_issues
from wmjax.spec.check._expressions import expression_issues
from wmjax.spec.check._naming import dimension_issues, name_issues, series_issues
from wmjax.spec.check._structure import flow_issues, loop_issues, unused_issues
from wmjax.spec.check._units import unit_issues


Source = ModelSpec | str | os.PathLike[str] | Mapping[str, Any]


@garbage_later()
def check_spec(
    source: Source, *, units: bool = True, catalogue: Collection[str] | None = None
) -> tuple[Issue, ...]:
    """Every problem of a spec, errors first; empty if there is none.

    **Arguments:**

    - `source`: a spec, the name of a bundled model, a path, or plain data. What does not fit the
      format is reported and left out, and the rest is examined all the same.
    - `units`: whether to check units, which costs most of the time.
    - `catalogue`: the series that exist by id, perhaps with their units; without it neither is
      checked.

    **Raises:** `UserError` if there is no such model or file. A bad spec raises nothing.
    """
    found = _salvaged(source)
    issues = list(found.issues)
    if found.spec is not None:
        hidden = tuple(json.dumps(part, default=str) for part in found.lost.values())
        context = Context(found.spec, frozenset(found.lost), hidden, catalogue)
        issues += _examined(context)
        if units:
            issues += unit_issues(context)
    unique = {(i.code, i.path, i.message): i for i in issues}
    return tuple(sorted(unique.values(), key=lambda i: i.severity))


def check_scenario(spec: ModelSpec, scenario: Scenario) -> tuple[Issue, ...]:
    """Every problem of a scenario for a spec, errors first."""
    issues = scenario_issues(Context(spec), scenario)
    return tuple(sorted(issues, key=lambda i: i.severity))


def _examined(context: Context) -> Iterator[Issue]:
    yield from name_issues(context)
    yield from dimension_issues(context)
    yield from expression_issues(context)
    yield from element_issues(context)
    yield from flow_issues(context)
    yield from loop_issues(context)
    yield from number_issues(context)
    yield from lever_issues(context)
    yield from actor_issues(context)
    yield from connection_issues(context)
    yield from event_issues(context, context.spec.events)
    yield from unused_issues(context)
    yield from series_issues(context)


def _salvaged(source: Source) -> Salvage:
    if isinstance(source, ModelSpec):
        return Salvage(source, (), {})
    place = "spec" if isinstance(source, Mapping) else str(source)
    path = None if isinstance(source, Mapping) else model_path(source)
    try:
        data = (
            dict(source) if isinstance(source, Mapping) else read_file(path or model_path(source))
        )
        return salvage(data, place)
    except UserError as error:
        message = f"found {error.found}; wanted {error.wanted}"
        return Salvage(None, (issue("format", error.place, message, error.hint),), {})
