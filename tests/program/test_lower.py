"""Lowering: order, sharing, loops, connections."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.models import decay, formula, parameter, predation
from wmjax import SpecError
from wmjax.program import coefficient_name, expand_connections, lower, references
from wmjax.spec import load_spec


def _program(data):
    return lower(load_spec(data))


def test_equal_structure_is_one_program_whatever_the_numbers():
    one, two = decay(), decay()
    two["variables"]["k"]["value"] = 0.9
    two["variables"]["k"]["bounds"] = [0, 2]
    assert _program(one) == _program(two)
    assert hash(_program(one)) == hash(_program(two))


def test_another_equation_is_another_program():
    other = decay()
    other["variables"]["loss"]["equation"] = "k * x * 1.0"
    assert _program(decay()) != _program(other)


def test_layers_read_only_earlier_ones():
    data = formula(
        "b + c",
        b={"kind": "auxiliary", "equation": "a * 2"},
        c={"kind": "auxiliary", "equation": "b ^ 2"},
        a=parameter(3),
    )
    program = _program(data)
    assert [[a.name for a in layer.assignments] for layer in program.layers] == [
        ["b"],
        ["c"],
        ["y"],
    ]
    earlier: set[str] = {"a"}
    for layer in program.layers:
        for assignment in layer.assignments:
            assert set(references(assignment.node)) <= earlier
        earlier |= {a.name for a in layer.assignments}


def test_the_order_of_definitions_does_not_matter_to_values():
    data = predation()
    shuffled = {**data, "variables": dict(reversed(data["variables"].items()))}
    assert {s.name for s in _program(data).slots} == {s.name for s in _program(shuffled).slots}
    one = [[sorted(a.name for a in x.assignments)] for x in _program(data).layers]
    two = [[sorted(a.name for a in x.assignments)] for x in _program(shuffled).layers]
    assert one == two


def test_a_loop_is_named_whole():
    data = formula("b", b={"kind": "auxiliary", "equation": "c + 1"},
                   c={"kind": "auxiliary", "equation": "y * 2"})  # fmt: skip
    with pytest.raises(SpecError) as caught:
        _program(data)
    text = str(caught.value)
    assert all(step in text for step in ("y -> b", "b -> c", "c -> y"))


def test_an_initial_loop_is_named():
    data = formula(
        "1",
        p={"kind": "stock", "initial": "q + 1"},
        q={"kind": "stock", "initial": "p + 1"},
    )
    with pytest.raises(SpecError, match="p -> q -> p|q -> p -> q"):
        _program(data)


def test_a_stock_breaks_a_loop():
    assert _program(predation()).layers[0].assignments


def test_a_deep_chain_of_variables_needs_no_deep_stack():
    variables = {
        f"v{i}": {"kind": "auxiliary", "equation": f"v{i - 1} + 1"} for i in range(1, 3000)
    }
    program = _program(formula("v2999", v0=parameter(1), **variables))
    assert len(program.layers) == 3000


def test_connections_with_a_form_become_trainable_coefficients():
    data = formula("2 * b", a=parameter(3), b={"kind": "auxiliary", "equation": "a"})
    data["connections"] = [
        {"from": "a", "to": "y", "form": form, "coefficient": form, "delay": 3}
        for form in ("elasticity", "linear", "saturating", "threshold", "delay", "lookup")
    ]
    spec = expand_connections(load_spec(data))
    for form in ("elasticity", "linear", "saturating", "threshold", "delay"):
        assert spec.variables[form].trainable  # pyright: ignore
        assert form in spec.variables["y"].equation  # pyright: ignore
    assert spec.variables["lookup"].y.trainable  # pyright: ignore
    assert not spec.connections
    assert coefficient_name(load_spec(data).connections[0]) == "elasticity"


def test_lowering_loads_no_jax():
    code = (
        "import sys; from wmjax.spec import load_spec; from wmjax.program import lower;"
        "lower(load_spec({'name': 'n', 'variables': {'x': {'kind': 'parameter', 'value': 1}}}));"
        "assert 'jax' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
