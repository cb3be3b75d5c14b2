"""Fit files: what they say, and every mistake in them at once."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from calibration import FitFile, fit, load_fit_file
from tests.calibration.problems import product, table
from wmjax._errors import UserError, UserErrors
from wmjax._resources import resource_dir


_TIMES = np.arange(11.0)


def _file(folder: Path, text: str) -> Path:
    path = folder / "fit.yaml"
    path.write_text(text)
    return path


def test_everything_a_file_can_say(tmp_path: Path) -> None:
    path = _file(tmp_path, """
name: a fit
parameters:
  a: {bounds: [0.5, null], prior: {lognormal: [2, 0.5]}, initial: 2.5}
  b:
series:
  x: {observed: seen, transform: log, likelihood: robust, weight: 0.5, sigma: 0.2}
  y: other
defaults: {sigma: 0.1}
window: {start: 2, end: 9}
starts: 2
seed: 5
half_life: 4
residual: {rho: 0.5}
""")
    file = load_fit_file(path)
    data = table(_TIMES, seen=6 * _TIMES + 0.1, other=3 * _TIMES)
    found = fit(product(), data, settings=path)
    x, y = found.terms
    assert (x.variable, x.observed, x.transform, x.likelihood) == ("x", "seen", "log", "robust")
    assert (x.weight, x.sigma) == (0.5, 0.2)
    assert (y.observed, y.transform, y.sigma) == ("other", "level", 0.1)
    assert (found.window.start, found.window.end, found.window.half_life) == (2, 9, 4)
    assert len(found.starts) == 2
    a, b = found.elements
    assert (a.lower, a.upper, a.initial) == (0.5, None, 2.5)
    assert (b.lower, b.upper, b.initial) == (0.01, 50, 2.0)
    assert found.residual_process()["seen"].rho == 0.5
    assert file.seed == 5 and file.name == "a fit"


def test_arguments_take_precedence(tmp_path: Path) -> None:
    path = _file(tmp_path, "window: [2, 9]\nstarts: 3\nmethod: adam\n")
    data = table(_TIMES, x=6 * _TIMES, y=3 * _TIMES)
    found = fit(product(), data, settings=path, window=(0, 5), starts=1, method="least_squares")
    assert (found.window.end, len(found.starts), found.method) == (5, 1, "least_squares")


def test_without_a_file_the_spec_says_it_all() -> None:
    found = fit(product(), table(_TIMES, x=6 * _TIMES, unrelated=_TIMES))
    assert [t.variable for t in found.terms] == ["x"]
    assert list(found.parameters) == ["a", "b", "c"]


def test_all_mistakes_are_reported_at_once(tmp_path: Path) -> None:
    path = _file(tmp_path, """
parameterz: {}
parameters:
  aa: {bounds: [0, 1]}
  a: {bounds: [5, 2]}
  b: {prior: {normal: [1, -1]}}
  c: {initial: 90}
series:
  z: x
  x: {observed: xx}
  y: {observed: y, transform: lag, weight: -1}
window: {start: 9, end: 2}
starts: 0
method: newton
""")
    data = table(_TIMES, x=6 * _TIMES, y=3 * _TIMES)
    with pytest.raises(UserErrors) as caught:
        fit(product(), data, settings=path)
    text = str(caught.value)
    for words in (
        "parameterz", "did you mean 'parameters'", "no parameter 'aa'", "bounds 5 and 2",
        "standard deviation", "initial value 90", "no variable 'z'", "no series 'xx'",
        "transform", "weight", "end 2 must lie after start 9", "starts", "newton",
    ):  # fmt: skip
        assert words in text, words
    assert caught.value.exit_status == 2


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UserError) as caught:
        load_fit_file(tmp_path / "none.yaml")
    assert "none.yaml" in caught.value.place
    for text, found in (("", "nothing"), ("- 1", "a list")):
        with pytest.raises(UserError) as caught:
            load_fit_file(_file(tmp_path, text))
        assert caught.value.found == found


def test_a_model_without_anything_to_fit_says_what_is_missing() -> None:
    with pytest.raises(UserErrors) as caught:
        fit(product(), table(_TIMES, q=_TIMES), free=[])
    assert "no free parameter" in str(caught.value)
    assert "no variable is joined to a series" in str(caught.value)


def test_values_that_a_transform_cannot_take_are_named() -> None:
    data = table(_TIMES, x=6 * _TIMES - 3, y=_TIMES)
    with pytest.raises(UserError) as caught:
        settings = FitFile.model_validate({"series": {"x": {"transform": "log"}}})
        fit(product(), data, settings=settings)
    assert "time 0" in caught.value.place and "-3" in caught.value.found


def test_the_protocol_of_the_world_model_is_a_fit_file() -> None:
    protocol = load_fit_file(resource_dir("data") / "models" / "world" / "protocol.yaml")
    assert protocol.series and len(protocol.series) >= 12
    assert protocol.backtest.fit_window is not None
    assert (protocol.backtest.fit_window.start, protocol.backtest.fit_window.end) == (1960, 1999)
