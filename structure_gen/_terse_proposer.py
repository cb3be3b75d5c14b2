"""Proposals by a small model, which chooses among pairs of names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal, final

import pydantic
from pydantic import Field

from structure_gen._edit import AddConnection
from structure_gen._prompts import render
from structure_gen._proposal import Proposal, View, concern
from structure_gen._screening import driven_by
from structure_gen._style import one_of
from wmjax.llm import LanguageModel, Request, run_async
from wmjax.spec import Connection, ModelSpec


_PAIRS = 48
_MOST = 4  # ideas in one answer


@final
class TerseProposer:
    """Asks for links between measured variables only; without words, names or reasons."""

    def __init__(self, llm: LanguageModel) -> None:
        self._llm = llm

    def propose(self, view: View) -> Sequence[Proposal]:
        pairs = {f"{s} -> {t}": (s, t) for s, t in _pairs(view.spec)}
        if not pairs:
            return []
        wanted = min(view.wanted, _MOST)
        lines = view.diagnostics.words().splitlines()[:3]
        prompt = render("terse_refine", name=view.spec.name, wanted=wanted, diagnosis=lines)
        actor, parameter = concern(view)
        request = Request(prompt, _schema(pairs, wanted), max_tokens=50 * wanted + 20,
                          purpose="refine", sample=len(view.tried), actor=actor,
                          parameter=parameter)  # fmt: skip
        answer = run_async(self._llm.complete(request))
        ideas: Any = answer.value
        return [_proposal(i, pairs, f"llm:{answer.model}") for i in ideas.links if i.pair in pairs]


def _pairs(spec: ModelSpec) -> list[tuple[str, str]]:
    """From each measured variable into what drives another, the first few of each in turn."""
    seen = [n for n, v in spec.variables.items() if v.observed and not v.dims]
    linked = {(c.source, c.target) for c in spec.connections if c.form is not None}
    found = [(s, flow) for t in seen for flow, _ in driven_by(spec, t)[:1] for s in seen if s != t]
    return [p for p in dict.fromkeys(found) if p not in linked][:_PAIRS]


def _schema(pairs: dict[str, tuple[str, str]], wanted: int) -> type[pydantic.BaseModel]:
    years: Any = Annotated[int, Field(ge=0, le=20)]
    fields: dict[str, Any] = {"pair": (one_of(pairs), ...), "polarity": (Literal["+", "-"], ...),
                              "delay_years": (years, ...)}  # fmt: skip
    item = pydantic.create_model("Link", **fields)
    links: Any = Annotated[list[item], Field(min_length=wanted, max_length=wanted)]
    return pydantic.create_model("Links", links=(links, ...))


def _proposal(idea: Any, pairs: dict[str, tuple[str, str]], origin: str) -> Proposal:
    source, target = pairs[idea.pair]
    delay = float(idea.delay_years) or None
    made = Connection.model_validate({
        "from": source, "to": target, "polarity": idea.polarity, "delay": delay, "origin": origin,
        "form": "delay" if delay else "elasticity",
    })  # fmt: skip
    return Proposal(edit=AddConnection(connection=made), origin=origin)
