"""Equations on their own: syntax, names, calls and dimensions."""

from __future__ import annotations

from collections.abc import Iterator

from wmjax.spec._expression import Call, Number, Reference
from wmjax.spec._formula import Formula
from wmjax.spec._functions import FUNCTIONS
from wmjax.spec._issue import Issue
from wmjax.spec._variable import Lookup, Parameter
from wmjax.spec.check._codes import issue
from wmjax.spec.check._context import Context


_ORDERS = {"smooth": 1.0, "smooth3": 3.0, "delay1": 1.0, "delay3": 3.0}


def expression_issues(context: Context) -> Iterator[Issue]:
    """Issues of every formula of the spec."""
    for formula in context.formulas:
        if formula.role in ("inflow", "outflow"):
            continue
        if formula.error is not None:
            error = formula.error
            found = error.found.split("\n")[0]
            yield issue("syntax", formula.path,
                        f"line {error.line}, column {error.column}: found {found}; "
                        f"wanted {error.wanted}\n{error.picture}")  # fmt: skip
        seen: set[tuple[str, str]] = set()
        for found in _inside(context, formula):
            if (found.code, found.message) not in seen:
                seen.add((found.code, found.message))
                yield found


def _inside(context: Context, formula: Formula) -> Iterator[Issue]:
    if formula.expression is None:
        return
    sizes, names = set(), set()
    for node in formula.mentions:
        if isinstance(node, Call):
            yield from _call(context, formula, node)
            sizes |= {id(a) for a in node.arguments if node.function == "size"}
        elif id(node) not in sizes and node.name not in names:
            names.add(node.name)
            yield from _reference(context, formula, node)
    if not context.dims.plain(formula.mentions):
        yield from _dimensions(context, formula)


def _reference(context: Context, formula: Formula, node: Reference) -> Iterator[Issue]:
    if isinstance(context.spec.variables.get(node.name), Lookup):
        yield issue("lookup-use", formula.path, f"{node.name!r} is a lookup, used without argument",
                    f"write {node.name}(x)")  # fmt: skip
    elif node.name not in context.known:
        yield issue("unknown-name", formula.path,
                    f"there is no {node.name!r} (line {node.place.line}, column "
                    f"{node.place.column})", context.hint(node.name))  # fmt: skip


def _call(context: Context, formula: Formula, node: Call) -> Iterator[Issue]:
    name, count = node.function, len(node.arguments)
    variable, function = context.spec.variables.get(name), FUNCTIONS.get(name)
    if isinstance(variable, Lookup):
        if count != 1:
            yield issue("wrong-arity", formula.path, f"the lookup {name!r} has {count} arguments",
                        f"write {name}(x)")  # fmt: skip
    elif variable is not None:
        yield issue("unknown-function", formula.path,
                    f"{name!r} is a {variable.kind} and cannot be called",
                    f"to multiply, write {name} * (...)")  # fmt: skip
    elif function is None:
        if name not in context.lost:
            yield issue("unknown-function", formula.path, f"there is no function {name!r}",
                        context.hint(name, called=True))  # fmt: skip
    elif count < function.least or (function.most is not None and count > function.most):
        yield issue(
            "wrong-arity",
            formula.path,
            f"{name}() has {_counted(count)}; wanted {_wanted(function.least, function.most)}",
            function.doc,
        )
    else:
        yield from _special(context, formula, node)


def _special(context: Context, formula: Formula, node: Call) -> Iterator[Issue]:
    """What is asked of single functions: the dimension of size(), the order and time of delays."""
    if node.function == "size":
        inside = node.arguments[0]
        name = inside.name if isinstance(inside, Reference) else ""
        if name not in context.dims.elements and name not in context.lost:
            yield issue("dimension-unknown", formula.path, "size() wants the name of a dimension",
                        f"dimensions: {', '.join(context.dims.elements) or 'none'}")  # fmt: skip
    elif FUNCTIONS[node.function].kind == "memory" and len(node.arguments) > 1:
        order = _ORDERS.get(node.function) or _order(node)
        if order is None:
            yield issue("delay-order", formula.path,
                        f"the order of {node.function}() is no whole number from 1 to 1000",
                        "write it as a number")  # fmt: skip
            return
        time = _number(context, node.arguments[1])
        if time is not None and time < context.spec.time.step * order:
            yield issue(
                "time-step",
                formula.path,
                f"{node.function}() over {time:g} needs a step of at most {time / order:g}; "
                f"found {context.spec.time.step:g}",
                "shorten the step",
                "warning",
            )


def _order(node: Call) -> float | None:
    value = node.arguments[3] if len(node.arguments) == 4 else None
    if isinstance(value, Call) and value.function == "size":
        return 1.0
    number = value.value if isinstance(value, Number) else 0.0
    return number if number == int(number) and 1 <= number <= 1000 else None


def _number(context: Context, node: object) -> float | None:
    if isinstance(node, Number):
        return node.value
    variable = context.spec.variables.get(node.name) if isinstance(node, Reference) else None
    value = variable.value if isinstance(variable, Parameter) else None
    return float(value) if isinstance(value, int | float) else None


def _counted(count: int) -> str:
    return "1 argument" if count == 1 else f"{count} arguments"


def _wanted(least: int, most: int | None) -> str:
    if most is None:
        return f"{least} or more"
    return str(least) if least == most else f"{least} to {most}"


def _dimensions(context: Context, formula: Formula) -> Iterator[Issue]:
    assert formula.expression is not None
    found: list[Issue] = []

    def report(code: str, message: str, hint: str) -> None:
        found.append(issue(code, formula.path, message, hint))

    dims = context.dims.of(formula.expression, report)
    yield from found
    marked = sorted(d for d in dims or () if d.endswith("!"))
    if marked:
        yield issue("dimension-clash", formula.path, f"{marked[0]} stands outside a sum",
                    "put sum(...), mean, prod, min or max around it")  # fmt: skip
    elif dims is not None and formula.owner:
        own = context.spec.variables[formula.owner].dims
        extra = sorted(dims - set(own))
        if extra:
            listed = ", ".join(own) if own else "none"
            yield issue("dimension-clash", formula.path,
                        f"the equation has dimension {extra[0]!r}; {formula.owner!r} has {listed}",
                        f"sum over {extra[0]!r}, pick an element, or add it to dims")  # fmt: skip
