"""Questions in few words: what small models answer, what stands in, and trees of constituents."""

from __future__ import annotations

import random
from typing import Any

import pandas as pd
import pytest

from structure_gen import AddConnection, Brief, View, apply_edit, generate, refine
from structure_gen._diagnostics import Diagnostics
from structure_gen._terse_proposer import TerseProposer
from tests.structure_gen.author import answer
from tests.structure_gen.worlds import world
from wmjax.llm import Request, Unavailable, grammar_schema, language_model, run_async, scripted
from wmjax.series import load_observations
from wmjax.spec import check_spec


BRIEF = Brief(text="How do people, output and energy move each other?", start=1960, end=2060,
              depth=2, breadth=2, quantities=2, resolution="yearly")  # fmt: skip

LEADS = pd.DataFrame(columns=["target", "cause", "lag", "correlation"])


def _chosen(schema: dict[str, Any], dice: random.Random, root: dict[str, Any]) -> Any:
    """Any answer that a grammar allows: what a model that knows nothing would write."""
    if "$ref" in schema:
        return _chosen(root["$defs"][schema["$ref"].rpartition("/")[2]], dice, root)
    if "enum" in schema:
        return dice.choice(schema["enum"])
    match schema["type"]:
        case "object":
            return {k: _chosen(v, dice, root) for k, v in schema["properties"].items()}
        case "array":
            count = dice.randint(schema.get("minItems", 0), schema["maxItems"])
            return [_chosen(schema["items"], dice, root) for _ in range(count)]
        case "integer":
            return dice.randint(schema["minimum"], schema["maximum"])
    capital = schema["pattern"].startswith("^[A-Z]")
    return dice.choice(["Aidan", "Zhang Wei"]) if capital else dice.choice(["output", "trust"])


def _babbler(seed: int):
    dice = random.Random(seed)

    def reply(request: Request) -> Any:
        assert request.schema is not None
        schema = grammar_schema(request.schema)
        return _chosen(schema, dice, schema)

    return reply


@pytest.mark.parametrize("seed", range(6))
def test_whatever_the_grammar_allows_becomes_a_valid_measured_world(seed):
    brief = BRIEF.model_copy(update={"depth": None if seed % 2 else 3, "start": 1970})
    found = generate(brief, llm=language_model(scripted(_babbler(seed))), style="terse")
    assert not [i for i in check_spec(found.spec) if i.severity == "error"]
    seen = {v.observed for v in found.spec.variables.values()} - {None}
    assert len(seen) >= (1 if seed % 2 else 3)
    assert found.shares.written == (
        found.shares.kept + found.shares.repaired + found.shares.rejected
    )
    assert any("not asked in the style" in i.reason for i in found.incomplete)


def test_a_model_that_never_answers_leaves_a_world_read_from_the_catalogue():
    silent = language_model(scripted(lambda request: Unavailable("connection refused")))
    found = generate(BRIEF, llm=silent, style="terse")
    assert not [i for i in check_spec(found.spec) if i.severity == "error"]
    assert {a.name for a in found.spec.actors} == {"World", "China", "United States"}
    assert "countries.CHN.gdp_2015usd" in {v.observed for v in found.spec.variables.values()}
    assert found.shares.written == 0
    assert {i.stage for i in found.incomplete} >= {"actors", "quantities", "links", "equations"}
    assert sum("stand in" in i.reason for i in found.incomplete) == 4


def test_no_figure_after_the_last_year_that_may_be_seen_is_used():
    silent = language_model(scripted(lambda request: Unavailable("connection refused")))
    early, late = (generate(BRIEF, llm=silent, style="terse", until=u).spec for u in (1983, 2019))
    rate = "China.gdp_2015usd.rate"
    assert early.variables[rate].value != late.variables[rate].value
    seen = load_observations(["countries.CHN.gdp_2015usd"])["countries.CHN.gdp_2015usd"]
    again = generate(BRIEF, llm=silent, style="terse", until=1983.5).spec
    assert again.variables[rate].value == early.variables[rate].value
    assert seen.times[-1] > 2000


def test_proposals_of_a_small_model_are_links_between_what_is_measured():
    spec = world(1).draft
    series = pd.DataFrame(columns=["error", "bias", "rho"])
    view = View(spec, lambda: Diagnostics(series, LEADS), (), 3)
    proposer = TerseProposer(language_model(scripted(_babbler(3))))
    found = proposer.propose(view)
    assert len(found) == 3
    for proposal in found:
        assert proposal.origin == "llm:scripted"
        apply_edit(spec, proposal.edit)
    silent = TerseProposer(language_model(scripted(lambda request: Unavailable("down"))))
    with pytest.raises(Unavailable, match="down"):
        silent.propose(view)


def test_a_tree_of_constituents_is_asked_level_by_level_and_kept():
    def reply(request: Request) -> Any:
        stage = request.purpose.removeprefix("generate.")
        if stage != "parts":
            found = answer(request)
            if stage == "quantities":
                found["quantities"].append(_part("energy", "", 10.0))
                found["quantities"].append(_part("oil", "energy", 6.0))
            return found
        if '["oil"' in request.messages[1].content:
            return {"quantities": [_part("crude", "oil", 4.0), _part("shale", "oil", 2.0)]}
        return {"quantities": [_part("sand", "crude", 1.0), _part("lost", "nothing", 1.0)]}

    brief = Brief(text="energy", depth=1, parts=3, quantities=6)
    spec = generate(brief, llm=language_model(scripted(reply))).spec
    assert spec.variables["World.energy"].constituents == ("World.oil",)
    assert spec.variables["World.oil"].constituents == ("World.crude", "World.shale")
    assert spec.variables["World.crude"].constituents == ("World.sand",)
    assert "World.lost" not in spec.variables
    shallow = generate(brief.model_copy(update={"parts": 1}), llm=language_model(scripted(reply)))
    assert "World.crude" not in shallow.spec.variables


def _part(name: str, whole: str, value: float) -> dict[str, Any]:
    return {"name": name, "group": "resources", "kind": "constant", "unit": "t", "value": value,
            "uncertainty_percent": 10, "part_of": whole, "series": "", "meaning": ""}  # fmt: skip


@pytest.mark.local_llm
def test_the_small_model_on_this_machine_writes_a_valid_world_that_can_be_searched(tmp_path):
    pytest.importorskip("xllamacpp")
    brief = BRIEF.model_copy(update={"conditions": 0, "parts": 0})
    llm = language_model("local")
    found = generate(brief, llm=llm, style="terse", until=1983, seconds=180)
    run_async(llm.close())
    assert not [i for i in check_spec(found.spec) if i.severity == "error"]
    assert found.shares.written > 0 and found.shares.kept > 0
    links = [c for c in found.spec.connections if c.form is not None]
    bare = found.spec.model_copy(update={"connections": ()})
    names = [v.observed for v in bare.variables.values() if v.observed]
    seen = load_observations(sorted(names)).window(None, 2019)
    result = refine(bare, seen, proposals=[AddConnection(connection=c) for c in links], origins=3)
    assert result.score >= result.draft_score
    assert len(result.tried) >= len(links)
