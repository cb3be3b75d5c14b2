"""Options, names, planners of every kind, and the verdict on them."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import jax.numpy as jnp
import numpy as np
import pytest

from wmjax._errors import UserError, UserErrors
from wmjax.tax import (
    FLOORS,
    Bayes,
    Economy,
    Gradient,
    NeuralPlanner,
    Options,
    QuasiLinear,
    Saez,
    Schedule,
    Statutory,
    Utilitarian,
    baselines,
    cautions,
    check_options,
    gruber_saez,
    inverse_income,
    judge,
    laboratory,
    make_preferences,
    mapped_rates,
    measured_elasticity,
    names,
    optima,
    planned_welfare,
    population,
    schedule,
    social_weights,
    step_row,
    us_federal,
    us_income_skills,
)


ECONOMY = Economy(us_income_skills(50), QuasiLinear())
WELFARE = inverse_income(ECONOMY)
THREE = jnp.asarray(FLOORS["three"])
THIRTY = schedule("three", 30)


@pytest.mark.parametrize(
    ("changed", "words"),
    [({"percent_ego": 80.0}, r"80 \+ 0 \+ 0 = 80"), ({"percent_alt": -5.0, "percent_ego": 105.0},
     "at least 0"), ({"bracket_setting": [0.0, 9.0, 4.0], "rates": 10.0}, "0, 9, 4"),
     ({"rates": [10.0, 120.0, 3.0]}, "120"), ({"rates": [1.0, 2.0]}, "one for each of 3"),
     ({"skills": [3.0, -1.0]}, "skill 2"), ({"candidates": []}, "nobody"),
     ({"worker_type": "ratonal"}, "did you mean 'rational'"), ({"planner_type": "saes"}, "saez"),
     ({"utility": "quasilinear"}, "quasi_linear"), ({"swf_weighting": "rawls"}, "rawlsian"),
     ({"agent_mix": "us"}, "us_income"), ({"two_timescale": 0}, "two_timescale"),
     ({"turnout": 130.0}, "turnout"), ({"voting_rule": "dice"}, "plurality"),
     ({"bracket_setting": "four"}, "'four'"), ({"elasticity": 0.0}, "above 0"),
     ({"worker_type": "llm"}, "no language model"), ({"personas": "written"}, "llm=local")],
)  # fmt: skip
def test_every_mistake_is_named(changed: dict[str, object], words: str) -> None:
    with pytest.raises((UserError, UserErrors), match=words):
        check_options(Options(**changed), llm=False)  # pyright: ignore


@pytest.mark.parametrize(
    ("changed", "llm", "words"),
    [({}, True, "worker_type=rational and planner_type=saez_learned"),
     ({"scenario": "democratic", "planner_type": "llm"}, True, "somebody who asks it"),
     ({"scenario": "democratic", "platforms": False}, False, "platforms"),
     ({"skills": [500.0, 800.0, 1000.0], "num_agents": 2}, False, "2 and 3 skills"),
     ({"weights": [1.0]}, False, "'inverse_income' with weights"),
     ({"swf_weighting": "pareto"}, False, "without weights"),
     ({"swf_weighting": "pareto", "weights": [1.0, -1.0]}, False, "at least 0")],
)  # fmt: skip
def test_options_that_would_be_ignored_are_named(
    changed: dict[str, object], llm: bool, words: str
) -> None:
    with pytest.raises((UserError, UserErrors), match=words):
        check_options(Options(**changed), llm=llm)  # pyright: ignore


def test_whoever_asks_a_language_model_may_have_one() -> None:
    for changed in (
        {"worker_type": "LLM"}, {"worker_type": "one_llm"}, {"planner_type": "llm"},
        {"personas": "written"}, {"scenario": "democratic", "worker_type": "llm",
                                  "platforms": False},
    ):  # fmt: skip
        check_options(Options(**changed), llm=True)  # pyright: ignore


def test_skills_and_weights_from_files(tmp_path: Path) -> None:
    skills, weights = tmp_path / "skills.csv", tmp_path / "weights.csv"
    skills.write_text("name,skill\nAnn,500\nBob,1000\n", encoding="utf-8")
    weights.write_text("weight\n3\n1\n", encoding="utf-8")
    options = Options(skills=str(skills), swf_weighting="pareto", weights=str(weights))
    check_options(options, llm=False)
    setting = laboratory(options).setting
    np.testing.assert_array_equal(setting.economy.skill, [500.0, 1000.0])
    np.testing.assert_array_equal(setting.welfare.weights, [1.5, 0.5])  # pyright: ignore
    for text, words in (("name\nAnn\n", "column skill"), ("skill\nmuch\n", "line 2")):
        skills.write_text(text, encoding="utf-8")
        with pytest.raises(UserError, match=words):
            check_options(options, llm=False)
    skills.unlink()
    with pytest.raises(UserError, match="No such file"):
        check_options(options, llm=False)
    few = options.model_copy(update={"skills": [1.0, 2.0, 3.0]})
    with pytest.raises(UserError, match="one for each of 3"):
        laboratory(few)


def test_federal_brackets_are_those_of_the_year_and_filing() -> None:
    options = Options(
        num_agents=3, bracket_setting="us_fed", planner_type="us_fed", year=2013,
        filing="married_joint", max_timesteps=1,
    )  # fmt: skip
    found = laboratory(options)
    law = us_federal(2013, "married_joint")
    step = found.society.run(found.setting.calendar)[-1]
    np.testing.assert_array_equal(step.schedule.floors, law.floors)
    np.testing.assert_array_equal(step.schedule.rates, law.rates)


def test_a_reader_is_cautioned() -> None:
    def said(**changed: object) -> str:
        return " ".join(cautions(laboratory(Options(num_agents=4, **changed)).setting))  # pyright: ignore

    assert said() == said(agent_mix="uniform", bracket_setting="flat") == ""
    assert "exploitable" in said(swf_weighting="karten2025")
    assert "No income reaches the second bracket" in said(agent_mix="uniform")
    assert said(agent_mix="uniform", utility="published", bracket_setting=[0.0, 20.0]) == ""


def test_all_mistakes_at_once() -> None:
    with pytest.raises(UserErrors) as caught:
        check_options(
            Options(percent_ego=1.0, turnout=-1.0, worker_type="x", rates=200.0), llm=True
        )
    assert len(caught.value.errors) == 6  # the rate is out of place in each of three brackets


def test_names_in_capitals_are_those_of_llm_economist() -> None:
    for name in ("US_FED", "SAEZ", "SAEZ_THREE", "SAEZ_FLAT", "UNIFORM"):
        check_options(Options(planner_type=name, worker_type="FIXED"), llm=False)
        check_options(Options(planner_type=name, bracket_setting="US_FED"), llm=False)


@pytest.mark.slow
# Defects 5 and 16: every planner on every bracket set; the same skills for every worker type.
@pytest.mark.parametrize(
    "planner", ["us_fed", "uniform", "saez_flat", "saez_three", "saez", "none"]
)
@pytest.mark.parametrize("brackets", ["flat", "us_fed"])
def test_every_baseline_fits_every_bracket_set(planner: str, brackets: str) -> None:
    options = Options(
        num_agents=30, planner_type=planner, bracket_setting=brackets, max_timesteps=1
    )
    found = laboratory(options)
    step = found.society.run(found.setting.calendar)[-1]
    assert np.isfinite(step.welfare)
    rates = np.asarray(step.schedule.rates)
    assert ((rates >= 0) & (rates <= 1)).all()


def test_all_worker_types_draw_the_same_skills() -> None:
    skills = [
        np.asarray(laboratory(Options(num_agents=5, worker_type=w)).setting.economy.skill)
        for w in ("fixed", "rational", "one_rational")
    ]
    assert all((s == skills[0]).all() for s in skills)


def test_the_law_on_its_own_brackets_is_the_law() -> None:
    law = us_federal()
    mapped = Statutory(law, law.floors).plan(ECONOMY, WELFARE)
    np.testing.assert_allclose(mapped.rates, law.rates, atol=1e-12)


def test_a_mapped_law_takes_the_same_from_every_bracket() -> None:
    law, income = us_federal(), ECONOMY.equilibrium(us_federal()).income
    mapped = Schedule(THREE, mapped_rates(law, THREE, income))
    assert float(jnp.sum(mapped.tax(income))) == pytest.approx(float(jnp.sum(law.tax(income))))
    one = Schedule(jnp.zeros(1), mapped_rates(law, jnp.zeros(1), income))
    assert float(one.rates[0]) == pytest.approx(float(jnp.sum(law.tax(income)) / jnp.sum(income)))
    empty = mapped_rates(law, jnp.array([0.0, 5e6, 9e6]), income)
    np.testing.assert_allclose(empty[1:], 0.37)


def test_elasticities_by_bracket() -> None:
    np.testing.assert_allclose(gruber_saez(THREE), [0.18, 0.11, 0.57])
    np.testing.assert_allclose(
        gruber_saez(jnp.asarray(FLOORS["us_fed"])), [0.18, 0.18, 0.11, 0.57, 0.57, 0.57, 0.57]
    )


def test_the_measured_elasticity_is_that_of_the_utility() -> None:
    # Nobody at a kink or the cap: 1 / (3.5 - 1) in every bracket.
    free = Economy(us_income_skills(200), QuasiLinear(), most_hours=1000.0)
    found = measured_elasticity(free, schedule("three", [30, 30, 30]))
    np.testing.assert_allclose(found, 0.4, rtol=1e-9)
    capped = Economy(us_income_skills(200), QuasiLinear(), most_hours=30.0)
    assert (measured_elasticity(capped, schedule("three", [30, 30, 30])) < 0.3).all()


def test_social_weights_are_those_of_the_welfare() -> None:
    law = schedule("three", 30)
    np.testing.assert_allclose(social_weights(ECONOMY, Utilitarian(), law), 1.0)
    np.testing.assert_allclose(social_weights(ECONOMY, WELFARE, law), WELFARE.weights, rtol=1e-12)


def test_saez_measured_equals_saez_given() -> None:
    given = Saez(THREE, WELFARE.weights, 0.4).plan(ECONOMY, WELFARE)
    measured = Saez(THREE, None, None).plan(ECONOMY, WELFARE)
    np.testing.assert_allclose(measured.rates, given.rates, atol=1e-5)


@pytest.mark.slow
def test_searches_come_close_to_the_gradient() -> None:
    best = float(planned_welfare(ECONOMY, WELFARE, Gradient(THREE).plan(ECONOMY, WELFARE)))
    none = float(planned_welfare(ECONOMY, WELFARE, schedule("flat", 0)))
    for planner, share in ((Bayes(THREE, 80), 0.97), (NeuralPlanner(THREE), 0.93)):
        found = float(planned_welfare(ECONOMY, WELFARE, planner.plan(ECONOMY, WELFARE)))
        assert share <= (found - none) / (best - none) <= 1 + 1e-9


def test_bayes_says_kindly_what_it_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "optuna", None)
    with pytest.raises(UserError, match=r"wmjax\[bayes\]"):
        Bayes(THREE).plan(ECONOMY, WELFARE)


def test_a_trained_net_works_nearly_as_well_as_a_best_response() -> None:
    found = laboratory(Options(num_agents=50, worker_type="neural", max_timesteps=2))
    last = found.society.run(found.setting.calendar)[-1]
    best = np.asarray(found.setting.economy.equilibrium(last.schedule).hours)
    assert np.abs(last.hours - best).mean() < 4


def test_the_verdict() -> None:
    references = {n: p.plan(ECONOMY, WELFARE) for n, p in optima(ECONOMY, THREE, 4).items()}
    flat = schedule("flat", 50)
    found = judge(ECONOMY, WELFARE, {"flat": flat, "lived": THIRTY}, references)
    best = found[found.optimum]
    lead = float(planned_welfare(ECONOMY, WELFARE, THIRTY)) - found["flat"].welfare
    assert found.lead(found["flat"]) == pytest.approx(lead) and found.lead(found["lived"]) == 0
    assert abs(found.gap) < 0.01 * best.welfare
    assert best.welfare == max(found["gradient"].welfare, found["grid"].welfare)
    assert found["none"].share == 0 and best.share == 1
    lost = best.welfare - float(planned_welfare(ECONOMY, WELFARE, flat))
    assert found["flat"].regret == pytest.approx(lost)
    assert set(baselines(THREE)) >= {"none", "us_fed", "us_fed_mapped", "uniform", "saez"}


def test_regret_is_per_head() -> None:
    twice = Economy(jnp.repeat(ECONOMY.skill, 2), QuasiLinear())
    rates = schedule("three", 40)
    ones, twos = (
        judge(
            e, inverse_income(e), {"x": rates}, {"gradient": rates, "grid": schedule("three", 50)}
        )
        for e in (ECONOMY, twice)
    )
    assert ones["grid"].regret == pytest.approx(twos["grid"].regret, rel=1e-9)


@pytest.mark.slow
def test_the_same_seed_gives_the_same_run() -> None:
    def rows() -> list[float]:
        options = Options(
            num_agents=20, scenario="bounded", planner_type="saez_learned", max_timesteps=12,
            two_timescale=5, percent_ego=60.0, percent_alt=20.0, percent_adv=20.0,
        )  # fmt: skip
        found = laboratory(options)
        calendar = found.setting.calendar
        return [step_row(s, calendar)["welfare"] for s in found.society.run(calendar)]

    assert rows() == rows()


def test_personas_belong_to_their_skills_and_shape_the_cost_of_work() -> None:  # defect 18
    options = Options(num_agents=30, scenario="bounded")
    economy, people = population(options)
    np.testing.assert_allclose([p.skill for p in people], economy.skill)
    cost = np.asarray(economy.preferences.cost)  # pyright: ignore
    assert cost.shape == (30,) and np.ptp(cost) > 0
    assert population(Options(num_agents=30))[1] == ()


_PLUGIN = """
import equinox as eqx, jax.numpy as jnp, numpy as np
from wmjax.tax import Hours, QuasiLinear, schedule

class Sleepers:
    async def decide(self, economy, schedule, history):
        return Hours(np.full(economy.skill.shape[0], 7.0))

def sleepers(setting):
    return Sleepers()

class Tenth:  # inherits from nothing
    def __init__(self, floors):
        self.floors = floors

    def plan(self, economy, welfare):
        return schedule(self.floors, 10)

def tenth(setting):
    return Tenth(np.asarray(setting.floors).tolist())

def lazy0(setting):
    return 10

def lazy():
    return QuasiLinear(cost=0.1)
"""


def test_workers_planners_and_utilities_of_other_packages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "wmjax_test_plugin.py").write_text(_PLUGIN)
    info = tmp_path / "wmjax_test_plugin-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: wmjax-test-plugin\nVersion: 1\n")
    (info / "entry_points.txt").write_text(
        "[wmjax.tax.workers]\nsleepers = wmjax_test_plugin:sleepers\n"
        "[wmjax.tax.planners]\ntenth = wmjax_test_plugin:tenth\nnobody = wmjax_test_plugin:lazy0\n"
        "[wmjax.tax.preferences]\nlazy = wmjax_test_plugin:lazy\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    importlib.invalidate_caches()
    assert "sleepers" in names("worker_type")
    options = Options(
        num_agents=4, worker_type="sleepers", planner_type="tenth", utility="lazy", max_timesteps=1
    )
    check_options(options, llm=False)
    found = laboratory(options)
    step = found.society.run(found.setting.calendar)[-1]
    assert (step.hours == 7).all() and float(step.schedule.rates[0]) == pytest.approx(0.1)
    assert float(make_preferences("lazy").cost) == 0.1  # pyright: ignore
    with pytest.raises(UserError, match=r"plan\(economy, welfare\)"):
        laboratory(options.model_copy(update={"planner_type": "nobody"}))
