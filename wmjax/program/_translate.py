"""Expression to nodes: names are resolved, axes are matched, functions with memory expanded."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field

from wmjax.program import _memory
from wmjax.program._node import Node
from wmjax.program._scope import Scope, refuse
from wmjax.spec import (
    FUNCTIONS,
    TIME_NAMES,
    Call,
    Expression,
    Lookup,
    Number,
    Operation,
    Reference,
    Subscript,
    parse_expression,
)
from wmjax.spec._expression import children


_COMPARISONS = ("=", "<>", "<", "<=", ">", ">=")


@dataclass(frozen=True)
class Translator:
    """Translates the equations of one variable.

    - `owner`: the variable, for messages and for the names of hidden stocks.
    - `dims`: its dimensions, which come first in the order of axes.
    - `bound`: the element at which a dimension stands, in an equation for one element.
    """

    scope: Scope
    owner: str
    dims: tuple[str, ...] = ()
    bound: dict[str, int] = field(default_factory=dict)

    def text(self, text: str) -> Node:
        return self.expression(parse_expression(text, f"variable {self.owner!r}"))

    def expression(self, e: Expression) -> Node:
        if type(e) is Number:
            return self.scope.nodes.const(e.value)
        if type(e) is Reference:
            return self._reference(e)
        if type(e) is Operation:
            return self._operation(e)
        if type(e) is Call:
            return self._call(e)
        parts = map(self.expression, children(e))
        return self._pointwise("if_then_else", *parts)

    def _operation(self, e: Operation) -> Node:
        """Operators in a row, such as a + b + c, one after another and not one inside another."""
        row = [e]
        while isinstance(row[-1].operands[0], Operation):
            row.append(row[-1].operands[0])
        found: Node | None = None
        for operation in reversed(row):
            if found is None:
                operands = self._operands(operation)
            else:
                operands = (found, *map(self.expression, operation.operands[1:]))
            found = self._pointwise(operation.operator, *operands)
        assert found is not None
        return found

    def _operands(self, e: Operation) -> tuple[Node, ...]:
        """Operands; an element compared with a dimension stands for its place in that one."""
        known = self.scope.elements
        if e.operator not in _COMPARISONS or not known:
            return tuple(map(self.expression, e.operands))
        names = [
            o.name if isinstance(o, Reference) and o.name not in self.scope.spec.variables else ""
            for o in e.operands
        ]
        places = [
            known[d].index(n) + 1.0
            if d in known and n not in known and n in known[d]
            else None
            for n, d in zip(names, reversed(names), strict=True)
        ]
        return tuple(
            self.expression(o) if place is None else self.scope.nodes.const(place)
            for o, place in zip(e.operands, places, strict=True)
        )

    def pointwise(self, op: str, *args: Node) -> Node:
        return self._pointwise(op, *args)

    def _pointwise(self, op: str, *args: Node) -> Node:
        return self.scope.nodes.pointwise(op, *args, order=self.dims)

    def _reference(self, e: Reference) -> Node:
        nodes, spec = self.scope.nodes, self.scope.spec
        if e.name in spec.variables:
            if isinstance(spec.variables[e.name], Lookup):
                raise self._refuse("lookup-use", f"{e.name!r} is a lookup; write {e.name}(x)")
            return self._subscripted(e.name, self.scope.dims(e.name), e.subscripts)
        if e.name in TIME_NAMES:
            return nodes.make(e.name)
        if e.name in self.scope.elements:
            return self._index(e.name)
        if e.name in self.scope.positions:
            return nodes.const(self.scope.positions[e.name])
        raise self._refuse("unknown-name", f"there is no variable {e.name!r}")

    def _index(self, dimension: str) -> Node:
        """A dimension as a value: its 1-based positions."""
        nodes = self.scope.nodes
        if dimension in self.bound:
            return nodes.const(self.bound[dimension] + 1)
        return nodes.make("index", data=dimension, dims=(dimension,))

    def _subscripted(
        self, name: str, dims: tuple[str, ...], subscripts: tuple[Subscript, ...]
    ) -> Node:
        if not dims and not subscripts:
            return self.scope.nodes.ref(name, dims)
        given = subscripts or tuple(Subscript(d) for d in dims)
        if len(given) != len(dims):
            raise self._refuse(
                "dimension-clash", f"{name!r} has {len(dims)} dimensions; found {len(given)}"
            )
        taken = [self._axis(name, d, s) for d, s in zip(dims, given, strict=True)]
        kept = tuple(d for d, _ in taken if d is not None)
        if len(set(kept)) < len(kept):
            raise self._refuse(
                "dimension-clash",
                f"{name!r} is subscripted twice by {kept[0]!r}",
            )
        node = self.scope.nodes.ref(name, dims)
        picks = tuple(pick for _, pick in taken)
        if all(p is None for p in picks) and kept == dims:
            return node
        return self.scope.nodes.make("take", (node,), picks, kept)

    def _axis(
        self, name: str, dim: str, s: Subscript
    ) -> tuple[str | None, int | tuple[int, ...] | None]:
        """The axis that one subscript leaves, and what it picks from the axis `dim`."""
        own = self.scope.elements[dim]
        if s.name not in self.scope.elements:
            if s.name in own:
                return None, own.index(s.name)
            raise self._refuse("element-unknown", f"{s.name!r} is no element of {dim!r}")
        there = self.scope.elements[s.name]
        if not set(there) <= set(own):
            raise self._refuse("dimension-clash", f"{name!r} has {dim!r}, not {s.name!r}")
        pick = None if there == own else tuple(own.index(e) for e in there)
        if s.reduced:
            return f"{s.name}!", pick
        if s.name in self.bound:
            return None, own.index(there[self.bound[s.name]])
        return s.name, pick

    def _call(self, e: Call) -> Node:
        variable = self.scope.spec.variables.get(e.function)
        if isinstance(variable, Lookup):
            (x,) = map(self.expression, e.arguments)
            return self.scope.nodes.make("lookup", (x,), e.function, x.dims)
        function = FUNCTIONS.get(e.function)
        if function is None:
            raise self._refuse("unknown-function", f"there is no function {e.function!r}")
        if e.function == "size":
            return self._size(e)
        if _reduces(e):
            inside = e.arguments[0]
            whole = self if _marked(inside) else dataclasses.replace(self, bound={})
            return self._reduction(e.function, whole.expression(inside))
        args = tuple(map(self.expression, e.arguments))
        if function.kind == "memory":
            return _memory.expand(self, e.function, args)
        return self._pointwise(e.function, *args)

    def _size(self, e: Call) -> Node:
        name = e.arguments[0].name if isinstance(e.arguments[0], Reference) else ""
        if name not in self.scope.elements:
            raise self._refuse("dimension-unknown", "size() wants the name of a dimension")
        return self.scope.nodes.const(len(self.scope.elements[name]))

    def _reduction(self, function: str, node: Node) -> Node:
        """Over the axes marked `!`, or over all if none is marked."""
        marked = tuple(d for d in node.dims if d.endswith("!"))
        gone = marked or node.dims
        axes = tuple(i for i, d in enumerate(node.dims) if d in gone)
        kept = tuple(d for d in node.dims if d not in gone)
        if not axes:
            return node
        sizes = tuple(node.dims[i].removesuffix("!") for i in axes)
        return self.scope.nodes.make(f"reduce_{function}", (node,), (axes, sizes), kept)

    def at(self, bound: dict[str, int]) -> Translator:
        """The same for one element."""
        return dataclasses.replace(self, bound=bound, dims=())

    def _refuse(self, code: str, message: str) -> Exception:
        return refuse(code, f"variables.{self.owner}", message)


def _marked(e: Expression) -> bool:
    """Whether a dimension is marked `!`, other than for a reduction further inside."""
    stack = [e]
    while stack:
        top = stack.pop()
        if isinstance(top, Reference) and any(s.reduced for s in top.subscripts):
            return True
        if not (isinstance(top, Call) and _reduces(top)):
            stack.extend(children(top))
    return False


def _reduces(e: Call) -> bool:
    function = FUNCTIONS.get(e.function)
    alone = e.function in ("min", "max") and len(e.arguments) == 1
    return alone or (function is not None and function.kind == "reduction")
