"""Designs against scipy's, and their margins against scipy's distributions."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats
from scipy.stats import qmc

from wmjax import UserError, compile_model, simulate, sweep, with_parameters
from wmjax.scenario import Final, latin_hypercube, sobol


@pytest.fixture(scope="module")
def model() -> Any:
    return compile_model({
        "name": "many",
        "time": {"start": 0, "end": 1, "step": 1},
        "dimensions": {"place": ["A", "B"]},
        "variables": {
            "even": {"kind": "parameter", "value": 2, "bounds": [1, 3]},
            "bell": {"kind": "parameter", "value": 0, "prior": {"normal": [1, 2]}},
            "cut": {"kind": "parameter", "value": 0, "bounds": [0, 2], "prior": {"normal": [1, 2]}},
            "skew": {"kind": "parameter", "value": 1, "prior": {"lognormal": [2, 0.5]}},
            "wide": {"kind": "parameter", "dims": ["place"], "value": [5, 6], "bounds": [0, 9]},
            "free": {"kind": "parameter", "value": 1},
            "total": {"kind": "auxiliary",
                      "equation": "even + bell + cut + skew + sum(wide[place!])"},
            "off": {"kind": "parameter", "value": 0, "bounds": [0, 1],
                    "prior": {"normal": [99, 1]}},
        },
    })  # fmt: skip


def test_a_sobol_design_is_scipys(model: Any) -> None:
    draws = sobol(model, {"even": (1, 3), "wide[B]": (0, 1)}, n=64, seed=3)
    points = qmc.Sobol(2, rng=3).random_base2(6)
    np.testing.assert_allclose(draws["even"], 1 + 2 * points[:, 0])
    np.testing.assert_allclose(draws["wide"], np.stack([np.full(64, 5.0), points[:, 1]], 1))
    again = sobol(model, {"even": (1, 3), "wide[B]": (0, 1)}, n=64, seed=3)
    np.testing.assert_array_equal(draws["even"], again["even"])
    other = sobol(model, {"even": (1, 3)}, n=64, seed=4)
    assert not np.allclose(draws["even"], other["even"])


def test_every_part_of_a_margin_of_a_latin_hypercube_has_one_draw(model: Any) -> None:
    draws = latin_hypercube(model, ["even", "wide"], n=37, seed=1)
    columns = [(draws["even"] - 1) / 2, *(draws["wide"] / 9).T]
    for column in columns:
        np.testing.assert_array_equal(np.sort((column * 37).astype(int)), np.arange(37))


def test_margins_follow_priors_within_bounds(model: Any) -> None:
    with pytest.raises(UserError, match="nothing between 0 and 1"):
        sobol(model, n=8)
    draws = sobol(model, ["even", "bell", "cut", "skew", "wide"], n=4096)
    assert set(draws) == {"even", "bell", "cut", "skew", "wide"}
    cut = stats.truncnorm(-0.5, 0.5, loc=1, scale=2)
    for name, law in (
        ("even", stats.uniform(1, 2)), ("bell", stats.norm(1, 2)), ("cut", cut),
        ("skew", stats.lognorm(0.5, scale=2)),
    ):  # fmt: skip
        assert stats.kstest(draws[name], law.cdf).statistic < 0.01, name
    assert draws["cut"].min() >= 0 and draws["cut"].max() <= 2


def test_given_priors_and_designs_go_into_a_sweep(model: Any) -> None:
    draws = latin_hypercube(model, {"even": {"normal": [10, 0.1]}, "skew": (1, 2)}, n=20)
    assert abs(draws["even"].mean() - 10) < 0.1
    runs = sweep(model, None, draws, keep=Final())
    for draw in range(3):
        one = simulate(with_parameters(model, {n: v[draw] for n, v in draws.items()}))
        np.testing.assert_allclose(runs["total"][0, draw], one["total"][-1])


@pytest.mark.parametrize("n", [0, 3, 1000])
def test_a_sobol_design_wants_a_power_of_two(model: Any, n: int) -> None:
    with pytest.raises(UserError, match="power of two") as error:
        sobol(model, ["even"], n=n)
    if n == 1000:
        assert "512 or 1024" in error.value.hint


def test_mistakes_are_told_together(model: Any) -> None:
    wrong = {"evn": (0, 1), "even": (2, 1), "wide[C]": (0, 1), "bell": 3, "cut": {"gamma": 1}}
    with pytest.raises(UserError) as error:
        sobol(model, wrong, n=8)
    for part in ("'evn'", "from 2 to 1", "no such element", "(lower, upper)", "'cut'"):
        assert part in str(error.value)
    with pytest.raises(UserError, match="neither a prior nor two bounds"):
        sobol(model, ["free"], n=8)
    with pytest.raises(UserError, match="named twice"):
        sobol(model, ["wide", "wide[A]"], n=8)
    with pytest.raises(UserError, match="at least 1"):
        latin_hypercube(model, ["even"], n=0)
    bare = compile_model({"name": "b", "variables": {"y": {"kind": "auxiliary", "equation": "1"}}})
    with pytest.raises(UserError, match="none with bounds"):
        sobol(bare, n=8)
