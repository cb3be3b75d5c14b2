"""Budgets at the door: a call passes if its worst case fits, or waits until others have ended."""

from __future__ import annotations

import asyncio
import weakref
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import final

from wmjax._errors import BudgetSpent
from wmjax.llm._budget import Amount, Budget
from wmjax.llm._exchange import Exchange, ExchangeSink, Scope
from wmjax.llm._loop import PerLoop


_LOOK_AGAIN = 0.005  # seconds


@final
class Turnstile:
    """The door of one sink: all models that log into it pass here, on one event loop."""

    def __init__(self, sink: ExchangeSink) -> None:
        self._sink = weakref.proxy(sink)
        self._queue = asyncio.Lock()
        self._open = 0
        self._ended = 0

    @asynccontextmanager
    async def passing(
        self, exchange: Exchange, limits: Mapping[Scope, Budget]
    ) -> AsyncIterator[None]:
        """Charges and logs a call, which is over when the block ends.

        **Raises:** `BudgetSpent` if the call does not fit although no other is under way.
        """
        await self._enter(exchange, limits)
        try:
            yield
        finally:
            self._open -= 1
            self._ended += 1

    async def _enter(self, exchange: Exchange, limits: Mapping[Scope, Budget]) -> None:
        # Whoever waits is served first: nobody overtakes the queue.
        if not self._queue.locked() and await self._try(exchange, limits) is None:
            return
        async with self._queue:
            while True:
                seen = self._ended
                full = await self._try(exchange, limits)
                if full is None:
                    return
                if not self._open and self._ended == seen:
                    raise spent(full, limits[full], self._sink.spent(full), exchange.worst)
                while self._open and self._ended == seen:
                    await asyncio.sleep(_LOOK_AGAIN)

    async def _try(self, exchange: Exchange, limits: Mapping[Scope, Budget]) -> Scope | None:
        self._open += 1  # while the sink decides, others know that something is under way
        try:
            full = await self._sink.sent(exchange, limits)
        except BaseException:
            self._open -= 1
            raise
        if full is not None:
            self._open -= 1
        return full


def spent(scope: Scope, budget: Budget, so_far: Amount, worst: Amount) -> BudgetSpent:
    """The error that says which budget does not hold what."""
    return BudgetSpent(
        f"the budget of the {scope} ({budget}) is spent: so far {so_far}; the next call could take "
        f"{worst}. With a larger one no stored answer is bought again"
    )


_doors: weakref.WeakKeyDictionary[ExchangeSink, PerLoop[Turnstile]] = weakref.WeakKeyDictionary()


def turnstile(sink: ExchangeSink) -> Turnstile:
    """The door of `sink` on the running event loop."""
    if sink not in _doors:
        reference = weakref.ref(sink)

        def make() -> Turnstile:
            alive = reference()
            assert alive is not None, "the sink is in use"
            return Turnstile(alive)

        _doors[sink] = PerLoop(make)
    return _doors[sink].get()
