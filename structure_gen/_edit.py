"""Changes of structure as values: each can be read, stored, reviewed and applied."""

from __future__ import annotations

import json
from typing import Annotated, Literal, TypeAlias

from pydantic import Field, FiniteFloat, PositiveFloat, TypeAdapter

from structure_gen._split import split_in_time, split_into_parts
from wmjax._errors import SpecError
from wmjax.spec import Actor, Connection, Event, Issue, ModelSpec, Variable, check_spec
from wmjax.spec._connection import Form
from wmjax.spec._document import Document, Name


class AddConnection(Document):
    """A further link; its coefficient is neutral at first, so that the old model is nested."""

    edit: Literal["add_connection"] = "add_connection"
    connection: Connection

    def change(self, spec: ModelSpec) -> ModelSpec:
        if self.connection.form is None:
            raise _refused("connection-target", "connection", "a connection without a form moves "
                           "nothing", "give it a form, such as elasticity")  # fmt: skip
        if any(_same_ends(self.connection, c) for c in spec.connections if c.form is not None):
            raise _refused("duplicate-name", "connection", f"{_ends(self.connection)} exists",
                           "replace it, or change its form")  # fmt: skip
        return _updated(spec, connections=(*spec.connections, self.connection))

    def __str__(self) -> str:
        return f"add {_ends(self.connection)} ({self.connection.form})"


class RemoveConnection(Document):
    """A connection with a form goes away; equations are left alone."""

    edit: Literal["remove_connection"] = "remove_connection"
    source: str
    target: str

    def change(self, spec: ModelSpec) -> ModelSpec:
        i = _place(spec, self.source, self.target)
        kept = (*spec.connections[:i], *spec.connections[i + 1 :])
        return _updated(spec, connections=kept)

    def __str__(self) -> str:
        return f"remove {self.source} -> {self.target}"


class ReplaceConnection(Document):
    """Another connection takes the place of one with a form."""

    edit: Literal["replace_connection"] = "replace_connection"
    source: str
    target: str
    connection: Connection

    def change(self, spec: ModelSpec) -> ModelSpec:
        without = RemoveConnection(source=self.source, target=self.target).change(spec)
        return AddConnection(connection=self.connection).change(without)

    def __str__(self) -> str:
        return f"replace {self.source} -> {self.target} by {_ends(self.connection)}"


class ChangeForm(Document):
    """The same link in another form, its coefficient neutral again."""

    edit: Literal["change_form"] = "change_form"
    source: str
    target: str
    form: Form
    delay: PositiveFloat | None = None
    threshold: FiniteFloat = 1.0

    def change(self, spec: ModelSpec) -> ModelSpec:
        i = _place(spec, self.source, self.target)
        old = spec.connections[i].model_dump(exclude={"form", "delay", "threshold", "value"})
        new = Connection.model_validate(
            {**old, "form": self.form, "delay": self.delay, "threshold": self.threshold}
        )
        changed = (*spec.connections[:i], new, *spec.connections[i + 1 :])
        return _updated(spec, connections=changed)

    def __str__(self) -> str:
        return f"change {self.source} -> {self.target} to {self.form}"


class Part(Document):
    """A part of a split parameter: its name, and its share of the value (of the logarithm, in a
    product)."""

    name: Name
    share: Annotated[FiniteFloat, Field(gt=0, le=1)]
    unit: str = ""
    doc: str = ""


class SplitParameter(Document):
    """One parameter becomes two: before and after the time `at`; or `parts` that add up to it."""

    edit: Literal["split_parameter"] = "split_parameter"
    parameter: str
    at: FiniteFloat | None = None
    parts: tuple[Part, ...] = ()

    def change(self, spec: ModelSpec) -> ModelSpec:
        if (self.at is None) == (not self.parts):
            raise _refused("format", "split_parameter", "neither a time nor parts, or both",
                           "give `at`, or at least two `parts`")  # fmt: skip
        if self.at is not None:
            return split_in_time(spec, self.parameter, self.at)
        return split_into_parts(spec, self.parameter, {p.name: p.share for p in self.parts})

    def __str__(self) -> str:
        what = f"at {self.at:g}" if self.at is not None else ", ".join(p.name for p in self.parts)
        return f"split {self.parameter}: {what}"


class AddActor(Document):
    """A further actor."""

    edit: Literal["add_actor"] = "add_actor"
    actor: Actor

    def change(self, spec: ModelSpec) -> ModelSpec:
        if any(a.name == self.actor.name for a in spec.actors):
            raise _refused("duplicate-name", "actor", f"there is an actor {self.actor.name!r}",
                           "choose another name")  # fmt: skip
        return _updated(spec, actors=(*spec.actors, self.actor))

    def __str__(self) -> str:
        return f"add the actor {self.actor.name}"


class AddVariable(Document):
    """A further parameter, lookup, series, auxiliary, flow or stock."""

    edit: Literal["add_variable"] = "add_variable"
    name: Name
    variable: Variable

    def change(self, spec: ModelSpec) -> ModelSpec:
        if self.name in spec.variables:
            raise _refused("duplicate-name", "variable", f"there is a variable {self.name!r}",
                           "choose another name")  # fmt: skip
        return _updated(spec, variables={**spec.variables, self.name: self.variable})

    def __str__(self) -> str:
        return f"add the {self.variable.kind} {self.name}"


class AddEvent(Document):
    """A further event."""

    edit: Literal["add_event"] = "add_event"
    event: Event

    def change(self, spec: ModelSpec) -> ModelSpec:
        return _updated(spec, events=(*spec.events, self.event))

    def __str__(self) -> str:
        return f"add the event {self.event.name} at {self.event.start:g}"


Single = Annotated[
    AddConnection | RemoveConnection | ReplaceConnection | ChangeForm | SplitParameter | AddActor
    | AddVariable | AddEvent,
    Field(discriminator="edit"),
]  # fmt: skip


class Several(Document):
    """Edits that make sense together only, such as an actor, its parameter and its link."""

    edit: Literal["several"] = "several"
    edits: Annotated[tuple[Single, ...], Field(min_length=1)]

    def change(self, spec: ModelSpec) -> ModelSpec:
        for edit in self.edits:
            spec = edit.change(spec)
        return spec

    def __str__(self) -> str:
        return "; ".join(map(str, self.edits))


Edit: TypeAlias = (
    AddConnection | RemoveConnection | ReplaceConnection | ChangeForm | SplitParameter | AddActor
    | AddVariable | AddEvent | Several
)  # fmt: skip
"""Any of the changes, told apart by `edit`."""

EDIT: TypeAdapter[Edit] = TypeAdapter(Annotated[Edit, Field(discriminator="edit")])
"""Reads an edit from plain data."""


def apply_edit(spec: ModelSpec, edit: Edit) -> ModelSpec:
    """The spec after an edit.

    **Raises:** `SpecError` listing the errors that the edit would bring in; those that the spec had
    before are not its fault.
    """
    changed = edit.change(spec)
    before = {(i.code, i.message) for i in check_spec(spec, units=False)}
    brought = [
        i for i in check_spec(changed, units=False)
        if i.severity == "error" and (i.code, i.message) not in before
    ]  # fmt: skip
    if brought:
        raise SpecError(str(edit), brought)
    return changed


def edit_key(edit: Edit) -> str:
    """Canonical text: equal for equal edits, whoever had the idea and why."""
    data = edit.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    for part in (data, *data.get("edits", ())):
        for inner in (part.get("connection", {}), part.get("actor", {})):
            inner.pop("reasoning", None)
            inner.pop("origin", None)
    return json.dumps({"edit": edit.edit, **data}, sort_keys=True)


def _updated(spec: ModelSpec, **parts: object) -> ModelSpec:
    """Validated afresh, so that mappings are frozen and dates agree."""
    return ModelSpec.model_validate({**dict(spec), **parts})


def _place(spec: ModelSpec, source: str, target: str) -> int:
    for i, c in enumerate(spec.connections):
        if c.form is not None and (c.source, c.target) == (source, target):
            return i
    raise _refused("connection-end", "connections", f"there is no link {source} -> {target} with a "
                   "form", "name a connection that the model has")  # fmt: skip


def _same_ends(a: Connection, b: Connection) -> bool:
    return (a.source, a.target) == (b.source, b.target)


def _ends(c: Connection) -> str:
    return f"{c.source} -> {c.target}"


def _refused(code: str, path: str, message: str, hint: str) -> SpecError:
    return SpecError("edit", [Issue(code=code, path=path, message=message, hint=hint)])
