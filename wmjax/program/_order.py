"""Orders of evaluation."""

from __future__ import annotations

from collections.abc import Mapping

from wmjax.program._node import Node, references
from wmjax.program._program import Assignment, Layer, readable
from wmjax.program._scope import refuse


def layers(nodes: Mapping[str, Node]) -> tuple[Layer, ...]:
    """Assignments grouped so that each layer reads only earlier ones.

    **Raises:** `SpecError` naming the whole cycle if there is an algebraic loop.
    """
    depth: dict[str, int] = {}
    for name in _sorted(nodes):
        below = [depth[r] for r in references(nodes[name]) if r in nodes]
        depth[name] = 1 + max(below, default=-1)
    rows: list[list[Assignment]] = [[] for _ in range(1 + max(depth.values(), default=-1))]
    for name in nodes:
        rows[depth[name]].append(Assignment(name, nodes[name]))
    return tuple(Layer(tuple(row)) for row in rows)


def initial_order(
    wanted: Mapping[str, Node], running: Mapping[str, Node]
) -> tuple[Assignment, ...]:
    """Initial values in order: those wanted and the running values that they read at the start."""
    nodes = {**running, **wanted}
    return tuple(Assignment(n, nodes[n]) for n in _sorted(nodes, start=tuple(wanted)))


def _sorted(nodes: Mapping[str, Node], start: tuple[str, ...] | None = None) -> list[str]:
    """Names reachable from `start` (all by default), each after those that it reads."""
    done: dict[str, None] = {}
    trail: dict[str, None] = {}
    for root in nodes if start is None else start:
        stack = [(root, iter(()), False)]
        while stack:
            name, reads, open_ = stack.pop()
            if not open_:
                if name in done:
                    continue
                trail[name] = None
                reads = (r for r in references(nodes[name]) if r in nodes)
            for read in reads:
                if read in trail:
                    raise _loop([*trail, read])
                if read not in done:
                    stack += [(name, reads, True), (read, iter(()), False)]
                    break
            else:
                del trail[name]
                done[name] = None
    return list(done)


def _loop(trail: list[str]) -> Exception:
    cycle = trail[trail.index(trail[-1]) :]
    text = " -> ".join(map(readable, cycle))
    return refuse(
        "algebraic-loop", f"variables.{cycle[0].partition('#')[0]}",
        f"the values depend on themselves: {text}",
        "put a stock or a delay into the loop, or give a delay in it an initial value",
    )  # fmt: skip
