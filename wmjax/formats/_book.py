"""What the things of one spec are called in its XMILE file."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

from wmjax.formats._names import Names, element_names, fold, quoted
from wmjax.spec import ModelSpec, Reference, walk
from wmjax.spec._formula import formulas
from wmjax.spec._graph import components


@dataclass
class Book:
    """A spec without events and connections, and the names of its parts in XMILE."""

    spec: ModelSpec
    read: set[str] = field(default_factory=set)
    """Tables whose name a call has taken."""

    @cached_property
    def ranges(self) -> dict[str, tuple[str, ...]]:
        """Elements of every dimension, field and alias."""
        return {d: self.spec.elements(d) for d in (*self.spec.dimensions, *self.spec.fields)}

    @cached_property
    def names(self) -> Names:
        """Names taken so far."""
        return Names()

    @cached_property
    def variables(self) -> dict[str, str]:
        """Those that XMILE can call as the spec does come first to their names."""
        names = list(self.spec.variables)
        found: dict[str, str] = {}
        for name in sorted(names, key=lambda n: fold(self.names.free(n)) != fold(n)):
            found[name] = self.names.take(self.names.free(name))
        return {name: found[name] for name in names}

    @cached_property
    def elements(self) -> dict[str, dict[str, str]]:
        return {d: element_names(d, elements) for d, elements in self.ranges.items()}

    @cached_property
    def dimensions(self) -> dict[str, str]:
        """Names of dimensions, other than those of all variables and elements."""
        assert self.variables is not None
        inside = [e for names in self.elements.values() for e in names.values()]
        return {d: self.names.take(self.names.free(d, besides=inside)) for d in self.ranges}

    @cached_property
    def positions(self) -> dict[str, int]:
        """1-based position of every element name, first dimension first."""
        found: dict[str, int] = {}
        for elements in self.ranges.values():
            for i, element in enumerate(elements, 1):
                found.setdefault(element, i)
        return found

    @cached_property
    def looped(self) -> frozenset[str]:
        """Variables whose value at the start depends on itself, were functions with memory to ask
        for all their arguments; stocks are known by their initial values."""
        graph: dict[str, set[str]] = {name: set() for name in self.spec.variables}
        for f in formulas(self.spec):
            if f.role in ("equation", "initial") and f.expression is not None:
                graph[f.owner] |= {n.name for n in walk(f.expression) if isinstance(n, Reference)}
        found = (c for c in components(graph) if len(c) > 1 or c[0] in graph[c[0]])
        return frozenset(name for component in found for name in component)

    def reference(self, name: str, subscripts: Iterable[str] = ()) -> str:
        """A variable, by its XMILE name and the XMILE names of subscripts, in an equation."""
        inside = ", ".join(quoted(s) if not s.isdecimal() else s for s in subscripts)
        return f"{quoted(name)}[{inside}]" if inside else quoted(name)

    def renamed(self) -> dict[str, str]:
        """XMILE's name of everything that XMILE cannot call as the spec does."""
        parts = [self.variables, self.dimensions, *self.elements.values()]
        pairs = {ours: xmile for part in parts for ours, xmile in part.items()}
        return {o: x for o, x in pairs.items() if fold(o) != fold(x)}
