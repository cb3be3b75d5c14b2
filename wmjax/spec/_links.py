"""The influence graph of a spec: who acts on whom, and with which sign."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any, Literal

from wmjax.spec._expression import Call, Expression, Number, Operation, Reference
from wmjax.spec._formula import Formula, formulas
from wmjax.spec._graph import dependencies
from wmjax.spec._model_spec import ModelSpec
from wmjax.spec._names import read_name
from wmjax.spec._sign import Sign, SignRules, parameter_sign, plus, times
from wmjax.spec._variable import Parameter, Series, Stock


Polarity = Literal["+", "-"]
_SHOWN: dict[Sign, Polarity | None] = {1: "+", -1: "-", 0: None, None: None}


def causal_links(spec: ModelSpec) -> list[tuple[str, str, Polarity | None]]:
    """Every influence `(from, to, polarity)` of the equations, in the order of the spec.

    The polarity is given where it follows from the equations, from parameters, tables and bounds
    of one sign, and from checks that say `x >= 0`; for a connection with a form it is the one
    stated. Otherwise it is None.
    """
    return list(Links(spec).all())


class Links:
    """Influences of one spec with their signs."""

    def __init__(self, spec: ModelSpec) -> None:
        self.spec = spec
        self.reads = dependencies(spec)
        self.acts: dict[str, list[str]] = {name: [] for name in spec.variables}
        for name, read in self.reads.items():
            for other in sorted(read):
                self.acts[other].append(name)

    @cached_property
    def _signs(self) -> dict[tuple[str, str], Sign]:
        return _signs(self.spec)

    def all(self) -> Iterator[tuple[str, str, Polarity | None]]:
        for target, read in self.reads.items():
            for source in sorted(read):
                yield source, target, _SHOWN[self._signs.get((source, target))]

    def reaches(self, source: str, target: str) -> bool:
        """Whether a chain of influences leads from one to the other."""
        return target in self._steps(source)

    def along(self, source: str, target: str) -> Polarity | None:
        """The sign of the shortest chains, None if one cannot be told or they disagree."""
        steps = self._steps(source)
        if target not in steps:
            return None
        signs: dict[str, list[Sign]] = {source: [1]} if source != target else {}
        for name in sorted(steps, key=lambda n: steps[n]):
            before = [r for r in self.reads[name] if r == source and steps[name] == 1
                      or steps.get(r, -1) == steps[name] - 1 and r != source]  # fmt: skip
            signs[name] = [
                times(1 if r == source else plus(*signs[r]), self._signs.get((r, name)))
                for r in before
            ]
        return _SHOWN[plus(*signs[target])]

    def _steps(self, source: str) -> dict[str, int]:
        """How many influences away every name is that can be reached."""
        steps: dict[str, int] = {}
        queue = [(source, 0)]
        for name, count in queue:
            for acted in self.acts.get(name, ()):
                if acted not in steps:
                    steps[acted] = count + 1
                    queue.append((acted, count + 1))
        return steps


def _signs(spec: ModelSpec) -> dict[tuple[str, str], Sign]:
    given = [f for f in formulas(spec) if f.expression is not None]
    rules = SignRules(spec, _known_signs(spec, given))
    found: dict[tuple[str, str], Sign] = {}
    for formula in given:
        if formula.role not in ("equation", "inflow", "outflow") or formula.expression is None:
            continue
        turn = -1 if formula.role == "outflow" else 1
        for name, sign in rules.of(formula.expression).slopes.items():
            edge = (name, formula.owner)
            sign = times(sign, turn)
            found[edge] = plus(found[edge], sign) if edge in found else sign
    for connection in spec.connections:
        if connection.form is not None:
            edge = (read_name(connection.source).name, read_name(connection.target).name)
            stated: Sign = {"+": 1, "-": -1}.get(connection.polarity)
            found[edge] = plus(found[edge], stated) if edge in found else stated
    return found


def _known_signs(spec: ModelSpec, given: list[Formula]) -> dict[str, Sign]:
    """Signs of values. Stocks are taken to be at least 0 until one of them turns out not to be
    kept there by its flows; then the rest is tried again without it."""
    fixed = {**_data_signs(spec), **{name: 1 for name in _asserted(given)}}
    stocks = {n for n, v in spec.variables.items() if isinstance(v, Stock) and n not in fixed}
    owned: dict[str, list[Formula]] = {}
    for formula in given:
        owned.setdefault(formula.owner, []).append(formula)
    while True:
        known: dict[str, Sign] = {**fixed, **{name: 1 for name in stocks}}
        _settle(spec, given, known)
        failed = {name for name in stocks if not _stays(name, spec, owned, known)}
        if not failed:
            return known
        stocks -= failed


def _settle(spec: ModelSpec, given: list[Formula], known: dict[str, Sign]) -> None:
    """Signs of flows and auxiliaries from those already known; one pass in order of reading."""
    from wmjax.spec._graph import components, instant_graph

    by_owner: dict[str, list[Formula]] = {}
    for formula in given:
        if formula.role == "equation":
            by_owner.setdefault(formula.owner, []).append(formula)
    rules = SignRules(spec, known)
    for name in (n for part in components(instant_graph(spec, given)) for n in part):
        if name in by_owner and name not in known:
            signs = [rules.of(f.expression).value for f in by_owner[name] if f.expression]
            known[name] = plus(*signs)


def _stays(
    name: str, spec: ModelSpec, owned: Mapping[str, list[Formula]], known: Mapping[str, Sign]
) -> bool:
    """Whether a stock that starts at 0 or above is kept there by its flows."""
    rules = SignRules(spec, known)
    for formula in owned.get(name, ()):
        if formula.expression is None:
            continue
        value = rules.of(formula.expression).value
        if formula.role in ("initial", "inflow") and value not in (0, 1):
            return False
        if formula.role == "outflow" and value not in (0, -1):
            flow = [
                f.expression
                for f in owned.get(read_name(formula.text).name, ())
                if f.role == "equation"
            ]
            if not flow or not all(e is not None and _vanishes(e, name) for e in flow):
                return False
    return True


def _vanishes(e: Expression, stock: str) -> bool:
    """Whether an expression is 0 where the stock is."""
    match e:
        case Reference():
            return e.name == stock
        case Number():
            return e.value == 0
        case Operation(operator="*"):
            return any(_vanishes(o, stock) for o in e.operands)
        case Operation(operator="/" | "neg"):
            return _vanishes(e.operands[0], stock)
        case Operation(operator="+" | "-"):
            return all(_vanishes(o, stock) for o in e.operands)
        case Call(function="sum" | "mean" | "abs" | "sqrt"):
            return bool(e.arguments) and _vanishes(e.arguments[0], stock)
    return False


def _asserted(given: list[Formula]) -> Iterator[str]:
    """Variables that a check holds to be at least 0."""
    for formula in given:
        match formula.expression:
            case Operation(operator=">=" | ">", operands=(Reference() as x, Number() as low)):
                if formula.role == "check" and low.value >= 0 and not x.subscripts:
                    yield x.name


def _data_signs(spec: ModelSpec) -> dict[str, Sign]:
    found: dict[str, Sign] = {}
    for name, variable in spec.variables.items():
        if isinstance(variable, Parameter):
            found[name] = parameter_sign(variable, _flat(variable.value))
        elif isinstance(variable, Series):
            known = bool(variable.values) and min(variable.values) >= 0
            found[name] = 1 if known and variable.beyond.rule != "trend" else None
    return found


def _flat(value: Any) -> Iterator[float]:
    if isinstance(value, int | float):
        yield float(value)
        return
    for inside in value.values() if isinstance(value, Mapping) else value:
        yield from _flat(inside)
