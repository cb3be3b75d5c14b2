"""What every check reads: the spec, its formulas, and what is known to be missing."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from functools import cached_property

from wmjax.spec._dims import Dimensions
from wmjax.spec._expression import Reference
from wmjax.spec._formula import Formula, formulas
from wmjax.spec._functions import FUNCTIONS, TIME_NAMES
from wmjax.spec._issue import Issue
from wmjax.spec._links import Links
from wmjax.spec._model_spec import ModelSpec
from wmjax.spec._names import read_name, spelling_hint
from wmjax.spec.check._codes import issue


@dataclass(frozen=True)
class Context:
    """One spec under examination.

    - `lost`: names of parts that could not be read; nothing is said about who refers to them.
    - `hidden`: texts of those parts, which may mention any variable.
    - `catalogue`: ids of the series that exist, None if not known here.
    """

    spec: ModelSpec
    lost: frozenset[str] = frozenset()
    hidden: tuple[str, ...] = ()
    catalogue: Collection[str] | None = None
    formulas: tuple[Formula, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "formulas", tuple(formulas(self.spec)))

    @cached_property
    def dims(self) -> Dimensions:
        return Dimensions(self.spec, self.lost)

    @cached_property
    def known(self) -> frozenset[str]:
        """Every name that an equation may use as a value."""
        names = {*self.spec.variables, *TIME_NAMES, *self.dims.elements, *self.lost}
        return frozenset(names) | self.dims.element_names

    @cached_property
    def intact(self) -> bool:
        """Whether every equation could be read and every name in it is known."""
        names = (m.name for f in self.formulas for m in f.mentions if isinstance(m, Reference))
        whole = not self.lost and all(f.expression is not None for f in self.formulas)
        return whole and all(name in self.known for name in names)

    @cached_property
    def links(self) -> Links:
        return Links(self.spec)

    def hint(self, name: str, *, called: bool = False) -> str:
        """The nearest spelling of an unknown name in an equation."""
        if called:
            return spelling_hint(name, (*FUNCTIONS, *self.spec.variables), "see the functions")
        if name in FUNCTIONS:
            return f"{name} is a function: write {name}(...)"
        return spelling_hint(name, (*self.known, *FUNCTIONS), "define it, or correct the name")

    def mentioned(self, name: str) -> bool:
        """Whether a text that could not be read mentions a variable."""
        return any(name in text for text in (*self.hidden, *self._unread))

    @cached_property
    def _unread(self) -> tuple[str, ...]:
        return tuple(f.text for f in self.formulas if f.expression is None)

    def target(
        self, text: str, path: str, code: str, kinds: tuple[str, ...] = ()
    ) -> Iterator[Issue]:
        """Issues of a name outside equations, `gdp` or `gdp[China]`, that means a variable."""
        end = read_name(text)
        variable = self.spec.variables.get(end.name)
        if variable is None:
            if end.name not in self.lost:
                hint = spelling_hint(end.name, self.spec.variables, "name a variable of the model")
                yield issue(code, path, f"there is no variable {end.name!r}", hint)
            return
        if kinds and variable.kind not in kinds:
            wanted = " or ".join(kinds)
            yield issue(code, path, f"{end.name!r} is a {variable.kind}; wanted {wanted}",
                        f"name a {wanted}")  # fmt: skip
        found: list[Issue] = []
        self.dims.subscripted(end.name, variable.dims, end.subscripts,
                              lambda c, m, h: found.append(issue(c, path, m, h)))  # fmt: skip
        yield from found
