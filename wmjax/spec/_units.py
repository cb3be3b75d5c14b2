"""Units of expressions: what each operator and function does to them."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import cached_property

from wmjax.spec._expression import Call, Choice, Expression, Number, Operation, Reference, spine
from wmjax.spec._format import format_expression
from wmjax.spec._functions import FUNCTIONS, TIME_NAMES
from wmjax.spec._model_spec import ModelSpec
from wmjax.spec._unit import PURE, Unit, UnitError
from wmjax.spec._unit_system import UnitSystem, unit_system
from wmjax.spec._variable import Lookup


Report = Callable[[str, str, str], None]  # code, message, hint


class Units:
    """The units of one spec, and of the expressions in it.

    A unit of None is unknown: nothing is said about what it meets. The literal 0 is unknown in
    this sense, for it fits everything; other literals are pure numbers, but where a quantity with
    a unit is wanted they are taken to be in it, with a warning.
    """

    def __init__(self, spec: ModelSpec) -> None:
        self.spec = spec
        self.system: UnitSystem = unit_system(spec.units)
        self.time = self.read(spec.time.unit)

    @cached_property
    def _positions(self) -> set[str]:
        """Dimensions and elements, which stand for pure numbers."""
        parts = (*self.spec.dimensions.items(), *self.spec.fields.items())
        return {n for name, part in parts for n in (name, *part.elements)}

    def read(self, text: str) -> Unit | None:
        """The unit of a text; None for one that is empty or no unit (reported elsewhere)."""
        try:
            return self.system.read(text)
        except UnitError:
            return None

    def variable(self, name: str) -> Unit | None:
        """The stated unit of a variable; of a lookup, that of its values."""
        variable = self.spec.variables.get(name)
        if isinstance(variable, Lookup) and variable.y.unit:
            return self.read(variable.y.unit)
        return self.read(variable.unit) if variable is not None else None

    def of(self, e: Expression, report: Report) -> Unit | None:
        match e:
            case Number():
                return PURE if e.value else None
            case Reference():
                return self._reference(e)
            case Choice():
                self.of(e.condition, report)
                units = self.of(e.then, report), self.of(e.otherwise, report)
                return self._alike((e.then, e.otherwise), units, report)
            case Operation():
                return self._operation(e, report)
            case Call():
                return self._call(e, report)

    def fit(self, found: Unit | None, wanted: Unit | None, what: str, report: Report) -> bool:
        """Whether a unit is the one wanted, perhaps up to a factor; reports it if not."""
        if found is None or wanted is None:
            return True
        ratio = self.system.ratio(found, wanted)
        message = f"{what}: found {_named(found)}, wanted {_named(wanted)}"
        if ratio is None:
            report("unit-clash", message, "correct the unit or the formula")
        elif not math.isclose(ratio, 1.0, rel_tol=1e-9):
            hint = f"multiply by {ratio:.4g}, or state the other unit"
            report("unit-scale", f"{message}; they differ by the factor {ratio:.4g}", hint)
        return ratio is not None

    def _reference(self, e: Reference) -> Unit | None:
        if e.name in self.spec.variables:
            return self.variable(e.name)
        if e.name in TIME_NAMES:
            return self.time
        return PURE if e.name in self._positions else None

    def _operation(self, e: Operation, report: Report) -> Unit | None:
        part, around = spine(e)
        unit = self.of(part, report)
        for operation in around:
            right = None
            if len(operation.operands) == 2:
                right = self.of(operation.operands[1], report)
            unit = self._operator(operation, unit, right, report)
        return unit

    def _operator(
        self, e: Operation, left: Unit | None, right: Unit | None, report: Report
    ) -> Unit | None:
        """The unit of an operation from those of its operands."""
        match e.operator:
            case "neg":
                return left
            case "^":
                return self._power(e.operands, left, right, report)
            case "+" | "-":
                return self._alike(e.operands, (left, right), report)
            case "*" | "/" if left is None or right is None:
                return None
            case "*" | "/":
                assert left is not None and right is not None
                return left * right if e.operator == "*" else left / right
            case "and" | "or" | "not":
                return PURE
        self._alike(e.operands, (left, right), report)
        return PURE

    def _alike(
        self, parts: Sequence[Expression], units: Sequence[Unit | None], report: Report
    ) -> Unit | None:
        """The one unit that several expressions share."""
        known = [(p, u) for p, u in zip(parts, units, strict=True) if u is not None]
        known.sort(key=lambda pair: literal(pair[0]))
        if not known:
            return None
        first, unit = known[0]
        fits = [
            self._argument(part, other, unit, f"{_short(part)} beside {_short(first)}", report)
            for part, other in known[1:]
        ]
        return unit if all(fits) else None

    def _power(
        self, parts: Sequence[Expression], base: Unit | None, exponent: Unit | None, report: Report
    ) -> Unit | None:
        number = _constant(parts[1])
        if number is not None:
            return base**number if base is not None and abs(number) <= 64 else None
        fits = self.fit(exponent, PURE, f"exponent {_short(parts[1])}", report)
        what = f"{_short(parts[0])}, raised to a power that is no literal number,"
        fits = self.fit(base, PURE, what, report) and fits
        return PURE if base is not None and fits else None

    def _call(self, e: Call, report: Report) -> Unit | None:
        variable = self.spec.variables.get(e.function)
        if isinstance(variable, Lookup):
            for argument in e.arguments[:1]:
                what = f"argument of {e.function}()"
                self.fit(self.of(argument, report), self.read(variable.x.unit), what, report)
            return self.variable(e.function)
        function = FUNCTIONS.get(e.function)
        most = math.inf if function is None or function.most is None else function.most
        if function is None or not function.least <= len(e.arguments) <= most:
            return None
        if function.units == "count":
            return PURE
        units = [self.of(a, report) for a in e.arguments]
        skipped = 1 if e.function == "if_then_else" else 0
        if function.units == "same":
            return self._alike(e.arguments[skipped:], units[skipped:], report)
        if function.units == "power":
            return self._power(e.arguments, units[0], units[1], report)
        return self._rule(function.units, e, units, report)

    def _rule(self, rule: str, e: Call, units: list[Unit | None], report: Report) -> Unit | None:
        """The unit of a call from those of its arguments."""
        first, time = units[0], self.time
        match rule:
            case "pure":
                self._want(e, units, [PURE] * len(units), report)
                return PURE
            case "sqrt":
                return first**0.5 if first is not None else None
            case "sign":
                return PURE
            case "divide":
                return self._quotient(e, units, report)
            case "step":
                self._want(e, units, [None, time], report)
            case "pulse":
                self._want(e, units, [time] * len(units), report)
                return PURE
            case "ramp":
                self._want(e, units, [None, time, time], report)
                return first * time if first is not None and time is not None else None
            case "smooth":
                self._want(e, units, [None, time, first, PURE], report)
        return first

    def _quotient(self, e: Call, units: list[Unit | None], report: Report) -> Unit | None:
        above, below = units[:2]
        if above is None or below is None:
            return None
        self._want(e, units, [None, None, above / below], report)
        return above / below

    def _want(
        self, e: Call, units: Sequence[Unit | None], wanted: Sequence[Unit | None], report: Report
    ) -> None:
        for argument, unit, other in zip(e.arguments, units, wanted, strict=False):
            what = f"{_short(argument)} in {e.function}()"
            self._argument(argument, unit, other, what, report)

    def _argument(
        self, e: Expression, found: Unit | None, wanted: Unit | None, what: str, report: Report
    ) -> bool:
        """As `fit`; but a bare number is taken to be in the unit wanted, and said to be."""
        if not literal(e) or wanted in (None, PURE):
            return self.fit(found, wanted, what, report)
        message = f"{what}: a number without a unit, taken to be in {wanted}"
        report("unit-literal", message, f"give it a parameter of its own, with unit {wanted}")
        return True


def _constant(e: Expression) -> float | None:
    """The value of arithmetic on literals, as in `x^(1/3)`; powers are not worked out."""
    part, around = spine(e)
    value = part.value if isinstance(part, Number) else None
    for operation in around:
        right = _constant(operation.operands[-1]) if operation.operator != "neg" else 0.0
        if value is None or right is None:
            return None
        value = _arithmetic(operation.operator, value, right)
    return value


def literal(e: Expression) -> bool:
    """Whether an expression is a number, or arithmetic on numbers."""
    return _constant(e) is not None


def _arithmetic(operator: str, left: float, right: float) -> float | None:
    match operator:
        case "neg":
            return -left
        case "+":
            return left + right
        case "-":
            return left - right
        case "*":
            return left * right
        case "/" if right:
            return left / right
    return None


def _named(unit: Unit) -> str:
    return "a pure number" if unit == PURE else str(unit)


def _short(e: Expression) -> str:
    text = format_expression(e)
    return text if len(text) <= 40 else f"{text[:37]}..."


def unit_of(spec: ModelSpec, name: str) -> Unit | None:
    """The unit of a variable (of a lookup, that of its values); None if none is stated.

    **Raises:** `KeyError` if there is no such variable; `UnitError` if its text is no unit.
    """
    variable = spec.variables[name]
    text = variable.y.unit or variable.unit if isinstance(variable, Lookup) else variable.unit
    return unit_system(spec.units).read(text)
