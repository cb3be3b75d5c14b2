"""The links of a spec: what its connections say and what its equations do."""

from __future__ import annotations

from wmjax.report._content import Link
from wmjax.report._links import stated_links
from wmjax.report._polarity import Sign, Signs, polarities
from wmjax.spec import Auxiliary, Flow, Lookup, ModelSpec, Parameter, Stock, parse_expression


def spec_links(spec: ModelSpec) -> tuple[Link, ...]:
    """Each pair of cause and effect once: those of connections first, then those of equations.

    The sign of an equation's link is read off its form, with variables taken to be positive; it is
    open where the form does not settle it, and where the elements of an array disagree.
    """
    found = {(link.source, link.target): link for link in stated_links(spec)}
    values = _value_signs(spec)
    for name in spec.variables:
        for cause, sign in _signs(spec, name, values).items():
            if cause in spec.variables:
                found.setdefault((cause, name), Link(cause, name, sign))
    return tuple(found.values())


def _signs(spec: ModelSpec, name: str, values: dict[str, Sign]) -> Signs:
    variable = spec.variables[name]
    if isinstance(variable, Stock):
        return {**dict.fromkeys(variable.inflows, "+"), **dict.fromkeys(variable.outflows, "-")}
    if not isinstance(variable, Flow | Auxiliary):
        return {}
    given = variable.equation
    signs: Signs = {}
    for text in [given] if isinstance(given, str) else given.values():
        found = polarities(parse_expression(text, name), values, lambda f: _table(spec, f))
        signs |= {c: s if signs.get(c, s) == s else "" for c, s in found.items()}
    return signs


def _value_signs(spec: ModelSpec) -> dict[str, Sign]:
    """Signs of the parameters; arrays and variables are taken to be positive."""
    found: dict[str, Sign] = {}
    for name, variable in spec.variables.items():
        if isinstance(variable, Parameter) and isinstance(variable.value, float | int):
            found[name] = "-" if variable.value < 0 else "+"
    return found


def _table(spec: ModelSpec, name: str) -> tuple[Sign, Sign] | None:
    """The slope of a table and the sign of its values."""
    variable = spec.variables.get(name)
    if not isinstance(variable, Lookup):
        return None
    y = variable.y.points
    steps = [b - a for a, b in zip(y, y[1:], strict=False)]
    slope: Sign = "+" if min(steps) >= 0 else "-" if max(steps) <= 0 else ""
    value: Sign = "+" if min(y) >= 0 else "-" if max(y) <= 0 else ""
    return slope, value
