"""Residual processes against the closed forms of a conditioned AR(1)."""

from __future__ import annotations

from typing import Any

import jax
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wmjax import UserError
from wmjax.scenario import ResidualProcess


_MANY = 40_000


def _process(transform: Any = "level", **changed: float) -> ResidualProcess:
    numbers = {"sigma": 0.5, "rho": 0.8, "last_time": 2000.0, "last_residual": 1.2, **changed}
    return ResidualProcess("x", transform, **numbers)


def _covariance(process: ResidualProcess, h: np.ndarray) -> np.ndarray:
    """Of a stationary AR(1) at distances h on one side of a known value."""
    rho = process.rho
    return process.sigma**2 * (rho ** np.abs(h[:, None] - h) - rho ** (h[:, None] + h))


@pytest.mark.parametrize("rho", [0.0, 0.8, 0.98])
def test_paths_have_the_conditional_moments_of_an_ar1(rho: float) -> None:
    process = _process(rho=rho)
    h = np.array([0.0, 0.5, 1.0, 2.0, 5.0, 20.0])
    paths = process.paths(3, 2000.0 + h, _MANY)
    np.testing.assert_allclose(paths[:, 0], process.last_residual)
    np.testing.assert_allclose(
        paths.mean(0), process.last_residual * rho**h, atol=4 * 0.5 / np.sqrt(_MANY)
    )
    np.testing.assert_allclose(np.cov(paths.T), _covariance(process, h), atol=0.006)


def test_the_past_is_left_to_the_fit() -> None:
    paths = _process().paths(0, [1990.0, 1999.0, 2001.0], 10)
    np.testing.assert_array_equal(paths[:, :2], 0.0)
    assert paths[:, 2].std() > 0


def test_paths_of_growth_are_sums_from_the_last_observation_on() -> None:
    process = _process("growth", sigma=0.02, rho=0.6, last_residual=0.01, offset=0.1)
    h = np.arange(1.0, 9.0)
    paths = process.paths(0, [1998.0, 2000.0, *(2000.0 + h)], _MANY)
    np.testing.assert_array_equal(paths[:, 0], 0.0)
    np.testing.assert_allclose(paths[:, 1], 0.1)
    summing = np.tril(np.ones((8, 8)))
    mean = 0.1 + summing @ (0.01 * 0.6**h)
    covariance = summing @ _covariance(process, h) @ summing.T
    np.testing.assert_allclose(paths[:, 2:].mean(0), mean, atol=2e-3)
    np.testing.assert_allclose(np.cov(paths[:, 2:].T), covariance, rtol=0.05, atol=2e-5)


def test_paths_follow_their_key() -> None:
    process, times = _process(), [2001.0, 2002.0]
    np.testing.assert_array_equal(
        process.paths(5, times, 3), process.paths(jax.random.key(5), times, 3)
    )
    assert not np.allclose(process.paths(5, times, 3), process.paths(6, times, 3))


def _logit(p: np.ndarray) -> np.ndarray:
    return np.log(p / (1 - p))


@given(st.floats(0.001, 0.999), st.floats(-5, 5))
@settings(max_examples=50, deadline=None)
def test_a_deviation_is_applied_in_the_space_of_the_transform(value: float, by: float) -> None:
    x, r = np.array([value]), np.array([by])
    spaces: dict[Any, Any] = {
        "level": lambda v: v, "difference": lambda v: v, "log": np.log, "growth": np.log,
        "logit": _logit,
    }  # fmt: skip
    for transform, space in spaces.items():
        moved = _process(transform).apply(x, r)
        np.testing.assert_allclose(space(moved) - space(x), r, rtol=1e-6, atol=1e-9)


def test_a_share_at_or_beyond_its_ends_stays() -> None:
    values = np.array([-0.1, 0.0, 1.0, 1.2])
    np.testing.assert_array_equal(_process("logit").apply(values, np.ones(4)), values)


@pytest.mark.parametrize(
    "wrong",
    [{"sigma": -1.0}, {"sigma": np.inf}, {"rho": 1.0}, {"rho": -0.1}, {"last_residual": np.nan}],
)
def test_numbers_without_meaning_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(UserError, match="residual process of 'x'"):
        _process(**wrong)


def test_an_unknown_transform_is_refused() -> None:
    with pytest.raises(Exception, match="transform"):  # by the type checker of the tests, or by us
        _process("square")
