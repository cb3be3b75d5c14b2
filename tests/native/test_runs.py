"""Single runs by generated C are those of JAX, to rounding."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import wmjax
from tests.native.worlds import arrays, generated
from wmjax import Native, Scalar, compile_model, simulate, with_parameters
from wmjax.native import compiler, source
from wmjax.sim import Euler
from wmjax.sim._native import native_job


pytestmark = pytest.mark.skipif(compiler() is None, reason="no C compiler")

_SCENARIOS = {
    "none": None,
    "events": {"name": "-", "events": [
        {"name": "one", "start": 3, "duration": 2,
         "effects": [{"target": "births", "add": 0.3}]},
        {"name": "two", "start": 6, "effects": [{"target": "total[C]", "set": 7}]},
    ]},
    "series": {"name": "-", "series": {"series_linear": {"times": [1, 3], "values": [5, 1]}}},
    "parameters": {"cap": 20.0, "rate": [0.3, 0.1, 0.0], "jump": [2, 1, 4, 0]},
}  # fmt: skip


@pytest.fixture(autouse=True)
def _cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WMJAX_CACHE", str(tmp_path_factory.getbasetemp() / "native-cache"))


@pytest.fixture(scope="module")
def both() -> Iterator[tuple[Any, Any]]:
    yield compile_model(arrays(), backend=Native()), compile_model(arrays(), backend=Scalar())


def _same(found: Any, wanted: Any, rtol: float = 1e-12) -> None:
    np.testing.assert_array_equal(np.asarray(found.times), np.asarray(wanted.times))
    assert list(found.values) == list(wanted.values)
    for name, values in wanted.values.items():
        np.testing.assert_allclose(found[name], values, rtol=rtol, atol=1e-11, err_msg=name)


@pytest.mark.parametrize("scenario", _SCENARIOS)
def test_arrays_series_tables_and_events(both: tuple[Any, Any], scenario: str) -> None:
    c, jax = both
    _same(simulate(c, _SCENARIOS[scenario]), simulate(jax, _SCENARIOS[scenario]))


@pytest.mark.parametrize(
    "how",
    [{"save_every": 0.75, "end": 6.0, "solver": "rk4"},
     {"solver": "rk2", "save": ("spread", "people", "cap", "series_next")}],
    ids=["rows and dates", "names"],
)  # fmt: skip
def test_rows_dates_methods_and_names(both: tuple[Any, Any], how: dict[str, Any]) -> None:
    c, jax = both
    _same(simulate(c, **how), simulate(jax, **how))


@pytest.mark.parametrize("seed", range(2))
def test_generated_models(seed: int) -> None:
    spec = generated(seed)
    wanted = simulate(compile_model(spec, backend=Scalar()))
    _same(simulate(compile_model(spec, backend=Native())), wanted, 1e-10)


@pytest.mark.slow
def test_world3() -> None:
    names = ("population", "food_per_capita", "persistent_pollution_index", "industrial_output")
    wanted = simulate(compile_model("world3", backend=Scalar()), save=names)
    _same(simulate(compile_model("world3", backend=Native()), save=names), wanted)


@pytest.mark.slow
def test_every_variable_of_the_bundled_world() -> None:
    wanted = simulate(compile_model("world", backend=Scalar()))
    _same(simulate(compile_model("world", backend=Native())), wanted, 1e-9)


def test_a_run_follows_what_changed_since_the_last(both: tuple[Any, Any]) -> None:
    """Later runs reuse what did not change: parameters, tables, the order of a mapping."""
    c, jax = both
    changes = [{}, {"cap": 35.0}, {"cap": 20.0}, {}, {"jump": [1, 1, 2, 2]}, {"rate": [0.3] * 3}]
    for change in changes:
        found = simulate(with_parameters(c, change), save=("spread",))
        _same(found, simulate(with_parameters(jax, change), save=("spread",)))


def test_what_is_not_finite_is_named_as_by_jax() -> None:
    spec = {
        "name": "runaway", "time": {"start": 0, "end": 30, "step": 1},
        "variables": {
            "k": {"kind": "parameter", "value": 3.0},
            "x": {"kind": "stock", "initial": 2, "inflows": ["f"]},
            "f": {"kind": "flow", "equation": "exp(k * x)"},
        },
    }  # fmt: skip
    with pytest.raises(wmjax.SimulationError) as by_c:
        simulate(compile_model(spec, backend=Native()))
    with pytest.raises(wmjax.SimulationError) as by_jax:
        simulate(compile_model(spec, backend=Scalar()))
    assert str(by_c.value) == str(by_jax.value)


@pytest.mark.parametrize("ratio", ["b / a", "a / a"])
def test_infinities_end_where_those_of_jax_end(ratio: str) -> None:
    """Tables, least and greatest values of what is infinite or no number."""
    spec = {
        "name": "edges", "time": {"start": 0, "end": 1, "step": 1},
        "variables": {
            "a": {"kind": "parameter", "value": 0.0},
            "b": {"kind": "parameter", "value": 2.0},
            "s": {"kind": "stock", "initial": "b", "inflows": ["a"]},
            "even": {"kind": "lookup", "x": {"points": [0, 1, 2]}, "y": {"points": [1, 2, 5]}},
            "long": {"kind": "lookup", "x": {"points": list(range(18))},
                     "y": {"points": list(range(18))}},
            "uneven": {"kind": "lookup", "x": {"points": [0, 1, 4]}, "y": {"points": [1, 2, 5]}},
            "r": {"kind": "auxiliary", "equation": f"s * {ratio}"},
            "x": {"kind": "auxiliary", "equation": "even(r)"},
            "l": {"kind": "auxiliary", "equation": "long(-r)"},
            "u": {"kind": "auxiliary", "equation": "uneven(r) + uneven(-r)"},
            "m": {"kind": "auxiliary", "equation": "min(r, s) + max(-s, -r) + min(r, 3)"},
            "d": {"kind": "auxiliary", "equation": "min(r / b, 10)"},
        },
    }  # fmt: skip
    values = np.array([0.0, 1.0, 0.0])
    wanted = wmjax.sweep(compile_model(spec), None, {"a": values}, backend=Scalar())
    found = wmjax.sweep(compile_model(spec), None, {"a": values}, backend=Native())
    one = simulate(compile_model(spec, backend=Native()), throw=False)
    for name in ("r", "x", "l", "u", "m", "d"):
        np.testing.assert_allclose(found[name], wanted[name], rtol=1e-14)
        np.testing.assert_allclose(one[name], wanted[name][0, 0], rtol=1e-14)
    assert found["finite"].equals(wanted["finite"])


def test_no_text_of_a_spec_reaches_the_compiler() -> None:
    spec = {
        "name": "evil", "time": {"start": 0, "end": 1, "step": 1},
        "variables": {
            "x*/ system(1); /*": {"kind": "parameter", "value": 1.0},
            "secret_name": {"kind": "stock", "initial": 3, "inflows": ["other_name"]},
            "other_name": {"kind": "flow", "equation": "0.1 * secret_name"},
        },
    }  # fmt: skip
    model = compile_model(spec)
    text = source(native_job(model, None, Euler(), ("secret_name", "other_name")))
    assert "system" not in text and "_name" not in text
