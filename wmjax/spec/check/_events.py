"""Events and scenarios: what they act on, and whether they ever happen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from wmjax.spec._event import Event
from wmjax.spec._issue import Issue
from wmjax.spec._names import spelling_hint
from wmjax.spec._scenario import Scenario
from wmjax.spec._variable import Lookup, Parameter, Value
from wmjax.spec.check._codes import issue
from wmjax.spec.check._context import Context
from wmjax.spec.check._elements import numbers, value_issues


_MOVABLE = ("parameter", "series", "flow", "auxiliary")


def event_issues(context: Context, events: Sequence[Event]) -> Iterator[Issue]:
    """Targets that do not exist or cannot be moved, and events outside the time of the model."""
    time = context.spec.time
    for event in events:
        path = f"events.{event.name}"
        for i, effect in enumerate(event.effects):
            yield from context.target(
                effect.target, f"{path}.effects[{i}].target", "event-target", _MOVABLE
            )
        over = event.duration is not None and event.start + event.duration <= time.start
        if event.start > time.end or over:
            yield issue("unreachable", path,
                        f"the event never happens between {time.start:g} and {time.end:g}",
                        "correct its start or duration")  # fmt: skip


def scenario_issues(context: Context, scenario: Scenario) -> Iterator[Issue]:
    """What a scenario sets that does not exist, is of another kind or does not fit."""
    for name, value in scenario.parameters.items():
        path, variable = f"parameters.{name}", context.spec.variables.get(name)
        if isinstance(variable, Lookup):
            yield from _points(path, value, variable)
        else:
            yield from _kind(context, path, name, "parameter")
        if not isinstance(variable, Parameter | Lookup):
            continue
        if isinstance(variable, Parameter):
            yield from value_issues(context, path, value, variable.dims)
        low, high = variable.bounds or (-float("inf"), float("inf"))
        if any(not low <= v <= high for v in numbers(value)):
            yield issue("bounds-exclude-value", path,
                        f"the value lies outside the bounds [{low:g}, {high:g}] of {name!r}",
                        "correct it, if it is no deliberate extreme", "warning")  # fmt: skip
    for name in scenario.series:
        yield from _kind(context, f"series.{name}", name, "series")
    for name, times in Counter(event.name for event in scenario.events).items():
        if times > 1:
            yield issue("duplicate-name", f"events.{name}", f"{times} events are named {name!r}",
                        "rename all but one")  # fmt: skip
    yield from event_issues(context, scenario.events)


def _points(path: str, value: Value, lookup: Lookup) -> Iterator[Issue]:
    wanted, found = len(lookup.y.points), list(numbers(value))
    if not isinstance(value, tuple) or len(found) != wanted:
        yield issue("scenario-target", path, f"{len(found)} numbers for {wanted} points",
                    "give one y value for each x of the lookup, as a list")  # fmt: skip


def _kind(context: Context, path: str, name: str, kind: str) -> Iterator[Issue]:
    variables = context.spec.variables
    if name not in variables:
        own = [n for n, v in variables.items() if v.kind == kind]
        yield issue("scenario-target", path, f"there is no {kind} {name!r}",
                    spelling_hint(name, own, f"name a {kind} of the model"))  # fmt: skip
    elif variables[name].kind != kind:
        yield issue(
            "scenario-target",
            path,
            f"{name!r} is a {variables[name].kind}; wanted a {kind}",
            "use an event to move a flow or an auxiliary",
        )
