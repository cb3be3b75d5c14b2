"""Operations as shared, interned nodes."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field

from wmjax.program._partial import PARTIAL


@dataclass(slots=True, eq=False)  # not frozen, which takes four times as long to make
class Node:
    """One operation, never changed; equal nodes of one program are the same object.

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
    _reads: tuple[str, ...] | None = field(default=None, repr=False)
    """What `references` found, once it was asked."""


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
        signature = (op, args, data, dims)
        found = self._known.get(signature)
        if found is None:
            partial = op in PARTIAL
            for a in args:  # not `any(...)`, which takes as long as all the rest
                partial = partial or a.partial
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
        for a in args:
            if a.dims:
                break
        else:
            return self.make(op, args, data)
        seen = {d: None for a in args for d in a.dims}
        dims = tuple(d for d in order if d in seen) + tuple(d for d in seen if d not in order)
        return self.make(op, tuple(self.align(a, dims) for a in args), data, dims)


def references(node: Node) -> tuple[str, ...]:
    """Names that a node reads, each once."""
    if node._reads is None:
        node._reads = _references(node)
    return node._reads


def _references(node: Node) -> tuple[str, ...]:
    seen: set[int] = set()
    stack = [node]
    named: dict[str, None] = {}
    while stack:
        current = stack.pop()
        if current.key in seen:
            continue
        seen.add(current.key)
        if current.op == "ref":
            named[str(current.data)] = None
        stack.extend(current.args)
    return tuple(named)
