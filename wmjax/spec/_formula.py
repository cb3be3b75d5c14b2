"""Every piece of the expression language that a spec holds, with the place where it stands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal, NamedTuple

from wmjax.spec._expression import Expression, Mention
from wmjax.spec._format import format_name
from wmjax.spec._model_spec import ModelSpec
from wmjax.spec._parse import ExpressionError, read_expression
from wmjax.spec._variable import Auxiliary, Flow, Stock


Role = Literal["equation", "initial", "inflow", "outflow", "check", "cost"]


class Formula(NamedTuple):
    """One equation, initial value, named flow, assertion or cost.

    - `path`: where it stands, `variables.births.equation`.
    - `owner`: the variable it belongs to; empty for checks and costs.
    - `element`: for which elements, `China` or `China,coal`; empty for all.
    - `expression`: None if the text is no expression; `error` then says why.
    - `mentions`: the references and calls in it, outermost first.
    """

    path: str
    owner: str
    role: Role
    element: str
    text: str
    expression: Expression | None
    error: ExpressionError | None = None
    mentions: tuple[Mention, ...] = ()


def formulas(spec: ModelSpec) -> Iterator[Formula]:
    """All of them, in the order of the spec."""
    for name, variable in spec.variables.items():
        place = f"variables.{name}"
        if isinstance(variable, Flow | Auxiliary):
            yield from _each(f"{place}.equation", name, "equation", variable.equation)
        elif isinstance(variable, Stock):
            yield from _each(f"{place}.initial", name, "initial", variable.initial)
            for i, flow in enumerate(variable.inflows):
                yield _formula(f"{place}.inflows[{i}]", name, "inflow", "", _plain(flow))
            for i, flow in enumerate(variable.outflows):
                yield _formula(f"{place}.outflows[{i}]", name, "outflow", "", _plain(flow))
    for i, check in enumerate(spec.checks):
        yield _formula(f"checks[{i}].assert", "", "check", "", check.assertion)
    for name, lever in spec.levers.items():
        if lever.cost is not None:
            yield _formula(f"levers.{name}.cost", "", "cost", "", lever.cost)


def _plain(flow: str) -> str:
    return flow if "[" in flow else format_name(flow)


def _each(path: str, owner: str, role: Role, texts: str | Mapping[str, str]) -> Iterator[Formula]:
    if isinstance(texts, str):
        yield _formula(path, owner, role, "", texts)
        return
    for element, text in texts.items():
        yield _formula(f"{path}[{element}]", owner, role, element, text)


def _formula(path: str, owner: str, role: Role, element: str, text: str) -> Formula:
    try:
        read = read_expression(text, path)
        return Formula(path, owner, role, element, text, read.expression, None, read.mentions)
    except ExpressionError as error:
        return Formula(path, owner, role, element, text, None, error)
