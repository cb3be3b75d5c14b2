"""Present values that nobody measured: looked up with their source, or computed; always flagged."""

from __future__ import annotations

import json

from structure_gen import Brief, generate
from tests.structure_gen.author import answer
from wmjax import UserError
from wmjax.llm import Reply, Request, Source, Usage, language_model, scripted


BRIEF = "How do AI, energy and ageing shape East Asia to 2060?"
PAGE = "https://example.org/figures"


def _searching(request: Request):
    if request.web_search is None:
        return answer(request)
    figure = {"year": 1970, "value": 1234.5, "url": PAGE, "quote": "it was 1,234.5 then"}
    return Reply(json.dumps({"figures": [figure]}), "end", Usage(10, 10), sources=(Source(PAGE),))


def test_figures_of_the_vendors_search_stand_in_the_spec_with_source_and_width():
    llm = language_model(scripted(_searching))
    found = generate(BRIEF, llm=llm, sources=["catalogue", "web_search"])
    assert found.estimates and "numbers are estimates" in found.words()
    for told in found.estimates:
        held = found.spec.variables[told.variable]
        assert held.value == told.value == 1234.5
        assert told.sigma == 0.25 * 1234.5 and held.prior.lognormal[1] >= 0.25
        assert PAGE in held.source and "estimated" in held.source


def test_a_model_without_a_search_is_asked_once_and_the_rest_goes_on():
    def reply(request: Request):
        if request.web_search is None:
            return answer(request)
        asked.append(request)
        return UserError("language model", "a request with web search", "a search tool")

    asked: list[Request] = []
    found = generate(BRIEF, llm=language_model(scripted(reply)), sources=["web_search"])
    assert len(asked) == 1 and not found.estimates
    assert any(i.stage == "web_search" and "search tool" in i.reason for i in found.incomplete)


def test_before_the_first_row_of_a_series_stands_what_a_walk_with_drift_says():
    early = generate(Brief(text=BRIEF, start=1950), llm=language_model(scripted(answer)))
    told = {e.variable: e for e in early.estimates}["China.gdp.start"]
    held = early.spec.variables["China.gdp.start"]
    assert held.value == told.value and held.source.startswith("estimated: random walk")
    assert told.sigma > 0 and told.time == 1950
