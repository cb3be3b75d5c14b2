"""Fits of large models: the numbers go to the compiler as one vector, and are the same."""

from __future__ import annotations

import jax
import numpy as np
import pytest

from calibration import fit
from calibration._evaluator import evaluator
from calibration._layout import Window
from calibration._resolve import resolve
from calibration._setup import setup
from tests.structure_gen.worlds import world
from wmjax.model import Grouped, Scalar, compile_model, side_by_side
from wmjax.spec import ModelSpec


@pytest.fixture(scope="module")
def linked():
    """A hidden world with a table among what is free."""
    hidden = world(3000)
    table = {"kind": "lookup", "x": {"unit": "1", "points": [0.0, 1.0, 2.0]},
             "y": {"unit": "1", "points": [1.0, 1.0, 1.0], "trainable": True}}  # fmt: skip
    variables = {**hidden.draft.variables, "shape": table, "in0": {
        "kind": "flow", "unit": "1/year", "equation": "r0 * x0 * shape(x1 / x1_0)"}}  # fmt: skip
    return ModelSpec.model_validate({**dict(hidden.draft), "variables": variables}), hidden


def _problem(spec, observations, backend):
    model = compile_model(spec, backend=backend)
    asked = resolve(model, observations, None, None, None)
    made = setup(model, observations, asked.terms, asked.free)
    return made, made.problem(Window(-np.inf, np.inf, None))


@pytest.mark.parametrize("wants", ["gradient", "normal"])
def test_one_vector_gives_the_numbers_of_many_arguments(linked, wants):
    spec, hidden = linked
    found = []
    for backend in (Scalar(), Grouped()):
        made, problem = _problem(spec, hidden.observations, backend)
        z = np.linspace(-0.05, 0.05, len(made.elements))
        found.append(evaluator(made.plan, problem, wants, None)(z[None])[0])
    for name, value in found[0].items():
        np.testing.assert_allclose(found[1][name], value, rtol=1e-8, atol=1e-9)


def test_a_compiled_fit_takes_few_arguments_however_many_parameters_there_are(linked):
    spec, hidden = linked
    made, problem = _problem(spec, hidden.observations, Grouped())
    many = evaluator(made.plan, problem, "gradient", None)
    before, after = (len(jax.tree.leaves(p.model.parameters)) for p in (many.problem, many.compact))
    assert before == len(made.model.parameters) > 20 and after == 1
    plain = compile_model(spec, backend=Scalar())
    assert side_by_side(plain) is plain


def test_the_fit_of_a_large_model_is_told_by_name(linked):
    spec, hidden = linked
    found = fit(compile_model(spec, backend=Grouped()), hidden.observations, max_evaluations=3)
    assert isinstance(found.model.parameters, dict)
    assert found.parameters["r0"] == pytest.approx(float(found.model.parameters["r0"]))
