"""Dimensions of expressions, as the compiler sees them.

A bare name has all dimensions of its variable. A subscript keeps the dimension (`x[region]`),
reads it under an alias or over a subrange (`x[partner]`), picks an element (`x[China]`), or marks
it for the reduction around it (`x[region!]`); a marked dimension is another than the unmarked one.
Everything else broadcasts by the names of dimensions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cached_property

from wmjax.spec._expression import (
    Call,
    Choice,
    Expression,
    Mention,
    Number,
    Operation,
    Reference,
    Subscript,
    children,
)
from wmjax.spec._functions import FUNCTIONS
from wmjax.spec._model_spec import ModelSpec
from wmjax.spec._names import spelling_hint


Dims = frozenset[str]
Report = Callable[[str, str, str], None]  # code, message, hint


class Dimensions:
    """The dimensions of one spec, and of the expressions in it.

    - `lost`: names that could not be read with the spec, of which nothing is known.
    """

    def __init__(self, spec: ModelSpec, lost: frozenset[str] = frozenset()) -> None:
        self.spec, self.lost = spec, lost

    @cached_property
    def elements(self) -> dict[str, tuple[str, ...]]:
        """Elements of every dimension, field and alias that can be resolved."""
        found: dict[str, tuple[str, ...]] = {}
        for name in (*self.spec.dimensions, *self.spec.fields):
            try:
                found[name] = self.spec.elements(name)
            except KeyError:
                continue
        return found

    @cached_property
    def element_names(self) -> frozenset[str]:
        return frozenset(e for elements in self.elements.values() for e in elements)

    def plain(self, mentions: Iterable[Mention]) -> bool:
        """Whether an expression with these references and calls has no dimension anywhere, and
        nothing can be wrong with it: most equations of large models."""
        variables, elements = self.spec.variables, self.elements
        for mention in mentions:
            if mention.subscripts:
                return False
            if isinstance(mention, Reference):
                variable = variables.get(mention.name)
                if mention.name in elements or (variable is not None and variable.dims):
                    return False
        return True

    def of(self, e: Expression, report: Report) -> Dims | None:
        """Names of the dimensions, marked ones with `!`; None where a mistake hides them."""
        match e:
            case Number():
                return frozenset()
            case Reference():
                return self._reference(e, report)
            case Call():
                return self._call(e, report)
            case _:
                return self._broadcast(_operands(e), report)

    def _broadcast(self, parts: Iterable[Expression], report: Report) -> Dims | None:
        found = [self.of(p, report) for p in parts]
        known = [d for d in found if d is not None]
        return frozenset().union(*known) if len(known) == len(found) else None

    def _reference(self, e: Reference, report: Report) -> Dims | None:
        variable = self.spec.variables.get(e.name)
        if variable is not None:
            return self.subscripted(e.name, variable.dims, e.subscripts, report)
        if e.name in self.lost:
            return None
        if e.subscripts:
            report("dimension-clash", f"{e.name!r} cannot have subscripts", "delete them")
        return frozenset({e.name}) if e.name in self.elements else frozenset()

    def subscripted(
        self, name: str, dims: tuple[str, ...], given: tuple[Subscript, ...], report: Report
    ) -> Dims | None:
        """What is left of the dimensions of a variable under subscripts."""
        if not given:
            return frozenset(dims) if all(d in self.elements for d in dims) else None
        if len(given) != len(dims):
            wanted = f"{len(dims)} ({', '.join(dims)})" if dims else "none"
            report("dimension-clash", f"{name!r} has {len(given)} subscripts; wanted {wanted}",
                   "give one for each dimension, in order, or none at all")  # fmt: skip
            return None
        left = [self._axis(name, d, s, report) for d, s in zip(dims, given, strict=True)]
        known = [a for a in left if a is not None]
        kept = [a for a in known if a]
        twice = sorted({a for a in kept if kept.count(a) > 1})
        if twice:
            report("dimension-clash", f"{name!r} has the subscript {twice[0]!r} twice",
                   "use an alias of the dimension for one of the two")  # fmt: skip
        return frozenset(kept) if len(known) == len(left) and not twice else None

    def _axis(self, name: str, dim: str, s: Subscript, report: Report) -> str | None:
        """The dimension that a subscript leaves, empty if it picks an element."""
        if dim not in self.elements or s.name in self.lost:
            return None
        own = self.elements[dim]
        if s.name in self.elements:
            strange = [e for e in self.elements[s.name] if e not in own]
            if strange:
                report("dimension-clash", f"{name!r} has dimension {dim!r}; found {s.name!r}, "
                       f"whose element {strange[0]!r} is none of it",
                       f"write {dim!r}, an alias or a subrange of it, or an element")  # fmt: skip
                return None
            return f"{s.name}!" if s.reduced else s.name
        if s.name not in own:
            hint = spelling_hint(s.name, (*own, *self.elements), f"elements: {_some(own)}")
            report("element-unknown", f"{s.name!r} is no element of {dim!r}, in {name!r}", hint)
            return None
        if s.reduced:
            report("dimension-clash", f"{s.name!r} is an element; only a dimension can be marked !",
                   f"write {dim}!")  # fmt: skip
            return None
        return ""

    def _call(self, e: Call, report: Report) -> Dims | None:
        function = FUNCTIONS.get(e.function)
        if e.function in self.spec.variables or function is None:
            return self._broadcast(e.arguments, report)
        if e.function == "size":
            return frozenset()
        alone = len(e.arguments) == 1
        if function.kind == "reduction" or (e.function in ("min", "max") and alone):
            inside = self._broadcast(e.arguments, report)
            return None if inside is None else _reduced(inside)
        found = self._broadcast(e.arguments, report)
        if function.kind == "memory" and found and any(d.endswith("!") for d in found):
            report("dimension-clash", f"{e.function}() stands inside a sum over a dimension",
                   "give it a variable of its own and sum that")  # fmt: skip
        return found


def _operands(e: Expression) -> Iterator[Expression]:
    """What is joined by operators and choices, from left to right."""
    stack = [e]
    while stack:
        node = stack.pop()
        if isinstance(node, Operation | Choice):
            stack.extend(reversed(children(node)))
        else:
            yield node


def _reduced(dims: Dims) -> Dims:
    marked = frozenset(d for d in dims if d.endswith("!"))
    return dims - marked if marked else frozenset()


def _some(names: tuple[str, ...]) -> str:
    return ", ".join(names[:8]) + (", ..." if len(names) > 8 else "")


def expression_dims(spec: ModelSpec, expression: Expression) -> Dims | None:
    """Dimensions of an expression of a spec; None where a mistake hides them."""
    return Dimensions(spec).of(expression, lambda code, message, hint: None)
