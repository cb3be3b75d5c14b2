"""The codes of issues: stable names, their usual severity, and what they mean."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from wmjax.spec._issue import Issue


Severity = Literal["error", "warning"]

_ERRORS = {
    "format": "the content does not fit the format, or is not YAML or JSON",
    "unknown-key": "a key that the format does not have",
    "missing-key": "a key that must be there is missing",
    "missing-initial": "a stock without initial value",
    "time-step": "step, save_every and the span are no multiples; as a warning: a delay or smooth "
    "shorter than the step",
    "syntax": "text that is no expression, or no unit",
    "unknown-name": "a variable, parameter, lever or dimension that does not exist",
    "unknown-function": "a function that does not exist, or a variable called like one",
    "wrong-arity": "a function or lookup with too few or too many arguments",
    "lookup-use": "a lookup used as a plain variable",
    "delay-order": "the order of a delay that is no literal whole number",
    "reserved-name": "a variable or dimension named like a word of the language",
    "duplicate-name": "two things of one name",
    "algebraic-loop": "values that depend on themselves at the same moment",
    "initial-loop": "initial values that depend on themselves",
    "unit-clash": "a sum, comparison, argument or equation of units that measure different things",
    "dimension-unknown": "a dimension that does not exist, or an alias in a circle",
    "dimension-clash": "an equation or reference whose dimensions do not fit",
    "element-unknown": "an element that its dimension does not have",
    "element-missing": "an equation or value for each element that leaves one out",
    "element-twice": "two equations for one element",
    "bounds-exclude-value": "a value outside its bounds, or bounds without room",
    "stock-flow": "an inflow or outflow that is unknown, no rate, or both of one stock",
    "event-target": "an event on something that does not exist or cannot be moved",
    "lever-target": "a lever on something that is no parameter",
    "scenario-target": "a scenario that sets something that does not exist, or of another kind",
    "actor-parent": "a parent that does not exist, or parents in a circle",
    "actor-level": "a parent whose level is not above its child's",
    "actor-owns": "an actor that owns a variable or lever that does not exist",
    "connection-end": "a connection from or to something that does not exist",
    "connection-target": "a connection with a form into something without a single equation",
    "unknown-series": "a series that the catalogue does not have",
}
_WARNINGS = {
    "unit-scale": "units that differ by a factor",
    "unit-literal": "a bare number beside a quantity with a unit; it is taken to be in that unit",
    "unit-unknown": "a unit that nobody defined; it counts as a base unit",
    "unit-missing": "variables without unit, where others have one",
    "prior-outside-bounds": "a prior centred outside the bounds, or that does not touch them",
    "lever-bounds": "a lever whose bounds exclude the value or leave the parameter's bounds",
    "unused-variable": "a variable that nothing reads, observes, owns or checks",
    "unreachable": "a stock that cannot change, or an event that never happens",
    "claim-without-path": "a connection without form that no chain of equations bears out",
    "claim-polarity": "a connection whose sign contradicts the equations",
}
CODES: Mapping[str, tuple[Severity, str]] = {
    **{code: ("error", text) for code, text in _ERRORS.items()},
    **{code: ("warning", text) for code, text in _WARNINGS.items()},
}
"""Usual severity and meaning of every code that `check_spec` reports."""


def issue(
    code: str, path: str, message: str, hint: str = "", severity: Severity | None = None
) -> Issue:
    """An issue of a known code, with its usual severity if none is given."""
    return Issue(code=code, path=path, message=message, hint=hint,
                 severity=severity or CODES[code][0])  # fmt: skip
