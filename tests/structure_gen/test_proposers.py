"""Who has ideas: the data, and a language model whose bad ideas lose."""

import pandas as pd
import pytest

from structure_gen import (
    HINDSIGHT,
    AddConnection,
    ChangeForm,
    ModelProposer,
    RemoveConnection,
    ReplaceConnection,
    Screening,
    SearchBudget,
    Several,
    SplitParameter,
    View,
    apply_edit,
    is_model_written,
    refine,
)
from structure_gen._diagnostics import Diagnostics
from tests.structure_gen.worlds import world
from wmjax.llm import Budget, Request, Unavailable, language_model, scripted
from wmjax.model import compile_model


@pytest.fixture(scope="module")
def hidden():
    return world(3000)


def _idea(source, target, **other):
    return {"kind": "add_link", "source": source, "target": target, "polarity": "", "year": 0,
            "form": "elasticity", "delay_years": 0, "parameter": "", "reasoning": "a hunch",
            "new_source": "", "first_part": "", "second_part": "", "share_percent": 0, "actor": "",
            "category": "country", "quantity": "", **other}  # fmt: skip


def test_a_language_models_good_idea_is_kept_and_its_bad_ones_lose(hidden):
    """It sees the diagnosis, only names that exist can be written, and the lineage names it."""
    asked: list[Request] = []
    link = hidden.true.connection
    good = _idea(link.source, link.target, form=link.form, delay_years=int(link.delay or 0))
    bad = [_idea(s, t) for s, t in (("x0", "out1"), ("x1", "out2"), ("x2", "out3"))]

    def reply(request: Request):
        asked.append(request)
        return {"ideas": [good, *bad]}

    proposer = ModelProposer(language_model(scripted(reply)))
    result = refine(hidden.draft, hidden.observations, proposers=[proposer], origins=3,
                    budget=SearchBudget(rounds=1))  # fmt: skip
    assert [t.proposal.edit.connection.target for t in result.steps] == [link.target]
    assert result.steps[0].proposal.origin == "llm:scripted"
    assert HINDSIGHT in result.words()
    assert is_model_written(result.spec) and not is_model_written(result.draft)
    said = asked[0].messages[1].content
    assert "forecast error" in said and "<data>" in said
    schema = asked[0].schema.model_json_schema()
    assert "x0" in str(schema) and "nobody" not in str(schema)


def test_a_model_that_does_not_answer_leaves_the_search_to_others(hidden):
    proposer = ModelProposer(language_model(scripted(lambda _: Unavailable("down"))))
    result = refine(hidden.draft, hidden.observations, proposers=[proposer], origins=2)
    assert result.ended == "no proposals"
    assert result.unasked == ("Unavailable: down",)
    assert "Unavailable: down" in result.words()
    assert result.score == result.draft_score


def test_without_a_budget_others_propose_and_later_the_model_is_asked(hidden, tmp_path):
    """Nothing is kept of a question that nobody was asked."""
    asked: list[Request] = []

    def reply(request: Request):
        asked.append(request)
        return {"ideas": [_idea("x0", "out1")]}

    def search(calls):
        llm = language_model(scripted(reply), budget=Budget(calls=calls))
        return refine(hidden.draft, hidden.observations, origins=2, checkpoint=tmp_path, wanted=2,
                      proposers=[ModelProposer(llm), Screening()],
                      budget=SearchBudget(rounds=1))  # fmt: skip

    poor = search(0)
    assert "the budget of the run (0 calls) is spent" in poor.spent and poor.spent in poor.words()
    assert not asked and {t.proposal.origin for t in poor.tried} == {"data"}
    rich = search(1)
    assert len(asked) == 1 and not rich.spent
    assert {t.proposal.origin for t in rich.tried} == {"data", "llm:scripted"}


def test_screening_proposes_what_the_residuals_follow(hidden):
    proposals = []

    class Spy:
        def propose(self, view):
            proposals.extend(Screening().propose(view))
            return []

    refine(hidden.draft, hidden.observations, proposers=[Spy()], origins=2)
    assert proposals
    target = hidden.true.connection.target
    assert target in {p.edit.connection.target for p in proposals}
    assert all("residuals of" in p.reasoning and p.origin == "data" for p in proposals)


def test_every_kind_of_idea_is_an_edit_that_fits_and_unsound_ones_are_left_out():
    link = {"from": "x0", "to": "in1", "form": "linear"}
    spec = AddConnection.model_validate({"connection": link}).change(world(1).draft)
    ideas = [
        _idea("x2", "in1"), _idea("x0", "in1", kind="remove_link"),
        _idea("x0", "in1", kind="replace_link", new_source="x3"),
        _idea("x0", "in1", kind="change_form", form="saturating"),
        _idea("", "", kind="split_in_time", parameter="r0", year=1990),
        _idea("", "", kind="split_in_parts", parameter="r0", first_part="births",
              second_part="arrivals", share_percent=70),
        _idea("", "in2", kind="add_actor", actor="Tea Union", category="activist",
              quantity="strikes", year=1980),
    ]  # fmt: skip
    bad = [_idea("x2", "in1", share_percent=300), _idea("nobody", "in1")]
    series = pd.DataFrame(columns=["error", "bias", "rho"])
    view = View(spec, lambda: Diagnostics(series, pd.DataFrame()), (), 12)
    llm = language_model(scripted([{"ideas": [*ideas, *bad]}]), repairs=0)
    found = ModelProposer(llm).propose(view)
    assert [type(p.edit) for p in found] == [
        AddConnection, RemoveConnection, ReplaceConnection, ChangeForm, SplitParameter,
        SplitParameter, Several,
    ]  # fmt: skip
    changed = [apply_edit(spec, p.edit) for p in found]
    assert changed[2].connections[-1].source == "x3"
    assert changed[5].variables["births"].value == pytest.approx(0.7 * spec.variables["r0"].value)
    assert changed[6].actors[-1].name == "Tea Union"
    compile_model(changed[6])
