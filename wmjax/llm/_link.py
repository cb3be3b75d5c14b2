"""One model: its endpoints, its pace, and the accounts of each call."""

from __future__ import annotations

import datetime
import itertools
import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, final

from wmjax._errors import BudgetSpent, UserError
from wmjax.llm._accounts import charge_of, credible, failed
from wmjax.llm._answer import Reply, Usage
from wmjax.llm._budget import Budget
from wmjax.llm._content import key_of
from wmjax.llm._exchange import Exchange, ExchangeSink, Outcome, Recorded, Scope
from wmjax.llm._failures import LLMFailure, Unavailable
from wmjax.llm._losses import LOSSES, Losses, OutOfBudget
from wmjax.llm._pace import Pace
from wmjax.llm._prices import Pricing, is_known, worst_case
from wmjax.llm._protocol import Provider
from wmjax.llm._request import Request
from wmjax.llm._turnstile import spent, turnstile


@final
@dataclass(frozen=True)
class Turn:
    """A reply that is in the log, and what it took now: nothing, if it was there already."""

    recorded: Recorded
    usage: Usage = Usage()
    cost: Decimal | None = Decimal(0)
    latency: float = 0.0
    bought: bool = False


@final
class Link:
    """One model behind one endpoint or several of equal worth."""

    def __init__(
        self,
        endpoints: Sequence[Provider],
        *,
        pricing: Pricing,
        sink: ExchangeSink,
        limits: Mapping[Scope, Budget],
        pace: Pace,
        options: Mapping[str, Any],
    ) -> None:
        self.endpoints = tuple(endpoints)
        self._pricing = pricing
        self._sink = sink
        self._limits: Mapping[Scope, Budget] = {
            scope: limit for scope, limit in limits.items() if limit != Budget()
        }
        self._pace = pace
        self._options = options
        self._busy = [0] * len(self.endpoints)
        self._turn = itertools.count()
        self._priced = is_known(pricing)
        if not self._priced and any(limit.money is not None for limit in self._limits.values()):
            raise _no_price(self.endpoints[0])

    def key(self, question: str) -> str:
        """What finds the answer of this model to a question again."""
        first = self.endpoints[0]
        origins = [o for e in self.endpoints if (o := getattr(e, "origin", ""))]
        return key_of(question, first.name, first.model, self._options, origins)

    async def exchange(self, request: Request, question: str, attempt: int) -> Turn:
        """Ask the least busy endpoint, and the others in turn while they are not available."""
        async with self._pace.slot():
            tried: set[int] = set()
            while True:
                index = self._least_busy(tried)
                tried.add(index)
                self._busy[index] += 1
                try:
                    return await self._call(self.endpoints[index], request, question, attempt)
                except Unavailable:
                    if len(tried) == len(self.endpoints):
                        raise
                finally:
                    self._busy[index] -= 1

    def _least_busy(self, tried: set[int]) -> int:
        first, n = next(self._turn), len(self.endpoints)
        order = [(first + i) % n for i in range(n)]
        return min((i for i in order if i not in tried), key=self._busy.__getitem__)

    async def _call(
        self, provider: Provider, request: Request, question: str, attempt: int
    ) -> Turn:
        exchange = self._exchange(provider, request, question, attempt)
        again = replace(exchange.worst, calls=0)  # the call itself is counted already
        full: list[Scope] = []

        async def charge() -> bool:
            scope = await self._sink.more(exchange.id, again, self._limits)
            full.extend([scope] if scope else [])
            return scope is None

        async with turnstile(self._sink).passing(exchange, self._limits):
            losses, began = Losses(charge), time.perf_counter()
            token = LOSSES.set(losses)
            try:
                reply = await provider.send(request)
            except (Exception, OutOfBudget) as error:
                latency = time.perf_counter() - began
                await self._sink.ended(failed(exchange, error, losses.count, latency))
                if isinstance(error, OutOfBudget):
                    raise self._spent(full[0], exchange) from None
                if isinstance(error, LLMFailure):
                    error.exchange = exchange.id
                raise
            finally:
                LOSSES.reset(token)
            return await self._answered(exchange, reply, losses.count, began)

    async def _answered(self, exchange: Exchange, reply: Reply, lost: int, began: float) -> Turn:
        latency = time.perf_counter() - began
        reply = replace(reply, usage=credible(reply.usage))
        usage = reply.usage
        cost = None if usage is None else self._pricing.cost(usage)
        charge = charge_of(exchange.worst, usage, cost, lost)
        await self._sink.ended(
            Outcome(exchange.id, reply, "", cost, charge, latency, reply.retries)
        )
        recorded = Recorded(exchange.id, exchange.provider, exchange.model, reply)
        return Turn(recorded, usage or Usage(), cost, latency, bought=True)

    def _exchange(
        self, provider: Provider, request: Request, question: str, attempt: int
    ) -> Exchange:
        return Exchange(
            id=secrets.token_hex(8),
            time=datetime.datetime.now(datetime.UTC),
            request=request,
            key=self.key(question),
            question=question,
            provider=provider.name,
            model=provider.model,
            attempt=attempt,
            worst=worst_case(request, self._pricing),
            priced=self._priced,
        )

    def _spent(self, scope: Scope, exchange: Exchange) -> BudgetSpent:
        return spent(scope, self._limits[scope], self._sink.spent(scope), exchange.worst)


def _no_price(provider: Provider) -> UserError:
    return UserError(
        f"language model {provider.name}:{provider.model}",
        "a budget in money and a model of unknown price",
        "its price",
        "llm.price={input: ..., output: ...} in US dollars per million tokens; or a budget in "
        "tokens or calls",
    )
