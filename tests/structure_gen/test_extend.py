"""A running world that grows, and figures that nobody measured."""

import numpy as np
import pytest

from structure_gen import (
    AddConnection,
    AddEvent,
    Departure,
    NoFigures,
    SplitParameter,
    apply_edit,
    extended,
    interpolate,
    look_up,
    propose_extensions,
    with_estimates,
)
from tests.structure_gen.test_edits import SPEC
from wmjax import UserError
from wmjax.llm import Reply, Source, Usage, language_model, scripted
from wmjax.model import compile_model, with_parameters
from wmjax.series import Observations, ObservedSeries
from wmjax.sim import advance, initial_state, simulate
from wmjax.spec import Event, check_spec


LINK = AddConnection.model_validate({"connection": {
    "from": "a", "to": "rise", "form": "delay", "delay": 3}})  # fmt: skip


def test_a_neutral_extension_in_the_middle_of_a_run_changes_nothing():
    model = compile_model(SPEC)
    whole = simulate(model).to_dataframe()
    state, first = advance(model, initial_state(model), 8)
    changed, state = extended(model, state, [LINK])
    _, rest = advance(changed, state, 12)
    np.testing.assert_allclose(rest.to_dataframe()["b"], whole["b"].loc[2008:], rtol=1e-12)
    np.testing.assert_allclose(first.to_dataframe()["b"], whole["b"].loc[:2008], rtol=1e-12)


def test_a_new_link_acts_from_now_on_without_a_jump():
    """Against the closed form: from then on the flow times (a now / a at the change)^2."""
    model = compile_model(SPEC)
    state, _ = advance(model, initial_state(model), 8)
    edit = AddConnection.model_validate({"connection": {"from": "a", "to": "rise",
                                                        "form": "elasticity"}})  # fmt: skip
    changed, state = extended(model, state, [edit])
    changed = with_parameters(changed, {"link.a.rise": 2.0})
    _, rest = advance(changed, state, 5)
    table = rest.to_dataframe()
    b = float(table["b"].iloc[0])
    for year in range(2008, 2013):
        a = table["a"].loc[year] / table["a"].loc[2008]
        b += 0.03 * b * a**2
        assert table["b"].loc[year + 1] == pytest.approx(b, rel=1e-12)


def test_news_and_departures_become_proposals_and_nothing_is_applied():
    war = Event.model_validate({"name": "war", "start": 2010, "effects": [
        {"target": "grow", "multiply": 0.5}]})  # fmt: skip
    gone = Departure("a", "cases", 2009.0, 5, 0.8, True)
    found = propose_extensions(SPEC, 2010.0, news=[war, "a treaty"], departures=[gone])
    assert found[0].edit == AddEvent(event=war)
    assert found[1].edit == SplitParameter(parameter="rate", at=2010.0)
    assert "80 % of 5 rows" in found[1].reasoning
    for proposal in found:
        assert apply_edit(SPEC, proposal.edit).hash != SPEC.hash


def test_a_language_model_adds_actor_curve_and_link_in_one_reviewable_edit():
    idea = {"actor": "Space Agency", "category": "science", "quantity": "launches",
            "percent_after_ten_years": 300, "target": "rise", "polarity": "+",
            "reasoning": "cheap rockets"}  # fmt: skip
    answers = {"extensions": [idea, {**idea, "target": "nowhere", "actor": "B"}]}
    model = language_model(scripted([answers]))
    (proposal,) = propose_extensions(SPEC, 2010.0, news=["rockets"], llm=model)
    spec = apply_edit(SPEC, proposal.edit)
    assert not [i for i in check_spec(spec) if i.severity == "error"]
    assert spec.variables["Space_Agency.launches.curve"].y.points == (1.0, 1.0, 3.0, 3.0)
    assert proposal.origin == "llm:scripted"
    old, new = (simulate(compile_model(s)).to_dataframe()["b"] for s in (SPEC, spec))
    np.testing.assert_allclose(new, old, rtol=1e-13)


def _series(times, values, name="tea"):
    times = np.asarray(times, float)
    return ObservedSeries(name, times, np.asarray(values, float), "t", np.full(len(times), np.nan),
                          "year")  # fmt: skip


def test_interpolation_is_the_conditional_distribution_of_a_walk_with_drift():
    """Against conditioning a multivariate normal, drift and variance as estimated."""
    rng = np.random.default_rng(0)
    t = np.array([0.0, 1, 2, 5, 6, 9])
    x = np.cumsum(rng.standard_normal(6)) - 20
    when = np.array([3.0, 4.0, 7.5])
    found = interpolate(_series(t, x), when)
    drift = (x[-1] - x[0]) / 9
    variance = np.sum((np.diff(x) - drift * np.diff(t)) ** 2 / np.diff(t)) / 4
    both = np.concatenate([t[1:], when])
    cov = variance * np.minimum.outer(both, both)
    a, b, c = cov[:5, :5], cov[5:, :5], cov[5:, 5:]
    mean = x[0] + drift * when + b @ np.linalg.solve(a, x[1:] - x[0] - drift * t[1:])
    np.testing.assert_allclose(found.values, mean, rtol=1e-10)
    sigma = np.sqrt(np.diag(c - b @ np.linalg.solve(a, b.T)))
    np.testing.assert_allclose(found.sigma, sigma, rtol=1e-8)


def test_estimates_are_flagged_and_never_stand_for_observations():
    found = interpolate(_series([2000, 2002, 2004, 2006], [1, 2, 4, 9]), [2001, 2010, 2020])
    assert found.estimated and found.name == "estimated.tea"
    assert (found.values > 0).all()
    assert found.sigma[2] / found.values[2] > found.sigma[0] / found.values[0]
    seen = Observations([_series([2000], [1])])
    assert list(with_estimates(seen, [found])) == ["tea", "estimated.tea"]
    with pytest.raises(UserError, match="never take the place"):
        with_estimates(seen, [_series([2000], [1], "other")])


def test_a_looked_up_figure_needs_a_cited_page_and_the_words_that_state_it():
    page = "https://example.org/tea"
    good = {"year": 2000, "value": 1234.5, "url": page, "quote": "output was 1,234.5 tonnes"}
    figures = [good, {**good, "year": 2001, "quote": "output rose"},
               {**good, "year": 2002, "url": "https://example.org/other"},
               {**good, "year": 1990}]  # fmt: skip
    import json

    reply = Reply(json.dumps({"figures": figures}), "end", Usage(10, 10), sources=(Source(page),))
    found = look_up(language_model(scripted([reply])), "tea", "t", [2000, 2001, 2002])
    assert found.times.tolist() == [2000.0]
    assert found.values.tolist() == [1234.5]
    assert found.estimated and found.sigma[0] == pytest.approx(0.25 * 1234.5)
    assert page in found.source and "1,234.5 tonnes" in found.source
    empty = Reply('{"figures": []}', "end", Usage(1, 1))
    with pytest.raises(NoFigures, match="tea"):
        look_up(language_model(scripted([empty])), "tea", "t", [2000])
