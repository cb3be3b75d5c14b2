"""A structure under search: a base, and the links that were added to it."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, final

import numpy as np

from structure_gen._bench import key, with_links
from structure_gen._edit import (
    AddConnection,
    ChangeForm,
    Edit,
    RemoveConnection,
    ReplaceConnection,
    Several,
    apply_edit,
)
from wmjax.model import value_array
from wmjax.program import coefficient_name, expand_connections
from wmjax.spec import Connection, Lookup, ModelSpec, Parameter


@final
@dataclass(frozen=True, eq=False)
class Candidate:
    """`base` with `links`; candidates of one base are measured in one compiled model."""

    base: ModelSpec
    links: tuple[Connection, ...] = ()

    @cached_property
    def spec(self) -> ModelSpec:
        return with_links(self.base, self.links)

    @cached_property
    def id(self) -> str:
        """Of the content: equal structures have one, in whatever order their links came."""
        text = "\0".join((self.base.hash, *sorted(map(key, self.links))))
        return hashlib.sha256(text.encode()).hexdigest()[:24]

    def changed(self, edit: Edit) -> Candidate:
        """**Raises:** `SpecError` for an edit that does not fit, or brings errors in."""
        if isinstance(edit, Several):
            return self._several(edit)
        apply_edit(self.spec, edit)
        return self._moved(edit)

    def _several(self, edit: Several) -> Candidate:
        apply_edit(self.spec, edit)
        found = self
        for part in edit.edits:
            found = found._moved(part)
        return found

    def _moved(self, edit: Edit) -> Candidate:
        if isinstance(edit, AddConnection):
            return replace(self, links=(*self.links, edit.connection))
        mine = self._mine(edit)
        if mine is None:
            return replace(self, base=edit.change(self.base))
        others = tuple(c for c in self.links if c is not mine)
        if isinstance(edit, RemoveConnection):
            return replace(self, links=others)
        new = edit.change(self.spec).connections
        (changed,) = [c for c in new if all(key(c) != key(o) for o in self.spec.connections)]
        return replace(self, links=(*others, changed))

    def _mine(self, edit: Edit) -> Connection | None:
        """The link of this search that an edit is about."""
        if isinstance(edit, RemoveConnection | ReplaceConnection | ChangeForm):
            for c in self.links:
                if (c.source, c.target) == (edit.source, edit.target):
                    return c
        return None


def with_numbers(spec: ModelSpec, numbers: Mapping[str, float]) -> ModelSpec:
    """The spec with fitted numbers, by the labels of a fit: `saving`, `gdp[China]`, `table(2)`,
    and the coefficients of connections. A fitted table of a link becomes a lookup of the spec."""
    spec = _with_tables(spec)
    variables = {n: _variable(spec, n, v, numbers) for n, v in spec.variables.items()}
    connections = tuple(
        c if c.form is None else c.model_copy(update={"value": _value(c, numbers)})
        for c in spec.connections
    )
    return ModelSpec.model_validate(
        {**dict(spec), "variables": variables, "connections": connections}
    )


def _with_tables(spec: ModelSpec) -> ModelSpec:
    tables = tuple(c for c in spec.connections if c.form == "lookup")
    if not tables:
        return spec
    others = tuple(c for c in spec.connections if c.form != "lookup")
    expanded = expand_connections(spec.model_copy(update={"connections": tables}))
    return expanded.model_copy(update={"connections": others})


def _value(c: Connection, numbers: Mapping[str, float]) -> float:
    return numbers.get(coefficient_name(c), c.value)


def _variable(spec: ModelSpec, name: str, old: Any, numbers: Mapping[str, float]) -> Any:
    if isinstance(old, Lookup):
        y = [numbers.get(f"{name}({x:.6g})", v)
             for x, v in zip(old.x.points, old.y.points, strict=True)]  # fmt: skip
        return old.model_copy(update={"y": old.y.model_copy(update={"points": tuple(y)})})
    if not isinstance(old, Parameter):
        return old
    elements = itertools.product(*(spec.elements(d) for d in old.dims))
    labels = [f"{name}[{','.join(e)}]" for e in elements] if old.dims else [name]
    if not any(label in numbers for label in labels):
        return old
    values = np.array(value_array(spec, name, old.value), float)
    flat = values.reshape(-1)
    for i, label in enumerate(labels):
        flat[i] = numbers.get(label, flat[i])
    return Parameter.model_validate({**dict(old), "value": values.tolist()})
