"""Signs of influences, where they follow from the equations alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from wmjax.spec._expression import Call, Choice, Expression, Number, Operation, Reference, spine
from wmjax.spec._functions import FUNCTIONS, TIME_NAMES
from wmjax.spec._model_spec import ModelSpec
from wmjax.spec._variable import Lookup, Parameter


Sign = int | None
"""1, -1, 0 (zero, or no influence), or None where it cannot be told."""

_RISING = ("exp", "ln", "log10", "sqrt", "sinh", "tanh", "arctan", "arcsin", "integer", "round",
           "sign", "sum", "mean")  # fmt: skip
_POSITIVE = ("exp", "abs", "sqrt", "cosh", "pulse", "pulse_train", "size", "arccos")
_ODD = ("sinh", "tanh", "arctan", "arcsin", "integer", "round", "sign", "sum", "mean", "prod",
        "modulo", "initial", "smooth", "smooth3", "smooth_n", "delay1", "delay3", "delay_n",
        "step", "ramp")  # fmt: skip


def plus(*signs: Sign) -> Sign:
    """The sign of a sum, or of one of several: told if none of them disagree."""
    told = {s for s in signs if s != 0}
    return told.pop() if len(told) == 1 else None if told else 0


def times(a: Sign, b: Sign) -> Sign:
    if a == 0 or b == 0:
        return 0
    return None if a is None or b is None else a * b


@dataclass(frozen=True)
class Signed:
    """The sign of a value, and of its change with each variable that it reads (0 if absent)."""

    value: Sign
    slopes: Mapping[str, Sign] = field(default_factory=dict)

    def turned(self, by: Sign) -> Signed:
        return Signed(times(self.value, by), {n: times(s, by) for n, s in self.slopes.items()})

    def blurred(self, value: Sign) -> Signed:
        """The same influences, of signs that cannot be told."""
        return Signed(value, {n: None for n, s in self.slopes.items() if s != 0})


def together(value: Sign, parts: Iterable[Mapping[str, Sign]]) -> Signed:
    slopes: dict[str, Sign] = {}
    for part in parts:
        for name, sign in part.items():
            slopes[name] = plus(slopes.get(name, 0), sign)
    return Signed(value, slopes)


class SignRules:
    """Signs of the expressions of a spec, given the variables known to be at least 0."""

    def __init__(self, spec: ModelSpec, positive: Mapping[str, Sign]) -> None:
        self.spec, self.known = spec, positive

    def of(self, e: Expression) -> Signed:
        match e:
            case Number():
                return Signed((e.value > 0) - (e.value < 0))
            case Reference():
                return self._reference(e)
            case Choice():
                return self._choice(e.condition, e.then, e.otherwise)
            case Operation():
                part, around = spine(e)
                signed = self.of(part)
                for operation in around:
                    signed = self._operation(operation, signed)
                return signed
            case Call():
                return self._call(e)

    def _reference(self, e: Reference) -> Signed:
        if e.name in self.spec.variables:
            return Signed(self.known.get(e.name), {e.name: 1})
        if e.name in TIME_NAMES and e.name != "time_step":
            return Signed(1 if self.spec.time.start >= 0 else None)
        return Signed(1)

    def _choice(self, condition: Expression, *branches: Expression) -> Signed:
        parts = [self.of(b) for b in branches]
        asked = self.of(condition).blurred(None)
        slopes = [asked.slopes, *(p.slopes for p in parts)]
        return together(plus(*(p.value for p in parts)), slopes)

    def _operation(self, e: Operation, left: Signed) -> Signed:
        if e.operator == "neg":
            return left.turned(-1)
        if e.operator == "not":
            return left.blurred(1)
        right = self.of(e.operands[1])
        match e.operator:
            case "+":
                return together(plus(left.value, right.value), [left.slopes, right.slopes])
            case "-":
                right = right.turned(-1)
                return together(plus(left.value, right.value), [left.slopes, right.slopes])
            case "*":
                return _product(left, right)
            case "/":
                return _quotient(left, right)
            case "^":
                return _power(left, right, e.operands[1])
        return together(1, [left.blurred(1).slopes, right.blurred(1).slopes])

    def _call(self, e: Call) -> Signed:
        variable = self.spec.variables.get(e.function)
        parts = [self.of(a) for a in e.arguments] if e.function != "size" else [Signed(1)]
        if isinstance(variable, Lookup) and parts:
            values = _table(variable)
            turn = _slope(variable.y.points)
            inside = parts[0].turned(turn) if turn is not None else parts[0].blurred(None)
            return Signed(values, inside.slopes)
        if e.function not in FUNCTIONS or not parts:
            return together(None, [p.blurred(None).slopes for p in parts])
        return self._function(e, parts)

    def _function(self, e: Call, parts: list[Signed]) -> Signed:
        name, first = e.function, parts[0]
        rest = [p.blurred(None).slopes for p in parts[1:]]
        value = 1 if name in _POSITIVE else first.value if name in _ODD else None
        if name == "initial":
            return Signed(first.value)  # held, so nothing acts on it during the run
        if name in ("min", "max"):
            return together(_extreme(name, parts), [p.slopes for p in parts])
        if name == "if_then_else" and len(parts) == 3:
            return self._choice(*e.arguments)
        if name == "zidz" and len(parts) == 2:
            return _quotient(*parts)
        if name == "power" and len(parts) == 2:
            return _power(parts[0], parts[1], e.arguments[1])
        if name in _RISING or name == "log" and len(parts) == 1:
            return Signed(value, first.slopes)
        if name == "abs":
            return Signed(1, {n: times(s, first.value) for n, s in first.slopes.items()})
        if name == "prod":
            return first if first.value == 1 else first.blurred(None)
        if FUNCTIONS[name].kind == "memory" or name in ("step", "ramp"):
            start = parts[2].value if len(parts) > 2 and name != "ramp" else first.value
            return together(plus(first.value, start), [first.slopes, *rest[:1]])
        return together(value, [first.blurred(None).slopes, *rest])


def _product(a: Signed, b: Signed) -> Signed:
    slopes = [{n: times(s, b.value) for n, s in a.slopes.items()},
              {n: times(s, a.value) for n, s in b.slopes.items()}]  # fmt: skip
    return together(times(a.value, b.value), slopes)


def _quotient(a: Signed, b: Signed) -> Signed:
    below = {n: times(times(s, a.value), -1) for n, s in b.slopes.items()}
    above = {n: times(s, b.value) for n, s in a.slopes.items()}
    return together(times(a.value, b.value), [above, below])


def _power(base: Signed, exponent: Signed, text: Expression) -> Signed:
    """`base ^ exponent`; a literal whole exponent also tells for a base of any sign."""
    number = _literal(text)
    odd = number is not None and number % 2 == 1
    even = number is not None and number % 2 == 0
    value = 1 if base.value == 1 or even else base.value if odd else None
    turn = exponent.value if base.value == 1 or odd else None
    if even and number:
        turn = times(exponent.value, base.value)
    slopes = {n: times(s, turn) for n, s in base.slopes.items()}
    return together(value, [slopes, exponent.blurred(None).slopes])


def _literal(e: Expression) -> float | None:
    if isinstance(e, Operation) and e.operator == "neg":
        inside = _literal(e.operands[0])
        return None if inside is None else -inside
    return e.value if isinstance(e, Number) else None


def _extreme(name: str, parts: Sequence[Signed]) -> Sign:
    decisive = 1 if name == "max" else -1
    values = [p.value for p in parts]
    if decisive in values:
        return decisive
    return plus(*values)


def _slope(points: Sequence[float]) -> Sign:
    pairs = list(zip(points, points[1:], strict=False))
    rises, falls = any(b > a for a, b in pairs), any(b < a for a, b in pairs)
    return None if rises and falls else int(rises) - int(falls)


def _table(lookup: Lookup) -> Sign:
    if lookup.outside == "extrapolate":
        return None
    return 1 if min(lookup.y.points) >= 0 else -1 if max(lookup.y.points) <= 0 else None


def parameter_sign(parameter: Parameter, values: Iterator[float]) -> Sign:
    """Of every value that it may take: within its bounds if it has any."""
    low_high = parameter.bounds or tuple(values) or (None,)
    numbers = [v for v in low_high if v is not None]
    if not numbers:
        return None
    return 1 if min(numbers) >= 0 else -1 if max(numbers) <= 0 else None
