"""A log in memory: for notebooks, tests, and whoever wants no store."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, final

from wmjax.llm._budget import Amount, Budget
from wmjax.llm._exchange import Exchange, Outcome, Recorded, Scope, Verdict


@final
@dataclass
class Entry:
    """An exchange, how it ended (None: not yet) and what it was worth."""

    exchange: Exchange
    outcome: Outcome | None = None
    verdict: Verdict | None = None
    errors: tuple[str, ...] = ()


@final
class MemorySink:
    """An `ExchangeSink` that keeps the newest `size` exchanges; totals count all of them.

    Run and session are the same: as long as the object lives.
    """

    def __init__(self, size: int = 1000) -> None:
        self._size = size
        self._lock = threading.Lock()
        self._entries: OrderedDict[str, Entry] = OrderedDict()
        self._by_key: dict[str, str] = {}
        self._by_question: dict[str, str] = {}
        self._spent = Amount()
        self._charged: dict[str, Amount] = {}

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The exchanges kept, in the order they were sent."""
        return tuple(self._entries.values())

    async def sent(self, exchange: Exchange, limits: Mapping[Scope, Budget]) -> Scope | None:
        with self._lock:
            full = self._full(exchange.worst, limits)
            if full is None:
                self._charge(exchange.id, exchange.worst)
                self._entries[exchange.id] = Entry(exchange)
                self._forget()
            return full

    async def more(self, id: str, worst: Amount, limits: Mapping[Scope, Budget]) -> Scope | None:
        with self._lock:
            full = self._full(worst, limits)
            if full is None:
                self._charge(id, worst)
            return full

    async def ended(self, outcome: Outcome) -> None:
        with self._lock:
            self._spent += outcome.charge - self._charged.pop(outcome.id)
            entry = self._entries.get(outcome.id)
            if entry is None:
                return
            entry.outcome = outcome
            if outcome.reply is not None:
                self._by_key.setdefault(entry.exchange.key, outcome.id)
                self._by_question.setdefault(entry.exchange.question, outcome.id)

    def judged(self, id: str, verdict: Verdict, errors: Sequence[str]) -> None:
        entry = self._entries.get(id)
        if entry is None:
            return
        entry.verdict, entry.errors = verdict, tuple(errors)
        if verdict == "valid":
            self._by_key[entry.exchange.key] = self._by_question[entry.exchange.question] = id

    async def find(self, key: str, where: Literal["store", "run"]) -> Recorded | None:
        return self._recorded(self._by_key.get(key))

    async def question(self, question: str) -> Recorded | None:
        return self._recorded(self._by_question.get(question))

    def spent(self, scope: Scope) -> Amount:
        return self._spent

    def _full(self, worst: Amount, limits: Mapping[Scope, Budget]) -> Scope | None:
        after = self._spent + worst
        return next((scope for scope, limit in limits.items() if not limit.allows(after)), None)

    def _charge(self, id: str, worst: Amount) -> None:
        self._spent += worst
        self._charged[id] = self._charged.get(id, Amount()) + worst

    def _forget(self) -> None:
        while len(self._entries) > self._size:
            id, old = self._entries.popitem(last=False)
            for index, key in (
                (self._by_key, old.exchange.key),
                (self._by_question, old.exchange.question),
            ):
                if index.get(key) == id:
                    del index[key]

    def _recorded(self, id: str | None) -> Recorded | None:
        entry = self._entries.get(id) if id else None
        if entry is None or entry.outcome is None or entry.outcome.reply is None:
            return None
        reply = entry.outcome.reply
        return Recorded(entry.exchange.id, entry.exchange.provider, entry.exchange.model, reply)
