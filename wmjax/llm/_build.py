"""From settings to a language model: a provider and the chain laid around it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from wmjax.llm._budget import Budget
from wmjax.llm._exchange import ExchangeSink, Scope
from wmjax.llm._link import Link
from wmjax.llm._memory import MemorySink
from wmjax.llm._model import Model
from wmjax.llm._pace import Pace
from wmjax.llm._prices import FREE, Listed, Pricing, Stated, Unknown
from wmjax.llm._protocol import Provider
from wmjax.llm._providers._scripted import Scripted
from wmjax.llm._registry import make_providers
from wmjax.llm._settings import LLMSettings, settings_of


_FREE = ("local", "replay", "scripted")

Source: TypeAlias = str | Mapping[str, Any] | LLMSettings | Provider
"""A name such as `local` or `openai:MODEL`, settings, or a provider that is ready."""


def language_model(
    source: Source,
    *,
    sink: ExchangeSink | None = None,
    budget: Budget | None = None,
    session_budget: Budget | None = None,
    concurrency: int | None = None,
    rate: float | None = None,
    repairs: int | None = None,
) -> Model:
    """A language model with everything around it: cache, repair, fallback, pace, budgets, log.

    **Arguments:**

    - `source`: which model; its settings, where it has any, hold what the rest leaves out.
    - `sink`: where exchanges are logged and found again, such as `run.exchanges` of a `wmjax.store`
      run; in memory by default. Models that share a sink share its budgets.
    - `budget`, `session_budget`: what a run and a session may spend.
    - `concurrency`, `rate`: calls at once, and begun per second, for each link.
    - `repairs`: how often errors go back to the model.

    **Raises:** `UserError` for an unknown name, a missing key or extra, or a budget in money for a
    model of unknown price.
    """
    first = _settings(source)
    stated = {"concurrency": concurrency, "rate": rate, "repairs": repairs}
    settings = first.model_copy(update={k: v for k, v in stated.items() if v is not None})
    log = MemorySink() if sink is None else sink
    limits: dict[Scope, Budget] = {
        "run": settings.budget.run if budget is None else budget,
        "session": settings.budget.session if session_budget is None else session_budget,
    }
    ready = [source] if isinstance(source, Provider) else None
    links = [_link(settings, ready, log, limits)]
    for other in settings.fallback:
        links.append(_link(settings_of(other), None, log, limits))
    return Model(links, sink=log, repairs=settings.repairs, cache=settings.cache)


def _settings(source: Source) -> LLMSettings:
    if isinstance(source, str | Mapping | LLMSettings):
        return settings_of(source)
    return LLMSettings(provider=source.name, model=source.model)


def _link(
    settings: LLMSettings,
    ready: Sequence[Provider] | None,
    sink: ExchangeSink,
    limits: Mapping[Scope, Budget],
) -> Link:
    endpoints = make_providers(settings) if ready is None else ready
    return Link(
        endpoints,
        pricing=_pricing(settings, endpoints[0]),
        sink=sink,
        limits=limits,
        pace=Pace(settings.concurrency, settings.rate),
        options=settings.options,
    )


def _pricing(settings: LLMSettings, provider: Provider) -> Pricing:
    if settings.price is not None:
        return Stated(settings.price)
    if provider.name in _FREE:
        return FREE
    if provider.name in ("openai", "anthropic"):
        return Listed(provider.name, provider.model)
    return Unknown()


def scripted(script: Any, model: str = "scripted") -> Scripted:
    """A provider that answers from a list (text, documents, mappings, `Reply`s, exceptions to
    raise), in order, or by calling a function of the request, plain or async."""
    return Scripted(script, model)


def replay(source: Any) -> Provider:
    """A provider that answers each question as recorded, without a network: by a sink, by a zip of
    `wmjax runs export`, or by the exchanges.jsonl in it."""
    from wmjax.llm._providers._replay import Replay

    return Replay(source)
