"""Rows of calls to language models: how they are written and read."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from decimal import ROUND_CEILING, Decimal
from typing import Any

from wmjax.llm import Amount, Budget, Exchange, Outcome, Recorded, Reply, Source, Usage, llm_schema
from wmjax.store._text import exact


_PICO = Decimal(10) ** 12  # money is stored in millionths of a millionth of a US dollar
_FULL = 2**62


def to_pico(money: Decimal) -> int:
    """US dollars as stored; nothing is rounded down."""
    return min(int((money * _PICO).to_integral_value(ROUND_CEILING)), _FULL)


def from_pico(stored: int) -> Decimal:
    return Decimal(stored) / _PICO


def sent_row(
    exchange: Exchange, run: str, session: str, clean: Callable[[str], str]
) -> dict[str, Any]:
    request = exchange.request
    schema = exact(llm_schema(request.schema)) if request.schema else None
    return {
        "id": exchange.id,
        "run": run,
        "session": session,
        "time": exchange.time.isoformat(timespec="microseconds"),
        "status": "sent",
        "key": exchange.key,
        "question": exchange.question,
        "provider": exchange.provider,
        "model": exchange.model,
        "attempt": exchange.attempt,
        "purpose": clean(request.purpose),
        "actor": clean(request.actor),
        "parameter": clean(request.parameter),
        "sample": request.sample,
        "max_tokens": request.max_tokens,
        "messages": clean(exact([[m.role, m.content] for m in request.messages])),
        "schema": schema,
        "priced": int(exchange.priced),
        "charge": to_pico(exchange.worst.money),
        "charge_tokens": exchange.worst.tokens,
    }


def ended_row(outcome: Outcome, clean: Callable[[str], str]) -> dict[str, Any]:
    row: dict[str, Any] = {
        "status": "failed" if outcome.reply is None else "answered",
        "failure": clean(outcome.failure) or None,
        "cost": None if outcome.cost is None else to_pico(outcome.cost),
        "charge": to_pico(outcome.charge.money),
        "charge_tokens": outcome.charge.tokens,
        "latency": outcome.latency,
        "retries": outcome.retries,
    }
    return row if outcome.reply is None else row | _reply_row(outcome.reply, clean)


def _reply_row(reply: Reply, clean: Callable[[str], str]) -> dict[str, Any]:
    usage = reply.usage
    return {
        "text": clean(reply.text),
        "stop": reply.stop,
        "answered_by": clean(reply.model),
        "sources": clean(exact([[s.url, s.title, s.quote] for s in reply.sources])),
        "input": usage and usage.input,
        "output": usage and usage.output,
        "cached": usage and usage.cached,
        "cache_written": usage and usage.cache_written,
        "reasoning": usage and usage.reasoning,
        "searches": usage and usage.searches,
    }


def recorded_of(row: sqlite3.Row) -> Recorded:
    """The reply of an answered row."""
    usage = None
    if row["input"] is not None:
        usage = Usage(
            row["input"],
            row["output"],
            row["cached"],
            row["cache_written"],
            row["reasoning"],
            row["searches"],
        )
    sources = tuple(Source(*source) for source in json.loads(row["sources"]))
    reply = Reply(row["text"], row["stop"], usage, row["answered_by"], row["retries"], sources)
    return Recorded(row["id"], row["provider"], row["model"], reply)


def amount_of(row: sqlite3.Row | None) -> Amount:
    if row is None:
        return Amount()
    return Amount(from_pico(row["charge"]), row["tokens"], row["calls"])


def fits(budget: Budget, before: sqlite3.Row | None, worst: Amount) -> bool:
    return budget.allows(amount_of(before) + worst)
