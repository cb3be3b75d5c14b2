"""Operations as shared, interned nodes."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field

from wmjax.program._partial import PARTIAL


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """One operation; equal nodes of one program are the same object.

    - `op`: `const`, `ref`, `align`, `take`, `assemble`, `lookup`, or the name of an operator,
      function or time variable.
    - `data`: what the operation needs beside its arguments: a number, a name, indices.
    - `dims`: names of the axes of the value, in order.
    - `partial`: whether it, or anything below it, can leave the finite numbers, see `PARTIAL`.
    """

    op: str
    args: tuple[Node, ...]
    data: Hashable
    dims: tuple[str, ...]
    key: int
    partial: bool


@dataclass(slots=True)
class Nodes:
    """Makes nodes and returns the one that exists already where there is one."""

    _known: dict[tuple[Hashable, ...], Node] = field(default_factory=dict)

    def make(
        self,
        op: str,
        args: tuple[Node, ...] = (),
        data: Hashable = None,
        dims: tuple[str, ...] = (),
    ) -> Node:
        signature = (op, tuple(a.key for a in args), data, dims)
        found = self._known.get(signature)
        if found is None:
            partial = op in PARTIAL or any(a.partial for a in args)
            found = Node(op, args, data, dims, len(self._known), partial)
            self._known[signature] = found
        return found

    def const(self, value: float) -> Node:
        return self.make("const", data=float(value))

    def ref(self, name: str, dims: tuple[str, ...]) -> Node:
        return self.make("ref", data=name, dims=dims)

    def align(self, node: Node, dims: tuple[str, ...]) -> Node:
        """The value with axes `dims`, those that it lacks of size one."""
        return node if node.dims == dims else self.make("align", (node,), dims, dims)

    def pointwise(
        self, op: str, *args: Node, order: tuple[str, ...] = (), data: Hashable = None
    ) -> Node:
        """An operation element by element; axes are matched by name, those in `order` first."""
        seen = {d: None for a in args for d in a.dims}
        dims = tuple(d for d in order if d in seen) + tuple(d for d in seen if d not in order)
        return self.make(op, tuple(self.align(a, dims) for a in args), data, dims)


def references(node: Node) -> Iterator[str]:
    """Names that a node reads, each once."""
    seen: set[int] = set()
    stack = [node]
    named: set[str] = set()
    while stack:
        current = stack.pop()
        if current.key in seen:
            continue
        seen.add(current.key)
        if current.op == "ref" and current.data not in named:
            named.add(str(current.data))
            yield str(current.data)
        stack.extend(current.args)
