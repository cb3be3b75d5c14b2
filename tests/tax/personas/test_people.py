"""Personas against the published tables they are drawn from."""

from __future__ import annotations

import csv
import hashlib
import re

import jax.numpy as jnp
import numpy as np
import pytest
from scipy import stats

from wmjax._errors import UserError
from wmjax._resources import resource_dir
from wmjax.tax import Economy, QuasiLinear, schedule, us_income_skills
from wmjax.tax.personas import (
    AGES,
    SEXES,
    Persona,
    Taste,
    census,
    content,
    described,
    draw_personas,
    efforts_of,
    personas_for,
    skills_of,
)


def _rows(name: str) -> list[dict[str, str]]:
    with (resource_dir("data") / "tax" / f"{name}.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_the_tables_are_those_that_were_reviewed() -> None:
    folder = resource_dir("data") / "tax"
    listed = re.findall(r"`(\w+\.csv)` \| `([0-9a-f]{64})`", (folder / "README.md").read_text())
    assert {name for name, _ in listed} >= {"us_wages.csv", "us_wages_by_age.csv"}
    for name, digest in listed:
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest


def test_margins_are_the_published_ones() -> None:
    share = census().share
    jobs = np.array([float(r["employment"]) for r in _rows("us_wages")[1:]])
    np.testing.assert_allclose(share.sum(axis=(1, 2, 3)), jobs / jobs.sum(), rtol=1e-9)
    ages = {r["age_head"]: r for r in _rows("us_wages_by_age")}
    paid = np.array(
        [float(ages[a]["tax_units"]) * (1 - float(ages[a]["share_zero"])) for a in AGES]
    )
    np.testing.assert_allclose(share.sum(axis=(0, 1, 3)), paid / paid.sum(), rtol=1e-9)
    assert share.sum(axis=(0, 2, 3))[SEXES.index("woman")] == pytest.approx(0.47, abs=1e-9)


def test_what_was_not_used_agrees_within_the_error_of_the_tables() -> None:
    table = census()
    means = [float(r["annual_mean_usd"]) for r in _rows("us_wages")[1:]]
    ranks = (np.arange(2000) + 0.5) / 2000
    ours = [wages.quantile(ranks).mean() for wages in table.wages]
    np.testing.assert_allclose(ours, means, rtol=0.08)  # the tails are ours, the means are not
    bands = np.diff([0, 0.1, 0.25, 0.5, 0.75, 0.9, 1])  # of the row for all occupations
    np.testing.assert_allclose(table.share.sum(axis=(0, 1, 2)), bands, atol=0.025)


def test_people_are_drawn_as_the_table_says() -> None:
    people, table = draw_personas(6_000, 1), census()
    names = [p.occupation for p in people]
    seen = np.array([names.count(o) for o in table.occupations])
    expected = table.share.sum(axis=(1, 2, 3)) * len(people)
    assert stats.chisquare(seen, expected).pvalue > 1e-3
    managers = np.array([p.wage for p in people if p.occupation == "Management"])
    row = _rows("us_wages")[1]
    for q in (10, 25, 50, 75, 90):
        assert np.mean(managers < float(row[f"p{q}_usd"])) == pytest.approx(q / 100, abs=0.06)


def test_income_and_persona_agree() -> None:
    skill = np.asarray(us_income_skills(2000))
    people = personas_for(skill, 0)
    np.testing.assert_allclose(skills_of(people), skill, rtol=1e-12)
    rich = [p for p in people if p.wage > 150_000]
    poor = [p for p in people if p.wage < 30_000]

    def share(group: list[Persona], occupation: str) -> float:
        return float(np.mean([p.occupation == occupation for p in group]))

    assert share(rich, "Management") > 5 * share(poor, "Management")
    assert share(poor, "Food Preparation and Serving Related") > 0.1
    assert share(rich, "Food Preparation and Serving Related") < 0.01
    assert np.mean([p.age < 25 for p in poor]) > 3 * np.mean([p.age < 25 for p in rich])
    person = people[17]
    assert f"{person.wage:,.0f} $" in person.words and str(person.age) in person.words


def test_one_seed_gives_one_population() -> None:
    assert draw_personas(5, 7) == draw_personas(5, 7) != draw_personas(5, 8)
    assert personas_for(np.ones(3), 1) == personas_for(np.ones(3), 1)


def test_effort_shapes_the_rational_choice() -> None:
    people = [
        Persona("Sales", "man", 40, 40_000.0, Taste(effort=e)) for e in (0.8, 1.0, 1.3)
    ]  # fmt: skip
    cost = 0.023667 * jnp.asarray(efforts_of(people))
    economy = Economy(jnp.asarray(skills_of(people)), QuasiLinear(cost))
    hours = np.asarray(economy.equilibrium(schedule("flat", 12)).hours)
    np.testing.assert_allclose(hours / hours[1], np.array([0.8, 1.0, 1.3]) ** -0.4, rtol=1e-9)


def test_satisfaction_by_rule() -> None:
    people = [Persona("Sales", "man", 40, 1e4, Taste(tolerance=t)) for t in (20.0, 20.0, 0.0)]
    income, tax = np.array([100.0, 100.0, 0.0]), np.array([29.0, 31.0, 0.0])
    assert content(people, income, tax, 10.0).tolist() == [True, False, True]


def test_words_follow_the_numbers() -> None:
    tired = described(Persona("Sales", "woman", 70, 5e4, Taste(1.6, 40.0)))
    eager = described(Persona("Sales", "woman", 20, 5e4, Taste(0.6, 10.0)))
    assert "much harder" in tired.words and "retirement" in tired.words
    assert "like to work" in eager.words and "10 %" in eager.words


@pytest.mark.parametrize(
    "call",
    [lambda: draw_personas(0, 1), lambda: draw_personas(1, -1), lambda: personas_for(np.ones(0), 1),
     lambda: personas_for(np.array([-1.0]), 1)],
)  # fmt: skip
def test_what_cannot_be_drawn(call) -> None:
    with pytest.raises(UserError, match="at least"):
        call()
