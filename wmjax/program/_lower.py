"""ModelSpec to Program."""

from __future__ import annotations

import itertools
from collections.abc import Mapping

from wmjax.program._connections import expand_connections
from wmjax.program._node import Node
from wmjax.program._order import initial_order, layers
from wmjax.program._program import Assignment, Program, Slot, readable
from wmjax.program._scope import Scope, refuse
from wmjax.program._translate import Translator
from wmjax.spec import (
    Auxiliary,
    Check,
    Expression,
    Flow,
    Lookup,
    ModelSpec,
    Operation,
    Series,
    Stock,
    format_name,
    parse_expression,
)


def lower(spec: ModelSpec) -> Program:
    """Translates a spec into operations in order of evaluation.

    **Raises:** `SpecError` for the first thing that cannot be translated; `check_spec` finds all.
    """
    spec = expand_connections(spec)
    scope = Scope(spec)
    running = {n: _running(scope, n) for n, v in spec.variables.items() if _has_equation(v)}
    rates = {n: _rate(scope, n, v) for n, v in spec.variables.items() if isinstance(v, Stock)}
    starts = {
        n: _filled(scope, n, v.initial) for n, v in spec.variables.items() if isinstance(v, Stock)
    }
    checks = tuple(_check(scope, i, c) for i, c in enumerate(spec.checks))
    for hidden in scope.hidden:
        rates[hidden.slot.name] = _fill(scope, hidden.rate, hidden.slot.dims)
        starts[hidden.slot.name] = _fill(scope, hidden.initial, hidden.slot.dims)
    return Program(
        dimensions=tuple(scope.elements.items()),
        slots=(*_slots(spec), *(h.slot for h in scope.hidden)),
        layers=layers(running),
        initial=initial_order(starts, running),
        rates=tuple(Assignment(n, node) for n, node in rates.items() if not _is_zero(node)),
        checks=checks,
        lookups=tuple((n, v.outside) for n, v in spec.variables.items() if isinstance(v, Lookup)),
        series=tuple(
            (n, v.interpolation) for n, v in spec.variables.items() if isinstance(v, Series)
        ),
    )


def _has_equation(variable: object) -> bool:
    return isinstance(variable, Flow | Auxiliary)


def _slots(spec: ModelSpec) -> tuple[Slot, ...]:
    return tuple(Slot(n, v.kind, v.dims, v.unit) for n, v in spec.variables.items())


def _running(scope: Scope, name: str) -> Node:
    variable = scope.spec.variables[name]
    assert isinstance(variable, Flow | Auxiliary)
    return _filled(scope, name, variable.equation)


def _filled(scope: Scope, name: str, formula: str | Mapping[str, str]) -> Node:
    """The value of a formula over all dimensions of its variable."""
    dims = scope.dims(name)
    translator = Translator(scope, name, dims)
    if isinstance(formula, str):
        return _fill(scope, translator.text(formula), dims, name)
    return _assembled(scope, translator, name, formula)


def _assembled(
    scope: Scope, translator: Translator, name: str, formulas: Mapping[str, str]
) -> Node:
    """One equation for each element, put together."""
    dims = scope.dims(name)
    parts = []
    given = {tuple(p.strip() for p in key.split(",")): text for key, text in formulas.items()}
    for combination in itertools.product(*(enumerate(scope.elements[d]) for d in dims)):
        key = tuple(element for _, element in combination)
        if key not in given:
            raise refuse("element-missing", f"variables.{name}", f"no equation for {','.join(key)}")
        bound = {d: i for d, (i, _) in zip(dims, combination, strict=True)}
        part = translator.at(bound).text(given[key])
        if part.dims:
            raise refuse("dimension-clash", f"variables.{name}", f"{part.dims} are left over")
        parts.append(part)
    return scope.nodes.make("assemble", tuple(parts), dims, dims)


def _fill(scope: Scope, node: Node, dims: tuple[str, ...], name: str = "") -> Node:
    extra = [d for d in node.dims if d not in dims]
    if extra:
        raise refuse(
            "dimension-clash", f"variables.{name}",
            f"the equation has dimension {extra[0]!r}, the variable has {list(dims)}",
            "sum over it, or add it to dims",
        )  # fmt: skip
    return scope.nodes.make("fill", (node,), dims, dims) if node.dims != dims else node


def _rate(scope: Scope, name: str, stock: Stock) -> Node:
    """Inflows minus outflows; 0 if there are none."""
    dims = scope.dims(name)
    translator = Translator(scope, name, dims)
    total: Node | None = None
    for sign, flows in (("+", stock.inflows), ("-", stock.outflows)):
        for flow in flows:
            node = translator.expression(_flow(flow))
            if total is None:
                total = node if sign == "+" else translator.pointwise("neg", node)
            else:
                total = translator.pointwise(sign, total, node)
    return _fill(scope, total if total is not None else scope.nodes.const(0.0), dims, name)


def _is_zero(node: Node) -> bool:
    node = node.args[0] if node.op == "fill" else node
    return node.op == "const" and node.data == 0.0


def _check(scope: Scope, number: int, check: Check) -> Assignment:
    """The assertion as a value; a comparison at its top may miss by the tolerance."""
    before = len(scope.hidden)
    translator = Translator(scope, f"check {check.name}")
    e = parse_expression(check.assertion, f"check {check.name!r}")
    sign = {">": "-", ">=": "-", "<": "+", "<=": "+"}
    if check.tolerance and isinstance(e, Operation) and e.operator in (*sign, "="):
        left, right = map(translator.expression, e.operands)
        slack = scope.nodes.const(check.tolerance)
        if e.operator == "=":
            gap = translator.pointwise("abs", translator.pointwise("-", left, right))
            node = translator.pointwise("<=", gap, slack)
        else:
            right = translator.pointwise(sign[e.operator], right, slack)
            node = translator.pointwise(e.operator, left, right)
    else:
        node = translator.expression(e)
    memory = [h.slot.name for h in scope.hidden[before:] if not _is_zero(h.rate)]
    if memory:
        raise refuse(
            "check-memory", f"checks[{number}]", f"{readable(memory[0])} remembers the past",
            "give it a variable of its own and read that in the check",
        )  # fmt: skip
    return Assignment(check.name, node)


def _flow(text: str) -> Expression:
    """The flow that a stock names, perhaps with subscripts."""
    plain = text if "[" in text else format_name(text)
    return parse_expression(plain, "flow")
