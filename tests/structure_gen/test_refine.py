"""The search: what it takes in, what it never sees, and how it goes on after a kill."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from structure_gen import (
    AddActor,
    AddConnection,
    ChangeForm,
    Proposal,
    RemoveConnection,
    SearchBudget,
    SplitParameter,
    refine,
    timeline,
)
from structure_gen._bench import Bench
from structure_gen._candidate import Candidate, with_numbers
from structure_gen._edit import edit_key
from structure_gen._refine import _links, _tasks
from tests.structure_gen.worlds import world
from wmjax.model import compile_model
from wmjax.sim import simulate
from wmjax.spec import check_spec


@pytest.fixture(scope="module")
def hidden():
    return world(3000)


@pytest.fixture(scope="module")
def found(hidden, tmp_path_factory):
    folder = tmp_path_factory.mktemp("search")
    result = refine(hidden.draft, hidden.observations, proposals=hidden.edits, checkpoint=folder)
    return result, folder


def test_the_true_link_is_found_and_the_false_ones_lose(hidden, found):
    result, _ = found
    assert [edit_key(s.proposal.edit) for s in result.steps] == [edit_key(hidden.true)]
    assert result.score > result.draft_score
    assert result.skill < result.draft_skill
    assert result.test is not None and result.test.gain > 0
    assert "add x" in result.words() and "by person" in result.words()


def test_the_result_is_a_valid_spec_with_the_fitted_numbers(hidden, found):
    result, _ = found
    assert not [i for i in check_spec(result.spec) if i.severity == "error"]
    link = result.spec.connections[0]
    assert link.value == pytest.approx(result.steps[0].coefficient)
    assert np.isfinite(simulate(compile_model(result.spec)).to_dataframe().to_numpy()).all()


def test_no_stage_sees_the_test_span(hidden, found):
    """With other numbers after the end of validation everything but the test stays as it was."""
    from dataclasses import replace

    from wmjax.series import Observations

    result, folder = found
    end = result.test.start
    other = Observations(
        replace(s, values=np.where(s.times > end, 7.0, s.values))
        for s in hidden.observations.values()
    )
    again = refine(hidden.draft, other, proposals=hidden.edits, checkpoint=folder)
    assert again.spec == result.spec
    assert again.rounds == result.rounds
    assert again.test != result.test


def test_a_finished_search_is_read_back_without_measuring_anything(hidden, found, monkeypatch):
    result, folder = found
    before = {p: p.stat().st_mtime_ns for p in Path(folder).rglob("*.json")}
    monkeypatch.setattr(Bench, "evaluate", lambda *_: pytest.fail("measured again"))
    again = refine(hidden.draft, hidden.observations, proposals=hidden.edits, checkpoint=folder)
    assert again.model_dump() == result.model_dump()
    assert {p: p.stat().st_mtime_ns for p in Path(folder).rglob("*.json")} == before


def test_links_measured_together_give_what_each_gives_alone(hidden):
    candidate = Candidate(hidden.draft)
    task, _ = _tasks(candidate, hidden.observations, None, None, 3, 0.15)
    links = _links(candidate, hidden.edits)
    true = hidden.true.connection
    many, one = Bench(candidate.base, links, task), Bench(candidate.base, (true,), task)
    a, b = (bench.evaluate((true,)) for bench in (many, one))
    np.testing.assert_allclose(a.density, b.density, atol=0.01)
    name = f"link.{true.source}.{true.target}"
    assert a.parameters[name] == pytest.approx(b.parameters[name], abs=1e-4)
    assert one.evaluate((true,), until=time.monotonic()) is None  # no time, no numbers


def test_numbers_of_a_fit_find_their_places():
    spec = world(1).draft
    linked = AddConnection.model_validate(
        {"connection": {"from": "x0", "to": "in1", "form": "lookup"}}).change(spec)  # fmt: skip
    new = with_numbers(linked, {"r0": 0.5, "link.x0.in1(2)": 1.5})
    assert new.variables["r0"].value == 0.5
    assert new.variables["link.x0.in1"].y.points[7] == 1.5
    assert not new.connections
    assert not [i for i in check_spec(new) if i.severity == "error"]


def test_edits_that_cannot_be_tried_are_reported_and_hurt_nobody(hidden):
    wrong = (
        AddConnection.model_validate({"connection": {"from": "no", "to": "in0", "form": "linear"}}),
        RemoveConnection(source="x0", target="in0"),
        ChangeForm(source="x0", target="in0", form="linear"),
        SplitParameter(parameter="r0", at=1900.0),
        AddActor.model_validate({"actor": {"name": "A", "category": "country", "level": 2,
                                           "parent": "none"}}),
    )  # fmt: skip
    result = refine(hidden.draft, hidden.observations, origins=3,
                    proposals=[Proposal(edit=e, origin="test") for e in wrong])  # fmt: skip
    assert {t.ruling for t in result.tried} == {"refused"}
    assert not result.steps
    assert result.score == result.draft_score


def test_the_budget_ends_the_search_and_what_was_measured_stands(hidden):
    told = []
    result = refine(hidden.draft, hidden.observations, proposals=hidden.edits, origins=3,
                    budget=SearchBudget(evaluations=5), progress=lambda *a: told.append(a))
    assert told == [(1, 1, "structures measured")]
    assert result.ended == "evaluations"
    assert result.evaluations == 1
    assert result.score == result.draft_score


def test_times_are_cut_into_three(hidden):
    when = timeline(hidden.observations, ["x0"], (1960, 2020))
    assert len(when.origins) == 6
    assert when.blocks[0][0] >= 1960 + 0.39 * 60 - 1
    assert when.blocks[-1][1] == when.end == 2011
    assert when.last == 2020
    with pytest.raises(Exception, match="different times"):
        timeline(hidden.observations, ["x0"], (1960, 1965))


_SCRIPT = """
import sys
sys.path.insert(0, {root!r})
import jax
jax.config.update("jax_enable_x64", True)
from tests.structure_gen.worlds import world
from structure_gen import refine
w = world(3000)
refine(w.draft, w.observations, proposals=w.edits, checkpoint={folder!r})
"""


@pytest.mark.slow
def test_a_search_that_is_killed_goes_on_and_ends_as_if_it_had_not_been(hidden, found, tmp_path):
    root = str(Path(__file__).resolve().parents[2])
    script = _SCRIPT.format(root=root, folder=str(tmp_path))
    child = subprocess.Popen([sys.executable, "-c", script], env={**os.environ})
    done = tmp_path / "evaluations"
    while child.poll() is None and len(list(done.glob("*.json"))) < 3:
        time.sleep(0.05)
    child.send_signal(signal.SIGKILL)
    child.wait()
    kept = {p: p.stat().st_mtime_ns for p in done.glob("*.json")}
    assert len(kept) >= 3
    result = refine(hidden.draft, hidden.observations, proposals=hidden.edits, checkpoint=tmp_path)
    assert all(p.stat().st_mtime_ns == t for p, t in kept.items())
    assert json.loads(result.model_dump_json()) == json.loads(found[0].model_dump_json())


@pytest.mark.slow
def test_twenty_hidden_worlds():
    """Data made from a hidden structure; one true link proposed among nine false."""
    true = false = 0
    for seed in range(301, 321):
        hidden = world(seed)
        result = refine(hidden.draft, hidden.observations, proposals=hidden.edits)
        keys = [edit_key(s.proposal.edit) for s in result.steps]
        true += edit_key(hidden.true) in keys
        false += sum(k != edit_key(hidden.true) for k in keys)
        assert result.score >= result.draft_score
        print(seed, edit_key(hidden.true) in keys, [t.words() for t in result.steps])
    assert true >= 16
    assert false <= 2
