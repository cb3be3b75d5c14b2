"""The chain: cache, fallback, validation and repair around one model or several."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from decimal import Decimal
from typing import Literal, final

from wmjax.llm._answer import Answer, Usage
from wmjax.llm._content import question_of
from wmjax.llm._exchange import ExchangeSink, Recorded
from wmjax.llm._failures import Empty, Invalid, LLMFailure, Refused, Truncated, Unavailable
from wmjax.llm._judge import VERDICTS, judge
from wmjax.llm._link import Link, Turn
from wmjax.llm._loop import PerLoop
from wmjax.llm._request import Message, Request


_QUOTED = 4000  # characters of a bad answer that go back to the model


@final
class Model:
    """A `LanguageModel` made of links, asked in this order. `close` it, or use `async with`."""

    def __init__(
        self,
        links: Sequence[Link],
        *,
        sink: ExchangeSink,
        repairs: int,
        cache: Literal["store", "run"],
    ) -> None:
        self.sink = sink
        self._links = tuple(links)
        self._repairs = repairs
        self._cache: Literal["store", "run"] = cache
        self._flights = PerLoop(_Flights)
        self._useless: set[str] = set()

    @property
    def name(self) -> str:
        """`provider:model` of the first link."""
        first = self._links[0].endpoints[0]
        return f"{first.name}:{first.model}"

    async def complete(self, request: Request) -> Answer:
        """As `LanguageModel.complete`. A stored answer that is of no use, and of which this object
        did not learn so itself, is asked for again."""
        try:
            return await self._completed(request, fresh=False)
        except _Stale:
            return await self._completed(request, fresh=True)

    async def _completed(self, request: Request, *, fresh: bool) -> Answer:
        turns: list[Turn] = []
        question = request
        while True:
            turn = await self._turn(question, len(turns) + 1, fresh)
            turns.append(turn)
            try:
                value = judge(request.schema, turn.recorded.reply)
            except LLMFailure as failure:
                self._judged(turn, failure)
                if isinstance(failure, Refused) or len(turns) > self._repairs:
                    if not turn.bought and turn.recorded.id not in self._useless:
                        raise _Stale from None
                    self._useless.add(turn.recorded.id)
                    failure.exchange, failure.text = turn.recorded.id, turn.recorded.reply.text
                    failure.cost = _cost(turns)
                    raise
                question = _repair(question, turn, failure)
                continue
            self._judged(turn, None)
            return _answer(turns, value)

    async def close(self) -> None:
        """Close the connections that this event loop holds."""
        for link in self._links:
            for endpoint in link.endpoints:
                close = getattr(endpoint, "close", None)
                if close is not None:
                    await close()

    async def __aenter__(self) -> Model:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def _turn(self, request: Request, attempt: int, fresh: bool) -> Turn:
        question = question_of(request)
        async with self._flights.get().alone(question):
            for link in self._links:
                found = await self.sink.find(link.key(question), self._cache)
                if found is not None and (not fresh or self._serves(request, found)):
                    return Turn(found)
            for link in self._links[:-1]:
                try:
                    return await link.exchange(request, question, attempt)
                except Unavailable:
                    continue
            return await self._links[-1].exchange(request, question, attempt)

    def _serves(self, request: Request, found: Recorded) -> bool:
        """Whether a stored answer is one, or is known to be none since this object exists."""
        try:
            judge(request.schema, found.reply)
        except LLMFailure:
            return found.id in self._useless
        return True

    def _judged(self, turn: Turn, failure: LLMFailure | None) -> None:
        if turn.bought:
            verdict = "valid" if failure is None else VERDICTS[type(failure)]
            errors = failure.errors if isinstance(failure, Invalid) else ()
            self.sink.judged(turn.recorded.id, verdict, errors)


class _Stale(Exception):
    """A stored answer is of no use."""


@final
class _Flights:
    """One call at a time for each question: whoever asks the same meanwhile waits and finds it."""

    def __init__(self) -> None:
        self._locks: dict[str, asyncio.Lock] = {}
        self._users: Counter[str] = Counter()

    @asynccontextmanager
    async def alone(self, question: str) -> AsyncIterator[None]:
        self._users[question] += 1
        try:
            async with self._locks.setdefault(question, asyncio.Lock()):
                yield
        finally:
            self._users[question] -= 1
            if not self._users[question]:
                del self._users[question], self._locks[question]


def _repair(request: Request, turn: Turn, failure: LLMFailure) -> Request:
    """The conversation so far, the answer, and what is wrong with it."""
    said = turn.recorded.reply.text
    answer = (Message("assistant", said[:_QUOTED]),) if said.strip() else ()
    return replace(
        request, messages=(*request.messages, *answer, Message("user", _complaint(failure)))
    )


def _complaint(failure: LLMFailure) -> str:
    if isinstance(failure, Truncated):
        return "Your answer was cut off at the token limit. Give a complete, shorter answer."
    if isinstance(failure, Empty):
        return "Your answer was empty. Please answer."
    errors = failure.errors if isinstance(failure, Invalid) else (str(failure),)
    wrong = "\n".join(f"- {error}" for error in errors)
    return (
        f"Your answer does not fit the schema:\n{wrong}\n"
        "Give the whole answer again, corrected, as one JSON object and nothing else."
    )


def _answer(turns: Sequence[Turn], value: object) -> Answer:
    last = turns[-1].recorded
    return Answer(
        text=last.reply.text,
        value=value,  # type: ignore[arg-type]
        usage=sum((turn.usage for turn in turns), Usage()),
        model=last.reply.model or last.model,
        provider=last.provider,
        cost=_cost(turns),
        latency=sum(turn.latency for turn in turns),
        attempts=sum(turn.bought for turn in turns),
        exchange=last.id,
        sources=last.reply.sources,
    )


def _cost(turns: Sequence[Turn]) -> Decimal | None:
    """Of all turns; None if that of one is unknown."""
    known = [turn.cost for turn in turns if turn.cost is not None]
    return sum(known, Decimal(0)) if len(known) == len(turns) else None
