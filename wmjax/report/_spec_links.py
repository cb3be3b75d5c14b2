"""The links of a spec: what its equations and its connections say."""

from __future__ import annotations

from wmjax.report._content import Link
from wmjax.report._links import stated_links
from wmjax.spec import (
    Auxiliary,
    Flow,
    ModelSpec,
    Reference,
    Stock,
    parse_expression,
    walk,
)


def spec_links(spec: ModelSpec) -> tuple[Link, ...]:
    """Links of all connections, then of all equations (without a sign), each pair once."""
    found = {(link.source, link.target): link for link in stated_links(spec)}
    for name, variable in spec.variables.items():
        match variable:
            case Stock():
                links = [Link(flow, name, "+") for flow in variable.inflows]
                links += [Link(flow, name, "-") for flow in variable.outflows]
            case Flow() | Auxiliary():
                links = [Link(cause, name) for cause in _read(variable, spec)]
            case _:
                links = []
        for link in links:
            found.setdefault((link.source, link.target), link)
    return tuple(found.values())


def _read(variable: Flow | Auxiliary, spec: ModelSpec) -> list[str]:
    texts = variable.equation
    texts = [texts] if isinstance(texts, str) else list(texts.values())
    nodes = (node for text in texts for node in walk(parse_expression(text)))
    names = (node.name for node in nodes if isinstance(node, Reference))
    return list(dict.fromkeys(n for n in names if n in spec.variables))
