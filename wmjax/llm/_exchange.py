"""One logged call, and who keeps the log."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, Protocol, final

from wmjax.llm._answer import Reply
from wmjax.llm._budget import Amount, Budget
from wmjax.llm._request import Request


@final
@dataclass(frozen=True)
class Exchange:
    """A call about to be made.

    **Arguments:**

    - `id`: random, 16 hexadecimal digits.
    - `key`: what finds its answer again: hash of the question and of the model's settings.
    - `question`: hash of the question alone, for replays.
    - `attempt`: 1 for the first, 2 for the first repair, ...
    - `worst`: what it can cost at most.
    - `priced`: whether the price of the model is known.
    """

    id: str
    time: datetime.datetime
    request: Request
    key: str
    question: str
    provider: str
    model: str
    attempt: int
    worst: Amount
    priced: bool


@final
@dataclass(frozen=True)
class Outcome:
    """How a call ended.

    **Arguments:**

    - `reply`: what came back, or None if the call failed.
    - `failure`: what went wrong then, with secrets removed.
    - `cost`: US dollars; None if the price or the usage is unknown.
    - `charge`: what budgets count: the cost and tokens, or the worst case where they are unknown.
    - `latency`: seconds.
    """

    id: str
    reply: Reply | None
    failure: str
    cost: Decimal | None
    charge: Amount
    latency: float
    retries: int


@final
@dataclass(frozen=True)
class Recorded:
    """A stored reply and the exchange it came from."""

    id: str
    provider: str
    model: str
    reply: Reply


Verdict = Literal["valid", "invalid", "refused", "truncated", "empty"]
Scope = Literal["run", "session"]


class ExchangeSink(Protocol):
    """Where exchanges are logged, counted and found again. `wmjax.store.Run.exchanges` is one.

    A call is written down before it is sent, its outcome before it is judged: a process killed in
    between leaves a call that is sent and unanswered, and stays charged at its worst case.
    """

    async def sent(self, exchange: Exchange, limits: Mapping[Scope, Budget]) -> Scope | None:
        """Log a call and charge its worst case, in one step that no other call can divide.

        **Returns:** None; or the scope whose budget the call could exceed: nothing is logged then.
        """
        ...

    async def more(self, id: str, worst: Amount, limits: Mapping[Scope, Budget]) -> Scope | None:
        """Charge a sent call `worst` once more, for it is repeated after an uncertain loss."""
        ...

    async def ended(self, outcome: Outcome) -> None:
        """Log how a call ended, and replace its charge by the true one."""
        ...

    def judged(self, id: str, verdict: Verdict, errors: Sequence[str]) -> None:
        """Log what an answer was worth."""
        ...

    async def find(self, key: str, where: Literal["store", "run"]) -> Recorded | None:
        """The stored reply to a call with this key, anywhere or in the own run: a valid one, if
        there is one."""
        ...

    async def question(self, question: str) -> Recorded | None:
        """The stored reply of any model to this question."""
        ...

    def spent(self, scope: Scope) -> Amount:
        """What has been charged so far."""
        ...
