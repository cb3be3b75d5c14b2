"""A running world that grows: what news and new data ask for, as edits that are reviewed, and a
state that carries over when they are applied."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal, final

import jax.numpy as jnp
import numpy as np
import pydantic
from pydantic import Field

from structure_gen._add_actor import with_actor
from structure_gen._answers import Category, Line
from structure_gen._edit import AddEvent, Edit, SplitParameter, apply_edit
from structure_gen._prompts import render
from structure_gen._proposal import Proposal
from structure_gen._screening import driven_by, joinable
from wmjax.llm import LanguageModel, Request, run_async
from wmjax.model import CompiledModel, compile_model
from wmjax.scenario import Forecast
from wmjax.series import Observations
from wmjax.sim import State, initial_state
from wmjax.spec import Event, ModelSpec, Parameter, Stock, dependencies


_OUTSIDE = 0.2  # share of rows outside a 90 % band above which a forecast is left behind


@final
@dataclass(frozen=True)
class Departure:
    """A variable whose new rows its forecast did not foretell: `rows` of them since `first`, a
    share `outside` of them beyond the 90 % band, mostly `above` it or not."""

    variable: str
    series: str
    first: float
    rows: int
    outside: float
    above: bool

    def __str__(self) -> str:
        side = "above" if self.above else "below"
        return (f"{self.variable} ({self.series}): {100 * self.outside:.0f} % of {self.rows} rows "
                f"since {self.first:g} lie {side} the forecast's 90 % band")  # fmt: skip


class _Extension(pydantic.BaseModel):
    """An actor, a curve that it owns, and what the curve acts on; flat."""

    actor: Annotated[Line, Field(min_length=1, max_length=80)]
    category: Category
    quantity: Annotated[Line, Field(min_length=1, max_length=60)]
    percent_after_ten_years: Annotated[int, Field(ge=1, le=1000)]
    target: Line
    polarity: Literal["+", "-"]
    reasoning: Annotated[Line, Field(max_length=400)]


class _Extensions(pydantic.BaseModel):
    extensions: Annotated[list[_Extension], Field(max_length=20)]


def departures(
    forecast: Forecast, observations: Observations, terms: Sequence[tuple[str, str]],
    scenario: str | None = None,
) -> tuple[Departure, ...]:  # fmt: skip
    """Where new rows left the 90 % band of a forecast more often than they should.

    **Arguments:** `terms`: pairs of a variable and the id of its series; `scenario`: the first one
    of the forecast, if absent.
    """
    found = []
    for variable, id in terms:
        if id not in observations:
            continue
        low, high, when = _band(forecast, variable, scenario)
        series = observations[id].window(when[0], when[-1])
        if not len(series):
            continue
        lower, upper = (np.interp(series.times, when, q) for q in (low, high))
        above, below = series.values > upper, series.values < lower
        outside = above | below
        if outside.mean() > _OUTSIDE:
            first = float(series.times[outside][0])
            found.append(Departure(variable, id, first, len(series), float(outside.mean()),
                                   bool(above.sum() >= below.sum())))  # fmt: skip
    return tuple(found)


def propose_extensions(
    spec: ModelSpec,
    time: float,
    *,
    news: Sequence[Event | str] = (),
    departures: Sequence[Departure] = (),
    llm: LanguageModel | None = None,
    wanted: int = 5,
) -> tuple[Proposal, ...]:
    """Edits for what happened: each event of the news as an event; for each departure a break at
    `time` in a parameter that drives the variable; and, with a language model, actors with curves
    that act on targets. Nothing is applied: every proposal is for a reviewer, or for `refine`.

    **Raises:** `LLMFailure` if the language model has no answer; `BudgetSpent`.
    """
    found = [Proposal(edit=AddEvent(event=e), origin="news") for e in news if isinstance(e, Event)]
    for one in departures:
        found += [
            Proposal(edit=SplitParameter(parameter=p, at=time), origin="data", reasoning=str(one))
            for p in _drivers(spec, one.variable)
        ]
    if llm is not None:
        found += _ideas(spec, time, news, departures, llm, wanted)
    return tuple(found)


def extended(
    model: CompiledModel, state: State, edits: Sequence[Edit]
) -> tuple[CompiledModel, State]:
    """The model after some edits and the state to go on from, at the time of `state`.

    Stocks keep their values, also the hidden ones of smooths and delays. New ones start as if the
    changed model began now: a new link is a ratio to the cause's value at this moment, so that the
    run goes on without a jump.

    **Raises:** `SpecError` for edits that do not fit.
    """
    spec = model.spec
    for edit in edits:
        spec = apply_edit(spec, edit)
    changed = compile_model(spec, dtype=model.dtype)
    now = spec.time.start + int(state.step) * spec.time.step
    fresh = initial_state(compile_model(_from_now(spec, state, now), dtype=model.dtype))
    stocks = {
        name: state.stocks[name] if name in state.stocks else value
        for name, value in fresh.stocks.items()
    }
    return changed, State(stocks, jnp.asarray(state.step))


def _from_now(spec: ModelSpec, state: State, now: float) -> ModelSpec:
    """The spec beginning now, with every stock at its present value."""
    variables: dict[str, Any] = dict(spec.variables)
    for name, variable in spec.variables.items():
        if isinstance(variable, Stock) and name in state.stocks:
            held = f"{name}.held"
            value = np.asarray(state.stocks[name], float).tolist()
            variables[held] = Parameter(kind="parameter", dims=variable.dims, unit=variable.unit,
                                        value=_tuples(value))  # fmt: skip
            subscripts = f"[{', '.join(variable.dims)}]" if variable.dims else ""
            variables[name] = variable.model_copy(update={"initial": f'"{held}"{subscripts}'})
    end = max(spec.time.end, now + spec.time.saving)
    span = {**spec.time.model_dump(), "start": now, "end": end}
    return ModelSpec.model_validate({**dict(spec), "variables": variables, "time": span})


def _tuples(value: Any) -> Any:
    return tuple(map(_tuples, value)) if isinstance(value, list) else value


def _band(
    forecast: Forecast, variable: str, scenario: str | None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Lower and upper end of the 90 % band, and the times."""
    paths = forecast.samples(variable, scenario)
    low, high = np.quantile(paths.to_numpy(), (0.05, 0.95), axis=0)
    return low, high, paths["time"].to_numpy().astype(float)


def _drivers(spec: ModelSpec, variable: str) -> list[str]:
    """Trainable parameters that the equations nearest to a variable read."""
    reads = dependencies(spec)
    targets = [target for target, _ in driven_by(spec, variable)]
    names = dict.fromkeys(p for target in targets for p in sorted(reads[target]))
    return [n for n in names if isinstance(p := spec.variables[n], Parameter) and p.trainable]


def _ideas(
    spec: ModelSpec, time: float, news: Sequence[Event | str], departures: Sequence[Departure],
    llm: LanguageModel, wanted: int,
) -> list[Proposal]:  # fmt: skip
    targets = [n for n in spec.variables if joinable(spec, n)]
    told = [n if isinstance(n, str) else f"{n.name} ({n.start:g}): {n.doc}" for n in news]
    turns = render(
        "extend", name=spec.name, time=time, news=told, departures=[str(d) for d in departures],
        actors=[a.name for a in spec.actors], sources=list(spec.variables)[:150],
        targets=targets[:150], wanted=wanted,
    )  # fmt: skip
    request = Request(turns, _Extensions, max_tokens=200 * wanted, purpose="extend")
    answer = run_async(llm.complete(request))
    ideas: Any = answer.value
    return [_proposal(spec, idea, time, f"llm:{answer.model}") for idea in ideas.extensions[:wanted]
            if idea.target in targets]  # fmt: skip


def _proposal(spec: ModelSpec, idea: _Extension, time: float, origin: str) -> Proposal:
    """A new actor, its curve over time, 1 until now, and the link of the curve to its target."""
    later, end = idea.percent_after_ten_years / 100, max(spec.time.end, time + 11)
    curve = {spec.time.start: 1.0, time: 1.0, time + 10: later, end + 1: later}
    return Proposal(edit=with_actor(spec, idea, curve, origin), origin=origin,
                    reasoning=idea.reasoning)  # fmt: skip
