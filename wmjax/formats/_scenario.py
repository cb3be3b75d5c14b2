"""A scenario written into the spec, for programs that know no scenarios."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from wmjax._errors import SpecError, UserError
from wmjax.spec import Lookup, ModelSpec, Scenario, Series, SeriesPath, check_scenario
from wmjax.spec._document import FrozenDict


def under_scenario(spec: ModelSpec, scenario: Scenario | None) -> ModelSpec:
    """The spec that runs without a scenario as this one does with it.

    Parameters take the values of the scenario (tables the y of their points), series follow its
    paths, and its events come after those of the spec.

    **Raises:** `SpecError` with everything in the scenario that does not fit the spec; `UserError`
    for a table with another number of points.
    """
    if scenario is None:
        return spec
    variables: dict[str, Any] = dict(spec.variables)
    tables = {n for n in scenario.parameters if isinstance(variables.get(n), Lookup)}
    numbers = {n: v for n, v in scenario.parameters.items() if n not in tables}
    issues = check_scenario(spec, scenario.model_copy(update={"parameters": numbers}))
    errors = [i for i in issues if i.severity == "error"]
    if errors:
        raise SpecError(f"scenario {scenario.name!r}", errors)
    for name in tables:
        variables[name] = _retabled(variables[name], name, scenario.parameters[name])
    for name, value in numbers.items():
        variables[name] = variables[name].model_copy(update={"value": value})
    for name, path in scenario.series.items():
        variables[name] = _replaced(spec, name, path)
    events = (*spec.events, *scenario.events)
    return spec.model_copy(update={"variables": FrozenDict(variables), "events": events})


def _retabled(table: Lookup, name: str, values: Any) -> Lookup:
    """The table with other y."""
    wanted = len(table.y.points)
    if not isinstance(values, Sequence) or len(values) != wanted:
        raise UserError(f"scenario, table {name!r}", repr(values)[:80], f"a list of {wanted} y",
                        "give one for each x of the table")  # fmt: skip
    y = table.y.model_copy(update={"points": tuple(map(float, values))})
    return table.model_copy(update={"y": y})


def _replaced(spec: ModelSpec, name: str, path: SeriesPath) -> Series:
    """The series that follows a path from its first time on, and holds after its last."""
    from wmjax.series._path import series_path

    old = spec.variables[name]
    assert isinstance(old, Series)
    known = series_path(spec, name)
    before = known.times < path.times[0]
    update = {
        "data": None,
        "times": (*known.times[before].tolist(), *path.times),
        "values": (*known.values[before].tolist(), *path.values),
        "beyond": {"rule": "hold"},
    }
    return Series.model_validate(dict(old) | update)
