"""Sweeps by generated C are those of JAX, and are chosen where they pay."""

from __future__ import annotations

from typing import Any

import jax
import numpy as np
import pytest

from tests.models import decay
from tests.native.worlds import arrays, generated
from wmjax import Native, Scalar, compile_model, sweep
from wmjax.native import compiler
from wmjax.scenario import Final, Keep, Statistics, Summary, Trajectories, _sweep
from wmjax.sim import devices


pytestmark = pytest.mark.skipif(compiler() is None, reason="no C compiler")

_SCENARIOS = {
    "plain": None,
    "events": {"events": [
        {"name": "one", "start": 3, "duration": 2, "ramp": 1,
         "effects": [{"target": "births", "multiply": 1.3}, {"target": "rate", "add": 0.1}]},
    ]},
    "series": {"series": {"series_linear": {"times": [1, 3], "values": [2, 1]}}},
    "set": {"cap": 20.0, "jump": [2, 1, 4, 0]},
}  # fmt: skip
_DRAWS = {
    "rate": np.linspace(0.05, 0.2, 33).reshape(11, 3),
    "cap": np.linspace(30, 50, 11),
    "even": np.linspace(0.2, 1.5, 44).reshape(11, 4),
    "long": np.linspace(0.2, 3, 220).reshape(11, 20),
}


@pytest.fixture(autouse=True)
def _cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WMJAX_CACHE", str(tmp_path_factory.getbasetemp() / "native-cache"))


@pytest.fixture(scope="module")
def model() -> Any:
    return compile_model(arrays())


def _same(found: Any, wanted: Any, rtol: float = 1e-11) -> None:
    assert set(found.variables) == set(wanted.variables)
    for name in wanted.variables:
        if wanted[name].dtype.kind == "f":
            np.testing.assert_allclose(
                found[name], wanted[name], rtol=rtol, atol=1e-10, err_msg=str(name)
            )
        else:
            np.testing.assert_array_equal(found[name], wanted[name])


@pytest.mark.parametrize(
    "keep",
    [Summary("at_max", "min", "mean", "integral", "final", "max", "at_min"),
     Trajectories(), Statistics()],
    ids=lambda k: type(k).__name__,
)  # fmt: skip
def test_scenarios_times_draws(model: Any, keep: Keep) -> None:
    """Events, series, tables and arrays that differ between runs; 44 are no multiple of 8."""
    how: dict[str, Any] = {"keep": keep, "save_every": 0.75}
    how["save"] = ("people", "spread", "guarded", "outside", "cap")
    found = sweep(model, _SCENARIOS, _DRAWS, backend=Native(), **how)
    _same(found, sweep(model, _SCENARIOS, _DRAWS, backend=Scalar(), **how))


@pytest.mark.parametrize("seed", [11])
def test_generated_models(seed: int) -> None:
    model = compile_model(generated(seed))
    draws = {"p": np.linspace(0.4, 2, 21), "t": np.linspace(-1, 1, 105).reshape(21, 5)}
    found = sweep(model, None, draws, backend=Native())
    _same(found, sweep(model, None, draws, backend=Scalar()), 1e-9)


def test_neighbours_of_a_bad_run_are_spared(caplog: pytest.LogCaptureFixture) -> None:
    spec = decay()
    spec["variables"]["loss"]["equation"] = "ln(k) * x"
    draws = {"k": np.array([0.5, -1.0, 0.6, 0.0, 0.7])}
    found = sweep(compile_model(spec), None, draws, backend=Native())
    assert found["finite"].values.tolist() == [[True, False, True, False, True]]
    assert "draw 1: 'loss' is not finite from 0 on" in caplog.text
    _same(found, sweep(compile_model(spec), None, draws, backend=Scalar()))


def test_large_sweeps_choose_c_and_small_ones_do_not(monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = []
    real = _sweep.engine
    monkeypatch.setattr(_sweep, "engine", lambda *a: chosen.append(real(*a)) or chosen[-1])
    model = compile_model(decay())
    few, many = {"k": np.linspace(0.1, 0.4, 100)}, {"k": np.linspace(0.1, 0.4, 1000)}
    sweep(model, None, few, keep=Final())
    by_c = sweep(model, None, many, keep=Final())
    by_jax = sweep(model, None, many, keep=Final(), backend=Scalar())
    assert [e is not None for e in chosen] == [False, True, False]
    _same(by_c, by_jax)
    wanted = 100 * (1 - many["k"] * 0.25) ** 40
    np.testing.assert_allclose(by_c["x"][0], wanted, rtol=1e-12)


def test_chunks_and_devices_change_nothing() -> None:
    model, draws = compile_model(decay()), {"k": np.linspace(0.1, 0.4, 203)}
    whole = sweep(model, None, draws, backend=Native())
    for how in ({"chunk": 50}, {"devices": devices(jax.devices()[:1])}):
        assert sweep(model, None, draws, backend=Native(), **how).identical(whole)
