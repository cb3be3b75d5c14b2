"""What names mean while the equations of one spec are translated."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property

from wmjax._errors import SpecError
from wmjax.program._node import Node, Nodes
from wmjax.program._program import Slot
from wmjax.spec import Issue, ModelSpec


@dataclass(slots=True)
class HiddenStock:
    """A stock made by the compiler for a function with memory."""

    slot: Slot
    initial: Node
    rate: Node


@dataclass
class Scope:
    """The spec, its nodes, and the hidden stocks found on the way."""

    spec: ModelSpec
    nodes: Nodes = field(default_factory=Nodes)
    hidden: list[HiddenStock] = field(default_factory=list)
    _used: Counter[str] = field(default_factory=Counter)

    @cached_property
    def elements(self) -> dict[str, tuple[str, ...]]:
        """Elements of every dimension, field and alias."""
        names = (*self.spec.dimensions, *self.spec.fields)
        return {name: self.spec.elements(name) for name in names}

    @cached_property
    def positions(self) -> dict[str, int]:
        """1-based position of every element name, first dimension first."""
        found: dict[str, int] = {}
        for elements in self.elements.values():
            for i, element in enumerate(elements):
                found.setdefault(element, i + 1)
        return found

    def dims(self, name: str) -> tuple[str, ...]:
        return self.spec.variables[name].dims

    def hidden_name(self, owner: str, function: str) -> str:
        """A name for one more hidden stock, other than those of all variables."""
        while True:
            self._used[owner] += 1
            name = f"{owner}#{function}.{self._used[owner]}"
            if name not in self.spec.variables:
                return name


def refuse(code: str, path: str, message: str, hint: str = "") -> SpecError:
    """An error for a spec that was lowered although `check_spec` finds issues in it."""
    return SpecError(path, [Issue(code=code, path=path, message=message, hint=hint)])
