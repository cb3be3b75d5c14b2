"""Connections with a form, written out as equations."""

from __future__ import annotations

from typing import Any

from wmjax.program._scope import refuse
from wmjax.spec import (
    Auxiliary,
    Connection,
    Flow,
    Lookup,
    ModelSpec,
    Parameter,
    Reference,
    format_name,
    parse_expression,
)


_TABLE = (0.0, 0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0, 3.0)


def expand_connections(spec: ModelSpec) -> ModelSpec:
    """The spec in which every connection with a form has become part of its target's equation.

    **Raises:** `SpecError` if a target has no equation or two coefficients share a name.
    """
    formed = [c for c in spec.connections if c.form is not None]
    if not formed:
        return spec
    variables: dict[str, Any] = dict(spec.variables)
    for connection in formed:
        name = coefficient_name(connection)
        if name in variables:
            raise refuse("duplicate-name", f"connections.{name}", f"{name!r} exists already",
                         "name the coefficient of this connection")  # fmt: skip
        variables[name] = _coefficient(connection, name)
        if connection.form == "delay":
            variables[delay_name(connection)] = _delay(spec, connection)
        target = _end(connection.target).name
        variables[target] = _applied(spec, variables, connection, name)
    kept = tuple(c for c in spec.connections if c.form is None)
    return spec.model_copy(update={"variables": variables, "connections": kept})


def coefficient_name(connection: Connection) -> str:
    """The name of the trainable coefficient, or table, of a connection with a form."""
    if connection.coefficient is not None:
        return connection.coefficient
    ends = (_end(connection.source), _end(connection.target))
    words = ("_".join((e.name, *(s.name for s in e.subscripts))).replace(" ", "_") for e in ends)
    return "link." + ".".join(words)


def delay_name(connection: Connection) -> str:
    """The name of the parameter that holds the delay of a connection of form `delay`."""
    return f"{coefficient_name(connection)}.delay"


def _delay(spec: ModelSpec, c: Connection) -> Parameter:
    assert c.delay is not None
    about = f"delay of the connection from {c.source} to {c.target}"
    return Parameter(kind="parameter", value=c.delay, unit=spec.time.unit, doc=about)


def _end(text: str) -> Reference:
    parsed = parse_expression(text, "connection")
    if not isinstance(parsed, Reference):
        raise refuse("connection-end", "connections", f"{text!r} is no variable or element")
    return parsed


def _coefficient(c: Connection, name: str) -> Parameter | Lookup:
    about = f"{c.form} connection from {c.source} to {c.target}"
    if c.form == "lookup":
        points = {"unit": "1", "points": _TABLE}
        values = {"unit": "1", "points": tuple(1.0 for _ in _TABLE), "trainable": True}
        return Lookup.model_validate({"kind": "lookup", "doc": about, "x": points, "y": values,
                                      "bounds": c.bounds, "source": c.origin})  # fmt: skip
    return Parameter(
        kind="parameter", value=c.value, unit="1", bounds=c.bounds, prior=c.prior, trainable=True,
        doc=about, source=c.origin,
    )  # fmt: skip


def _applied(
    spec: ModelSpec, variables: dict[str, Any], c: Connection, name: str
) -> Auxiliary | Flow:
    end = _end(c.target)
    target = variables.get(end.name)
    if not isinstance(target, Auxiliary | Flow) or not isinstance(target.equation, str):
        raise refuse("connection-target", f"connections.{name}",
                     f"{end.name!r} has no single equation that a connection could join",
                     "connect to a flow or an auxiliary")  # fmt: skip
    return target.model_copy(update={"equation": _equation(spec, c, name, target, end)})


def _difference(spec: ModelSpec, c: Connection, end: Reference) -> str:
    """What evens out: the elements of an array, or a cause and the stock that the target fills."""
    source = _end(c.source)
    if spec.variables[source.name].dims and not source.subscripts:
        return f"mean({_bare(c)}) - {c.source}"
    stock = spec.filled_stock(end.name)
    if stock is None:
        raise refuse("connection-target", f"connections.{c.source} -> {c.target}",
                     f"{end.name!r} is no inflow of a single stock that could take after the cause",
                     "connect to an inflow, or choose another form")  # fmt: skip
    return f"{c.source} - {format_name(stock)}"


def _equation(
    spec: ModelSpec, c: Connection, name: str, target: Auxiliary | Flow, end: Reference
) -> str:
    own = f"({target.equation})"
    where = " and ".join(
        f"{format_name(d)} = {format_name(s.name)}"
        for d, s in zip(target.dims, end.subscripts, strict=False)
        if s.name not in spec.dimensions
    )
    if c.form == "diffusion":
        term = f"{format_name(name)} * ({_difference(spec, c, end)})"
        return f"{own} + ({term} if {where} else 0)" if where else f"{own} + {term}"
    factor = _factor(c, format_name(name))
    factor = f"({factor} if {where} else 1)" if where else f"({factor})"
    return f"{own} * {factor}" if c.role == "factor" else f"{own} + ({factor} - 1) * initial({own})"


def _bare(c: Connection) -> str:
    return format_name(_end(c.source).name)


def _factor(c: Connection, name: str) -> str:
    ratio = f"({c.source} / initial({c.source}))"
    match c.form:
        case "elasticity":
            return f"{ratio} ^ {name}"
        case "linear":
            return f"1 + {name} * ({ratio} - 1)"
        case "saturating":
            return f"1 + {name} * (2 * {ratio} / (1 + {ratio}) - 1)"
        case "threshold":
            return f"1 + {name} * max(0, {ratio} - {c.threshold!r})"
        case "delay":
            return f"smooth({ratio}, {format_name(delay_name(c))}) ^ {name}"
        case _:
            return f"{name}({ratio})"
