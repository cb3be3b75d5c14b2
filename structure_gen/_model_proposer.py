"""Proposals by a language model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal, final

import pydantic
from pydantic import Field

from structure_gen._answers import Line
from structure_gen._edit import AddConnection, ChangeForm, Edit, RemoveConnection, SplitParameter
from structure_gen._prompts import render
from structure_gen._proposal import Proposal, View
from structure_gen._screening import joinable
from wmjax.llm import LanguageModel, Request, run_async
from wmjax.spec import Connection, ModelSpec, Parameter, Series


Form = Literal["elasticity", "linear", "saturating", "threshold", "delay", "lookup"]
Text = Annotated[Line, Field(max_length=400)]

_MOST_NAMES = 150  # in one schema: grammars of more slow a local model down


class _Idea(pydantic.BaseModel):
    """One change; flat, for models that cannot write unions."""

    kind: Literal["add_link", "remove_link", "change_form", "split_in_time"]
    source: str
    target: str
    polarity: Literal["+", "-", ""]
    form: Form
    delay_years: Annotated[int, Field(ge=0, le=100)]
    parameter: str
    year: Annotated[int, Field(ge=0, le=3000)]
    reasoning: Text


@final
class ModelProposer:
    """Asks a language model, which sees the structure and its diagnosis."""

    def __init__(self, llm: LanguageModel, name: str = "") -> None:
        self._llm, self.origin = llm, f"llm:{name}" if name else "llm"

    def propose(self, view: View) -> Sequence[Proposal]:
        schema = _schema(view)
        request = Request(render("refine", **_facts(view)), schema, max_tokens=160 * view.wanted,
                          purpose="refine")  # fmt: skip
        answer = run_async(self._llm.complete(request))
        ideas: Any = answer.value
        origin = f"llm:{answer.model}" if answer.model else self.origin
        return [p for idea in ideas.ideas if (p := _proposal(idea, origin)) is not None]


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
    allowed = {"source": sources, "target": _targets(spec), "parameter": _parameters(spec)}
    fields: dict[str, Any] = {
        k: (Literal[tuple(["", *names])], ...)
        for k, names in allowed.items() if len(names) <= _MOST_NAMES
    }  # fmt: skip
    idea = pydantic.create_model("Idea", __base__=_Idea, **fields)
    ideas: Any = Annotated[list[idea], Field(min_length=1, max_length=view.wanted)]
    return pydantic.create_model("Ideas", ideas=(ideas, ...))


def _proposal(idea: Any, origin: str) -> Proposal | None:
    """None for an idea that is no edit, such as a delay of nothing."""
    try:
        return Proposal(edit=_edit(idea, origin), origin=origin, reasoning=idea.reasoning)
    except pydantic.ValidationError:
        return None


def _edit(idea: Any, origin: str) -> Edit:
    delay = float(max(idea.delay_years, 1)) if idea.form == "delay" else None
    match idea.kind:
        case "add_link":
            return AddConnection(connection=Connection.model_validate({
                "from": idea.source, "to": idea.target, "polarity": idea.polarity,
                "form": idea.form, "delay": delay, "reasoning": idea.reasoning, "origin": origin,
            }))  # fmt: skip
        case "remove_link":
            return RemoveConnection(source=idea.source, target=idea.target)
        case "change_form":
            return ChangeForm(source=idea.source, target=idea.target, form=idea.form, delay=delay)
        case _:
            return SplitParameter(parameter=idea.parameter, at=float(idea.year))


def _targets(spec: ModelSpec) -> list[str]:
    return [n for n in spec.variables if joinable(spec, n)]


def _parameters(spec: ModelSpec) -> list[str]:
    return [n for n, v in spec.variables.items() if isinstance(v, Parameter) and v.trainable]
