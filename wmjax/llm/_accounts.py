"""What a call is charged, however it ended."""

from __future__ import annotations

from decimal import Decimal

from wmjax._errors import UserError
from wmjax.llm._answer import Usage
from wmjax.llm._budget import Amount
from wmjax.llm._exchange import Exchange, Outcome
from wmjax.llm._failures import LLMFailure
from wmjax.llm._keys import scrub
from wmjax.llm._losses import OutOfBudget


_ABSURD = 10**9  # tokens; no answer makes us count more


def charge_of(worst: Amount, usage: Usage | None, cost: Decimal | None, lost: int) -> Amount:
    """What budgets count for an answered call: what it took, or the worst where that is unknown."""
    money = worst.money if cost is None else cost
    tokens = worst.tokens if usage is None else usage.total
    return Amount(money + lost * worst.money, tokens + lost * worst.tokens, 1)


def failed(exchange: Exchange, error: BaseException, lost: int, latency: float) -> Outcome:
    """How a call ended that brought no answer; `lost`: requests that may have been billed."""
    known = isinstance(error, (LLMFailure, UserError, OutOfBudget))
    lost = max(lost, getattr(error, "lost", 0), 0 if known else 1)
    worst = exchange.worst
    return Outcome(
        id=exchange.id,
        reply=None,
        failure=scrub(f"{type(error).__name__}: {error}"),
        cost=Decimal(0) if not lost else None,
        charge=Amount(lost * worst.money, lost * worst.tokens, 1),
        latency=latency,
        retries=getattr(error, "retries", 0),
    )


def credible(usage: Usage | None) -> Usage | None:
    """Usage as told by a server, if it can be true: no answer lowers an account."""
    if usage is None:
        return None
    counts = (
        usage.input, usage.output, usage.cached, usage.cache_written,
        usage.reasoning, usage.searches,
    )  # fmt: skip
    if not all(type(n) is int and 0 <= n <= _ABSURD for n in counts):
        return None
    return usage if usage.cached + usage.cache_written <= usage.input else None
