"""Who moves whom, reduced to what fits on a page."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import final

from wmjax.report._content import Link, Sign
from wmjax.spec import Lookup as LookupVariable
from wmjax.spec import ModelSpec, Parameter, Reference, Stock, parse_expression, walk


MOST = 80
"""Nodes that stay legible on one circle."""
_OTHER = "other"
_GROUPS = ("economic", "innovation", "resources", "safety", "well-being", "influence", _OTHER)


@final
@dataclass(frozen=True)
class Graph:
    """Nodes by group, the links between them, and what was left out.

    - `kinds`: node -> kind of the variable.
    - `hidden`: variables that links were drawn through.
    """

    groups: dict[str, tuple[str, ...]]
    kinds: dict[str, str]
    links: tuple[Link, ...]
    hidden: tuple[str, ...]

    @property
    def nodes(self) -> tuple[str, ...]:
        return tuple(name for names in self.groups.values() for name in names)


def stated_links(spec: ModelSpec) -> tuple[Link, ...]:
    """The connections of a spec as links between variables."""
    found = [
        Link(_owner(c.source), _owner(c.target), c.polarity, True, c.reasoning)
        for c in spec.connections
    ]
    return tuple(link for link in found if {link.source, link.target} <= set(spec.variables))


def _owner(end: str) -> str:
    parsed = parse_expression(end, "connection")
    names = [node.name for node in walk(parsed) if isinstance(node, Reference)]
    return names[0] if names else end


def shown_graph(spec: ModelSpec, links: Iterable[Link]) -> Graph:
    """Stocks, observed variables, those of a group and those a connection names; links run through
    the others as if these were not there. Parameters and tables do not move and are left out."""
    still = (Parameter, LookupVariable)
    moving = {name: v for name, v in spec.variables.items() if not isinstance(v, still)}
    stated = {end for link in stated_links(spec) for end in (link.source, link.target)}
    key = [
        name for name, v in moving.items()
        if isinstance(v, Stock) or v.observed or v.group or v.kind == "series" or name in stated
    ]  # fmt: skip
    if len(moving) <= 12:
        key = list(moving)
    usable = [link for link in links if {link.source, link.target} <= set(moving)]
    key = _busiest(key, usable) if len(key) > MOST else key
    merged = _through(usable, [name for name in moving if name not in key])
    touched = {end for link in merged for end in (link.source, link.target)}
    groups = _grouped({n: moving[n].group or _OTHER for n in key if n in touched})
    kinds = {n: str(moving[n].kind) for names in groups.values() for n in names}
    return Graph(groups, kinds, merged, tuple(n for n in moving if n not in kinds))


def _busiest(names: list[str], links: list[Link]) -> list[str]:
    degree = dict.fromkeys(names, 0)
    for link in links:
        for end in (link.source, link.target):
            degree[end] = degree.get(end, 0) + 1
    best = set(sorted(names, key=lambda n: -degree[n])[:MOST])
    return [name for name in names if name in best]


def _grouped(group: dict[str, str]) -> dict[str, tuple[str, ...]]:
    found = {g: tuple(n for n, own in group.items() if own == g) for g in _GROUPS}
    return {g: names for g, names in found.items() if names}


def _through(links: Iterable[Link], hidden: list[str]) -> tuple[Link, ...]:
    """The links after each hidden name is replaced by links from those before it to those after."""
    edges: dict[tuple[str, str], Link] = {}
    for link in links:
        _add(edges, link)
    for name in hidden:
        before = [e for e in edges.values() if e.target == name and e.source != name]
        after = [e for e in edges.values() if e.source == name and e.target != name]
        edges = {k: e for k, e in edges.items() if name not in k}
        for first in before:
            for second in after:
                _add(edges, Link(first.source, second.target, _product(first.sign, second.sign)))
    return tuple(e for e in edges.values() if e.source != e.target)


def _add(edges: dict[tuple[str, str], Link], link: Link) -> None:
    """Joins links with the same ends: a stated one keeps its sign, else signs must agree."""
    ends = (link.source, link.target)
    have = edges.get(ends)
    if have is None or (link.stated and not have.stated):
        edges[ends] = link if link.sign or have is None else link.with_sign(have.sign)
    elif not have.stated and have.sign != link.sign:
        edges[ends] = Link(*ends, "", False)
    elif have.stated and not have.sign:
        edges[ends] = have.with_sign(link.sign)


def _product(a: Sign, b: Sign) -> Sign:
    if not (a and b):
        return ""
    return "+" if a == b else "-"
