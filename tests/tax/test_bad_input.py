"""Every mistake in a tax question is named."""

from __future__ import annotations

import jax.numpy as jnp
import pytest

from wmjax._errors import UserError, UserErrors
from wmjax.tax import Economy, Grid, QuasiLinear, Utilitarian, given_skills, schedule, us_federal


@pytest.mark.parametrize(
    ("floors", "percent", "words"),
    [([0, 50, 20], [1, 2, 3], "0, 50, 20"), ([10, 20], [1, 2], "10, 20"), ([0], [101], "101"),
     ([0, 1], [10, -3], "bracket 2"), ("three", [10, 20], "one for each of 3"),
     ("four", [10], "'four'"), ([], [], "none"), ([0], [float("nan")], "nan")],
)  # fmt: skip
def test_schedules(floors: object, percent: list[float], words: str) -> None:
    with pytest.raises((UserError, UserErrors), match=words):
        schedule(floors, percent)  # pyright: ignore[reportArgumentType]


def test_all_mistakes_of_a_schedule_at_once() -> None:
    with pytest.raises(UserErrors) as caught:
        schedule([5, 1], [200, -1, 3])
    assert len(caught.value.errors) == 4


def test_years_skills_and_grids() -> None:
    with pytest.raises(UserError, match="1950"):
        us_federal(1950)
    with pytest.raises(UserErrors, match="skill 2"):
        given_skills([1.0, -2.0, 3.0])
    with pytest.raises(UserErrors, match="at least one worker"):
        given_skills([])
    economy = Economy(jnp.array([1.0]), QuasiLinear())
    with pytest.raises(UserError, match="larger step"):
        Grid(jnp.arange(7.0), 1.0).plan(economy, Utilitarian())
    with pytest.raises(UserError, match="divisor"):
        Grid(jnp.arange(1.0), 7.0).plan(economy, Utilitarian())
