"""Who reads whom: the equations of a spec as directed graphs.

A graph is a mapping from each variable to the variables that it reads.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from wmjax.spec._expression import Call, Expression, Mention, Reference, children
from wmjax.spec._formula import Formula, formulas
from wmjax.spec._functions import MEMORY
from wmjax.spec._model_spec import ModelSpec
from wmjax.spec._names import read_name


Graph = dict[str, set[str]]
_RUNNING = ("equation", "inflow", "outflow")


def dependencies(spec: ModelSpec) -> Graph:
    """Each variable and those that its equation reads while the model runs; a stock reads its
    flows. Connections with a form count, claims do not."""
    graph: Graph = {name: set() for name in spec.variables}
    for formula in formulas(spec):
        if formula.role in _RUNNING and formula.expression is not None:
            graph[formula.owner] |= _names(formula.mentions, spec)
    return _connected(graph, spec, delayed=True)


def instant_dependencies(spec: ModelSpec) -> Graph:
    """Each flow and auxiliary and the others that must be computed before it: what stocks and
    functions with memory hold is known already."""
    return instant_graph(spec, formulas(spec))


def initial_dependencies(spec: ModelSpec) -> Graph:
    """Each variable and those that its value at the start is computed from."""
    return initial_graph(spec, formulas(spec))


def instant_graph(spec: ModelSpec, given: Iterable[Formula]) -> Graph:
    graph: Graph = {name: set() for name in spec.variables}
    for formula in given:
        if formula.role == "equation" and formula.expression is not None:
            graph[formula.owner] |= _names(_needs(formula, start=False), spec)
    return _connected(graph, spec, delayed=False)


def initial_graph(spec: ModelSpec, given: Iterable[Formula]) -> Graph:
    graph: Graph = {name: set() for name in spec.variables}
    for formula in given:
        if formula.role in ("equation", "initial") and formula.expression is not None:
            graph[formula.owner] |= _names(_needs(formula, start=True), spec)
    return _connected(graph, spec, delayed=True)


def order(graph: Mapping[str, Iterable[str]]) -> tuple[str, ...]:
    """The names of a graph, each after those that it reads; ties in the order of the graph.

    **Raises:** `ValueError` naming a cycle if there is one.
    """
    loops = cycles(graph)
    if loops:
        raise ValueError(" -> ".join(loops[0]))
    return tuple(name for component in components(graph) for name in component)


def cycles(graph: Mapping[str, Iterable[str]]) -> tuple[tuple[str, ...], ...]:
    """One shortest cycle of every set of names that read each other, closed: `(a, b, a)`."""
    if _acyclic(graph):
        return ()
    found, place = [], {name: i for i, name in enumerate(graph)}
    for component in components(graph):
        inside = set(component)
        if len(component) > 1 or component[0] in graph[component[0]]:
            start = min(component, key=place.__getitem__)
            found.append(_round(graph, start, inside))
    return tuple(found)


def _acyclic(graph: Mapping[str, Iterable[str]]) -> bool:
    """Whether every name can be taken after those that it reads: soon told, and nearly always."""
    readers: dict[str, list[str]] = {name: [] for name in graph}
    waits: dict[str, int] = {}
    for name, reads in graph.items():
        inside = [r for r in reads if r in readers]
        waits[name] = len(inside)
        for read in inside:
            readers[read].append(name)
    ready = [name for name, count in waits.items() if not count]
    for name in ready:
        for reader in readers[name]:
            waits[reader] -= 1
            if not waits[reader]:
                ready.append(reader)
    return len(ready) == len(graph)


def _round(graph: Mapping[str, Iterable[str]], start: str, inside: set[str]) -> tuple[str, ...]:
    """A shortest way from a name back to itself."""
    before: dict[str, str] = {}
    queue = [start]
    for name in queue:
        for read in sorted(set(graph[name]) & inside):
            if read == start:
                way = [name]
                while way[-1] != start:
                    way.append(before[way[-1]])
                return (*reversed(way), start)
            if read not in before:
                before[read] = name
                queue.append(read)
    raise AssertionError("a component without a cycle")


def components(graph: Mapping[str, Iterable[str]]) -> list[list[str]]:
    """Strongly connected components, each after those that it reads (Tarjan 1972, iterative)."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    open_: dict[str, None] = {}
    found: list[list[str]] = []
    for root in graph:
        work = [(root, iter(()))] if root not in index else []
        while work:
            name, reads = work.pop()
            if name not in index:
                index[name] = low[name] = len(index)
                open_[name] = None
                reads = iter(sorted(r for r in graph[name] if r in graph))
            for read in reads:
                if read not in index:
                    work += [(name, reads), (read, iter(()))]
                    break
                if read in open_:
                    low[name] = min(low[name], low[read])
            else:
                _close(name, index, low, open_, found)
                if work and name in open_:
                    above = work[-1][0]
                    low[above] = min(low[above], low[name])
    return found


def _close(
    name: str, index: dict[str, int], low: dict[str, int], open_: dict[str, None],
    found: list[list[str]],
) -> None:  # fmt: skip
    if low[name] != index[name]:
        return
    component: list[str] = []
    while not component or component[-1] != name:
        component.append(open_.popitem()[0])
    found.append(component)


def _connected(graph: Graph, spec: ModelSpec, *, delayed: bool) -> Graph:
    """With the edges of the connections that are part of the equations."""
    for connection in spec.connections:
        source, target = read_name(connection.source).name, read_name(connection.target).name
        known = source in graph and target in graph
        if known and connection.form and (delayed or connection.form != "delay"):
            graph[target].add(source)
    return graph


def _names(mentions: Iterable[Mention], spec: ModelSpec) -> set[str]:
    named = {m.name if isinstance(m, Reference) else m.function for m in mentions}
    return {name for name in named if name in spec.variables}


def _needs(formula: Formula, *, start: bool) -> Iterable[Mention]:
    """What the value of a formula depends on at the same moment, or at the start."""
    calls = (m for m in formula.mentions if isinstance(m, Call))
    if formula.expression is None or not any(c.function in MEMORY for c in calls):
        return formula.mentions
    found: list[Mention] = []
    stack = [formula.expression]
    while stack:
        node = stack.pop()
        if isinstance(node, Reference | Call):
            found.append(node)
        stack.extend(_needed(node, start=start))
    return found


def _needed(e: Expression, *, start: bool) -> tuple[Expression, ...]:
    """Arguments that matter now: a smooth holds its value, a delay is emptied at a rate that its
    time sets, and both begin with their initial value, or else with their input."""
    if not isinstance(e, Call) or e.function not in MEMORY:
        return children(e)
    times = e.arguments[1:2] if e.function.startswith("delay") else ()
    return (*times, *(e.arguments[2:3] or e.arguments[:1])) if start else times
