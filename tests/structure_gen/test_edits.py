"""Edits are values: they read back, apply without a trace, and refuse what they would break."""

import json

import numpy as np
import pytest

from structure_gen import (
    EDIT,
    AddActor,
    AddConnection,
    AddEvent,
    AddVariable,
    ChangeForm,
    Part,
    RemoveConnection,
    ReplaceConnection,
    Several,
    SplitParameter,
    apply_edit,
)
from wmjax import SpecError
from wmjax.model import compile_model
from wmjax.sim import simulate
from wmjax.spec import ModelSpec


SPEC = ModelSpec.model_validate({
    "name": "two stocks", "time": {"start": 2000, "end": 2020},
    "variables": {
        "a": {"kind": "stock", "unit": "1", "initial": "2", "inflows": ["grow"]},
        "b": {"kind": "stock", "unit": "1", "initial": "1", "inflows": ["rise"]},
        "grow": {"kind": "flow", "unit": "1/year", "equation": "a * rate"},
        "rise": {"kind": "flow", "unit": "1/year", "equation": "b * rate"},
        "rate": {"kind": "parameter", "unit": "1/year", "value": 0.03, "trainable": True,
                 "bounds": [0.01, 0.1], "prior": {"lognormal": [0.03, 0.5]}},
    },
    "connections": [{"from": "b", "to": "grow", "form": "elasticity", "value": 0.4}],
})  # fmt: skip
LINK = {"from": "a", "to": "rise", "form": "elasticity", "polarity": "+"}
EDITS = (
    AddConnection.model_validate({"connection": LINK}),
    RemoveConnection(source="b", target="grow"),
    ReplaceConnection.model_validate({"source": "b", "target": "grow", "connection": LINK}),
    ChangeForm(source="b", target="grow", form="delay", delay=4.0),
    SplitParameter(parameter="rate", at=2010.0),
    SplitParameter(parameter="rate", parts=(Part(name="births", share=0.75),
                                            Part(name="arrivals", share=0.25))),
    AddActor.model_validate({"actor": {"name": "World", "category": "world", "level": 1}}),
    AddVariable.model_validate({"name": "c", "variable": {"kind": "parameter", "value": 1}}),
    AddEvent.model_validate({"event": {"name": "war", "start": 2005, "effects": [
        {"target": "grow", "multiply": 0.5}]}}),
)  # fmt: skip


@pytest.mark.parametrize("edit", [*EDITS, Several(edits=EDITS[:1])], ids=lambda e: e.edit)
def test_an_edit_reads_back_from_json_and_leaves_the_spec_alone(edit):
    before = SPEC.hash
    text = edit.model_dump_json(by_alias=True)
    assert EDIT.validate_json(text) == edit
    assert json.loads(text)["edit"] == edit.edit
    assert apply_edit(SPEC, edit).hash != before
    assert SPEC.hash == before


@pytest.mark.parametrize("edit", [EDITS[0], EDITS[4], EDITS[5], EDITS[6], EDITS[7]], ids=str)
def test_additions_and_splits_are_neutral_at_first(edit):
    old, new = (simulate(compile_model(s)).to_dataframe() for s in (SPEC, apply_edit(SPEC, edit)))
    np.testing.assert_allclose(new[["a", "b"]], old[["a", "b"]], rtol=1e-13)


def test_parts_of_a_parameter_keep_its_sum_and_scale_its_prior():
    spec = apply_edit(SPEC, EDITS[5])
    births = spec.variables["births"]
    assert births.value == pytest.approx(0.0225)
    assert births.bounds == pytest.approx((0.0075, 0.075))
    assert births.prior.lognormal == pytest.approx((0.0225, 0.5))
    assert births.trainable
    assert spec.variables["rate"].kind == "auxiliary"


@pytest.mark.parametrize(("edit", "code"), [
    (AddConnection.model_validate({"connection": LINK | {"from": "nobody"}}), "connection-end"),
    (AddConnection.model_validate({"connection": LINK | {"to": "a"}}), "connection-target"),
    (AddConnection.model_validate({"connection": LINK | {"form": None}}), "connection-target"),
    (AddConnection.model_validate({"connection": {"from": "b", "to": "grow", "form": "linear"}}),
     "duplicate-name"),
    (AddConnection.model_validate({"connection": LINK | {"from": "rise"}}), "algebraic-loop"),
    (RemoveConnection(source="a", target="grow"), "connection-end"),
    (SplitParameter(parameter="rate", at=1990.0), "unknown-name"),
    (SplitParameter(parameter="a", at=2010.0), "unknown-name"),
    (SplitParameter(parameter="rate", parts=(Part(name="b", share=0.5), Part(name="d", share=0.5))),
     "unknown-name"),
    (AddActor.model_validate({"actor": {"name": "X", "category": "country", "level": 2,
                                        "parent": "Nowhere"}}), "actor-parent"),
    (AddEvent.model_validate({"event": {"name": "war", "start": 2005, "effects": [
        {"target": "peace", "multiply": 0.5}]}}), "event-target"),
], ids=str)  # fmt: skip
def test_an_edit_that_would_break_the_spec_is_refused_with_the_reason(edit, code):
    with pytest.raises(SpecError) as caught:
        apply_edit(SPEC, edit)
    assert code in {i.code for i in caught.value.issues}


def test_errors_that_were_there_before_are_not_the_edits_fault():
    broken = ModelSpec.model_validate({**dict(SPEC), "actors": [
        {"name": "World", "category": "world", "level": 1, "parameters": ["gone"]}]})  # fmt: skip
    assert len(apply_edit(broken, EDITS[0]).connections) == 2
