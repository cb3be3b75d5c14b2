"""The two-timescale loop: who decides when, what a failure leaves, and a run that was cut short."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import jax.numpy as jnp
import numpy as np
import pytest

from wmjax._errors import UserError
from wmjax.tax import (
    PUBLISHED,
    Bounded,
    Calendar,
    Computed,
    Economy,
    Fixed,
    Gradient,
    Held,
    History,
    Hours,
    Journal,
    Learner,
    Mind,
    Mixed,
    Plan,
    QuasiLinear,
    Rational,
    Schedule,
    Society,
    Step,
    Utilitarian,
    Weighted,
    planned_welfare,
    schedule,
    us_income_skills,
    workers_regret,
)


ECONOMY = Economy(us_income_skills(40), QuasiLinear())
FIFTY = schedule("three", 50)


@dataclass
class Counted:
    """Works as rational people do and counts how often it is asked; `faults` by (call, worker)."""

    faults: dict[int, dict[int, float]] = field(default_factory=dict)
    calls: int = 0

    async def decide(self, economy: Economy, schedule: Schedule, history: History) -> Hours:
        hours = (await Rational().decide(economy, schedule, history)).hours.copy()
        for worker, value in self.faults.get(self.calls, {}).items():
            hours[worker] = value
        self.calls += 1
        return Hours(hours)


@dataclass
class Steps:
    """Sets 1 %, 2 %, ... and counts."""

    calls: int = 0

    async def plan(self, economy: Economy, welfare: object, history: History) -> Plan:
        self.calls += 1
        return Plan(schedule("three", float(self.calls)), detail={"call": self.calls})


def _society(workforce: object, governor: object) -> Society:
    return Society(ECONOMY, workforce, governor, Utilitarian(), FIFTY)  # pyright: ignore


def test_rates_change_once_a_year_and_never_in_warm_up() -> None:
    governor, workforce = Steps(), Counted()
    history = _society(workforce, governor).run(Calendar(20, 5, warmup=7))
    percent = [round(100 * float(s.schedule.rates[0])) for s in history]
    assert percent == [50] * 10 + [1] * 5 + [2] * 5
    assert (governor.calls, workforce.calls) == (2, 20)
    phases = [Calendar(20, 5, 7).phase(t) for t in range(20)]
    assert phases == ["warmup"] * 7 + ["explore"] * 11 + ["exploit"] * 2


def test_the_budget_balances_at_every_step() -> None:
    for step in _society(Rational(), Computed(Held(FIFTY))).run(Calendar(3, 2)):
        assert step.tax.sum() == pytest.approx(40 * step.rebate, rel=1e-12)
        np.testing.assert_allclose(step.money, step.income - step.tax + step.rebate)


def test_the_last_valid_decision_stands_and_is_marked() -> None:
    workforce = Counted({0: {3: np.nan}, 2: {1: 130.0, 2: -1.0, 4: np.inf}})
    history = _society(workforce, Computed(Held(FIFTY))).run(Calendar(3, 5))
    assert history[0].hours[3] == 40.0
    assert [np.flatnonzero(s.marked).tolist() for s in history] == [[3], [], [1, 2, 4]]
    np.testing.assert_array_equal(history[2].hours, history[1].hours)


def test_answers_of_the_wrong_length_are_named() -> None:
    with pytest.raises(UserError, match="hours for each of 40"):
        _society(Fixed(np.full(39, 40.0)), Steps()).run(Calendar(1, 1))


def test_a_run_that_was_cut_short_goes_on(tmp_path: Path) -> None:
    whole = _society(Counted({1: {5: np.nan}}), Steps()).run(Calendar(12, 4))
    with Journal(tmp_path / "steps") as journal:
        _society(Counted({1: {5: np.nan}}), Steps()).run(Calendar(6, 4), journal=journal)
    with (tmp_path / "steps").open("ab") as file:
        file.write(b'{"time": 6, "hou')  # killed while writing
    workforce, governor = Counted(), Steps(calls=2)
    with Journal(tmp_path / "steps") as journal:
        again = _society(workforce, governor).run(Calendar(12, 4), journal=journal)
    assert (workforce.calls, governor.calls) == (6, 3)
    assert [s.welfare for s in again] == [s.welfare for s in whole]
    np.testing.assert_array_equal(again[1].marked, whole[1].marked)
    for a, b in zip(again, whole, strict=True):
        np.testing.assert_array_equal(a.hours, b.hours)
    plans = [e.plan.detail for e in Journal(tmp_path / "steps").entries() if e.plan]
    assert plans == [{"call": 1}, {"call": 2}, {"call": 3}]


def test_histories_are_windows_on_one_list() -> None:
    steps = _society(Rational(), Steps()).run(Calendar(9, 1))
    short = History(keep=4)
    grown = [short := short.after(s) for s in steps]
    assert [len(h) for h in grown] == [1, 2, 3, 4, 4, 4, 4, 4, 4]
    assert [s.time for s in short] == [5, 6, 7, 8] and short[-1].time == 8
    assert [s.time for s in grown[5]] == [2, 3, 4, 5]
    assert [s.time for s in steps.window(2)] == [7, 8]
    other = steps.window(1)[0]
    fork = [History(list(steps)[:3]).after(other) for _ in range(2)]
    assert all([s.time for s in f] == [0, 1, 2, 8] for f in fork)


def test_best_steps_are_distinct_and_the_latest_of_equals() -> None:
    steps = _society(Rational(), Steps()).run(Calendar(9, 3))

    def rate(step: Step) -> float:
        return float(step.schedule.rates[0])

    assert [s.time for s in steps.best(2, rate, rate)] == [8, 5]
    assert steps.best(5, lambda s: float("nan"), rate) == []


def test_growing_a_history_does_not_take_longer_at_length() -> None:
    step = _society(Rational(), Steps()).run(Calendar(1, 1))[0]
    history = History()
    for _ in range(3000):
        history = history.after(step)
    assert history._steps is history.after(step)._steps  # no copy


def test_length_of_the_tax_year_does_not_matter_to_rational_people() -> None:
    welfare = Weighted(jnp.linspace(1.5, 0.5, 40))
    planner = Gradient(FIFTY.floors, 2)
    ends = [
        Society(ECONOMY, Rational(), Computed(planner), welfare, FIFTY).run(Calendar(12, k))[-1]
        for k in (2, 4, 12)
    ]
    assert len({e.welfare for e in ends}) == 1


def test_habits_reach_the_best_response_slowly() -> None:
    history = _society(Bounded(0.5), Computed(Held(FIFTY))).run(Calendar(40, 50))
    best = np.asarray(ECONOMY.equilibrium(FIFTY).hours)
    np.testing.assert_allclose(history[-1].hours, best, rtol=1e-9)
    moved = Society(ECONOMY, Bounded(0.5), Steps(), Utilitarian(), FIFTY).run(Calendar(2, 1))
    after = np.asarray(ECONOMY.equilibrium(moved[1].schedule).hours)
    np.testing.assert_allclose(moved[1].hours, (moved[0].hours + after) / 2, rtol=1e-12)


def test_who_gains_from_taxes_is_satisfied() -> None:
    step = _society(Bounded(1.0), Computed(Held(FIFTY))).run(Calendar(1, 1))[0]
    assert step.satisfied is not None
    free = np.asarray(ECONOMY.equilibrium(schedule("flat", 0)).utility)
    np.testing.assert_array_equal(step.satisfied, step.utility >= free)
    assert step.satisfied[0] and not step.satisfied[-1]


def test_mixed_workforces_see_their_own_past() -> None:
    seen: list[tuple[int, int]] = []

    @dataclass
    class Looks:
        async def decide(self, economy: Economy, schedule: Schedule, history: History) -> Hours:
            last = len(history[-1].hours) if len(history) else 0
            seen.append((economy.skill.shape[0], last))
            return await Rational().decide(economy, schedule, history)

    mixed = Mixed([0, 7], Looks(), Fixed(np.full(38, 50.0)))
    step = _society(mixed, Computed(Held(FIFTY))).run(Calendar(3, 5))[-1]
    best = np.asarray(ECONOMY.equilibrium(FIFTY).hours)
    np.testing.assert_allclose(step.hours[[0, 7]], best[[0, 7]])
    assert (np.delete(step.hours, [0, 7]) == 50).all() and seen == [(2, 0), (2, 2), (2, 2)]


def test_workers_regret_is_what_a_best_response_would_add() -> None:
    society = Society(ECONOMY, Fixed(np.full(40, 45.0)), Steps(), Utilitarian(), FIFTY)
    step = society.run(Calendar(1, 1))[0]
    missed = workers_regret(ECONOMY, step)
    assert (missed >= 0).all() and missed.max() > 100
    rational = Society(ECONOMY, Rational(), Steps(), Utilitarian(), FIFTY).run(Calendar(1, 1))
    np.testing.assert_allclose(workers_regret(ECONOMY, rational[0]), 0, atol=1e-8)


def test_what_the_inattentive_miss_is_measured_by_the_true_rates() -> None:
    blind = Economy(us_income_skills(40), QuasiLinear(), mind=Mind(attention=0.4))
    flat = schedule("flat", 50)
    society = Society(blind, Rational(), Computed(Held(flat)), Utilitarian(), flat)
    step = society.run(Calendar(1, 1))[0]
    seen = ECONOMY.equilibrium(flat)
    lost = np.asarray(seen.utility - seen.rebate) - (step.utility - step.rebate)
    np.testing.assert_allclose(workers_regret(blind, step), lost, rtol=1e-9)
    assert lost.min() >= 0 and lost.mean() > 1000


def test_a_planner_that_only_observes_finds_the_formula() -> None:
    # Five workers of the closed form under a flat tax: the optimum is 0.6661211 (section 11.5).
    economy = Economy(jnp.array([10.0, 20.0, 40.0, 80.0, 160.0]), PUBLISHED)
    weights = 1 / economy.equilibrium(schedule("flat", 0)).income
    calendar = Calendar(160, 2)
    learner = Learner(jnp.array([0.0]), calendar, seed=1, damping=0.8)
    society = Society(economy, Rational(), learner, Weighted(weights), schedule("flat", 50))
    last = society.run(calendar)[-1]
    assert float(last.schedule.rates[0]) == pytest.approx(0.6661211, abs=2e-3)
    best = planned_welfare(economy, Weighted(weights), schedule("flat", 66.61211))
    assert last.welfare == pytest.approx(float(best), rel=1e-5)
