"""Connections: their ends, and whether the equations bear out the claims."""

from __future__ import annotations

from collections.abc import Iterator

from wmjax.spec._connection import Connection
from wmjax.spec._format import format_name
from wmjax.spec._issue import Issue
from wmjax.spec._links import Links
from wmjax.spec._names import read_name
from wmjax.spec._variable import Auxiliary, Flow
from wmjax.spec.check._codes import issue
from wmjax.spec.check._context import Context


def connection_issues(context: Context) -> Iterator[Issue]:
    """Issues of every connection."""
    coefficients: set[str] = set()
    for i, connection in enumerate(context.spec.connections):
        path = f"connections[{i}]"
        ends = [*context.target(connection.source, f"{path}.from", "connection-end"),
                *context.target(connection.target, f"{path}.to", "connection-end")]  # fmt: skip
        yield from ends
        known = all(read_name(end).name in context.spec.variables
                    for end in (connection.source, connection.target))  # fmt: skip
        if connection.form is not None:
            yield from _coefficient(context, path, connection, coefficients)
        if known and not ends and connection.form is not None:
            yield from _formed(context, path, connection)
        elif known and not ends:
            yield from _claim(context, path, connection, context.links)


def _coefficient(
    context: Context, path: str, connection: Connection, seen: set[str]
) -> Iterator[Issue]:
    name = connection.coefficient or f"{connection.source} -> {connection.target}"
    if name in context.spec.variables or name in seen:
        yield issue("duplicate-name", path, f"the coefficient {name!r} exists already",
                    "give this connection a `coefficient` of its own")  # fmt: skip
    seen.add(name)


def _formed(context: Context, path: str, connection: Connection) -> Iterator[Issue]:
    """A connection that becomes part of the equation of its target."""
    end = read_name(connection.target)
    target = context.spec.variables[end.name]
    if not isinstance(target, Flow | Auxiliary) or not isinstance(target.equation, str):
        yield issue("connection-target", f"{path}.to",
                    f"{end.name!r} has no single equation that a connection could join",
                    "connect to a flow or an auxiliary")  # fmt: skip
        return
    for key, text in (("from", connection.source), ("to", connection.target)):
        if read_name(text).name == text and format_name(text) != text:
            yield issue("connection-end", f"{path}.{key}", f"the name {text!r} needs double quotes",
                        f"write {format_name(text)!r}")  # fmt: skip
    source = read_name(connection.source)
    dims = context.spec.variables[source.name].dims
    left = context.dims.subscripted(source.name, dims, source.subscripts, lambda c, m, h: None)
    if connection.form == "diffusion" and not left and context.spec.filled_stock(end.name) is None:
        yield issue("connection-target", f"{path}.to",
                    f"{end.name!r} is no inflow of a single stock that could take after the cause",
                    "connect to an inflow, or choose another form")  # fmt: skip
    extra = sorted((left or frozenset()) - set(target.dims))
    if extra:
        yield issue("dimension-clash", path,
                    f"{connection.source!r} has dimension {extra[0]!r}, {end.name!r} has not",
                    "pick an element, or connect an aggregate")  # fmt: skip


def _claim(context: Context, path: str, connection: Connection, links: Links) -> Iterator[Issue]:
    """A connection that only says something about the equations."""
    source, target = read_name(connection.source).name, read_name(connection.target).name
    claim = f"{connection.source} -> {connection.target}"
    if not links.reaches(source, target):
        if context.intact:
            yield issue("claim-without-path", path, f"no chain of equations leads {claim}",
                        "give the connection a form, or write it into the equations")  # fmt: skip
        return
    found = links.along(source, target)
    if found is not None and connection.polarity and found != connection.polarity:
        yield issue("claim-polarity", path,
                    f"{claim} is claimed to be {connection.polarity!r}; by the equations it is "
                    f"{found!r}", "correct the polarity, or the equations")  # fmt: skip
