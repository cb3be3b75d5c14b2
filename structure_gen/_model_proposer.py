"""Proposals by a language model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal, final

import pydantic
from pydantic import Field

from structure_gen._add_actor import with_actor
from structure_gen._answers import Category, Line, Short
from structure_gen._edit import (
    AddConnection,
    ChangeForm,
    Edit,
    Part,
    RemoveConnection,
    ReplaceConnection,
    SplitParameter,
)
from structure_gen._prompts import render
from structure_gen._proposal import Proposal, View, concern
from structure_gen._salvage import salvaged
from structure_gen._screening import joinable
from wmjax.llm import Invalid, LanguageModel, Percent, Request, run_async
from wmjax.spec import Connection, ModelSpec, Parameter, Series


Form = Literal["elasticity", "linear", "saturating", "threshold", "delay", "lookup"]
Text = Annotated[Line, Field(max_length=400)]

_MOST_NAMES = 150  # in one schema: grammars of more slow a local model down


class _Idea(pydantic.BaseModel):
    """One change; flat, for models that cannot write unions."""

    kind: Literal[
        "add_link", "remove_link", "replace_link", "change_form", "split_in_time",
        "split_in_parts", "add_actor",
    ]  # fmt: skip
    source: str
    target: str
    new_source: str
    polarity: Literal["+", "-", ""]
    form: Form
    delay_years: Annotated[int, Field(ge=0, le=100)]
    parameter: str
    year: Annotated[int, Field(ge=0, le=3000)]
    first_part: Short
    second_part: Short
    share_percent: Percent
    actor: Short
    category: Category
    quantity: Short
    reasoning: Text


@final
class ModelProposer:
    """Asks a language model, which sees the structure and its diagnosis."""

    def __init__(self, llm: LanguageModel, name: str = "") -> None:
        self._llm, self.origin = llm, f"llm:{name}" if name else "llm"

    def propose(self, view: View) -> Sequence[Proposal]:
        schema = _schema(view)
        actor, parameter = concern(view)
        request = Request(render("refine", **_facts(view)), schema, max_tokens=220 * view.wanted,
                          purpose="refine", actor=actor, parameter=parameter)  # fmt: skip
        ideas, origin = self._asked(request, schema)
        found = (_proposal(idea, view.spec, origin) for idea in ideas.ideas)
        return [p for p in found if p is not None]

    def _asked(self, request: Request, schema: type[pydantic.BaseModel]) -> tuple[Any, str]:
        """Ideas, those that fit the schema if some do not, and whose they are."""
        try:
            answer = run_async(self._llm.complete(request))
        except Invalid as failure:
            saved = salvaged(schema, failure)
            if saved is None:
                raise
            return saved[0], self.origin
        return answer.value, f"llm:{answer.model}" if answer.model else self.origin


def _facts(view: View) -> dict[str, Any]:
    spec = view.spec
    moving = {n: v for n, v in spec.variables.items() if not isinstance(v, Parameter)}
    return {
        "name": spec.name, "description": spec.description, "wanted": view.wanted,
        "variables": [[n, v.unit, v.doc[:120]] for n, v in list(moving.items())[:_MOST_NAMES]],
        "targets": _targets(spec), "parameters": _parameters(spec),
        "links": [[c.source, c.target, c.form] for c in spec.connections if c.form is not None],
        "tried": list(view.tried), "diagnosis": view.diagnostics.words().splitlines(),
    }  # fmt: skip


def _schema(view: View) -> type[pydantic.BaseModel]:
    """The ideas that fit this model: where names are few, only these can be written."""
    spec = view.spec
    sources = [n for n, v in spec.variables.items() if v.kind in ("stock", "flow", "auxiliary")
               or isinstance(v, Series)]  # fmt: skip
    allowed = {"source": sources, "new_source": sources, "target": _targets(spec),
               "parameter": _parameters(spec)}  # fmt: skip
    fields: dict[str, Any] = {
        k: (Literal[tuple(["", *names])], ...)
        for k, names in allowed.items() if len(names) <= _MOST_NAMES
    }  # fmt: skip
    idea = pydantic.create_model("Idea", __base__=_Idea, **fields)
    ideas: Any = Annotated[list[idea], Field(min_length=1, max_length=view.wanted)]
    return pydantic.create_model("Ideas", ideas=(ideas, ...))


def _proposal(idea: Any, spec: ModelSpec, origin: str) -> Proposal | None:
    """None for an idea that is no edit, such as a delay of nothing."""
    try:
        edit = _edit(idea, spec, origin)
        return Proposal(edit=edit, origin=origin, reasoning=idea.reasoning)
    except pydantic.ValidationError:
        return None


def _edit(idea: Any, spec: ModelSpec, origin: str) -> Edit:
    delay = float(max(idea.delay_years, 1)) if idea.form == "delay" else None
    match idea.kind:
        case "add_link":
            return AddConnection(connection=_link(idea, idea.source, delay, origin))
        case "replace_link":
            return ReplaceConnection(source=idea.source, target=idea.target,
                                     connection=_link(idea, idea.new_source, delay, origin))
        case "split_in_parts":
            share = idea.share_percent / 100
            parts = (Part(name=idea.first_part, share=share),
                     Part(name=idea.second_part, share=1 - share))  # fmt: skip
            return SplitParameter(parameter=idea.parameter, parts=parts)
        case "add_actor":
            moments = {spec.time.start, float(idea.year), idea.year + 10.0, idea.year + 20.0,
                       max(spec.time.end, idea.year + 30.0)}  # fmt: skip
            curve = dict.fromkeys(sorted(moments), 1.0)
            return with_actor(spec, idea, curve, origin)
        case "remove_link":
            return RemoveConnection(source=idea.source, target=idea.target)
        case "change_form":
            return ChangeForm(source=idea.source, target=idea.target, form=idea.form, delay=delay)
        case _:
            return SplitParameter(parameter=idea.parameter, at=float(idea.year))


def _link(idea: Any, source: str, delay: float | None, origin: str) -> Connection:
    return Connection.model_validate({
        "from": source, "to": idea.target, "polarity": idea.polarity, "form": idea.form,
        "delay": delay, "reasoning": idea.reasoning, "origin": origin,
    })  # fmt: skip


def _targets(spec: ModelSpec) -> list[str]:
    return [n for n in spec.variables if joinable(spec, n)]


def _parameters(spec: ModelSpec) -> list[str]:
    return [n for n, v in spec.variables.items() if isinstance(v, Parameter) and v.trainable]
