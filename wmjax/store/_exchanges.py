"""The log of calls to language models, which is also their cache and the ledger of budgets."""

from __future__ import annotations

import asyncio
import datetime
import os
import secrets
import sqlite3
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from functools import cache
from pathlib import Path
from typing import Any, Literal, TypeVar, final

from wmjax.llm import Amount, Budget, Exchange, Outcome, Recorded, Scope, Verdict
from wmjax.store._calls import amount_of, ended_row, fits, recorded_of, sent_row, to_pico
from wmjax.store._database import Database
from wmjax.store._redact import redact_text, redactor
from wmjax.store._text import exact, now, storable
from wmjax.store._writer import Writer


T = TypeVar("T")

_TOTAL = "select charge, tokens, calls from llm_totals where scope = ? and name = ?"
_ADD = """insert into llm_totals (scope, name, charge, tokens, calls) values (?, ?, ?, ?, ?)
          on conflict (scope, name) do update set charge = charge + excluded.charge,
          tokens = tokens + excluded.tokens, calls = calls + excluded.calls"""
_REPLY = """select id, run, provider, model, text, stop, answered_by, sources, input, output,
            cached, cache_written, reasoning, searches, retries
            from llm_calls where status = 'answered'"""
_BEST = "ifnull(verdict, '') = 'valid' desc"
_COPIED = """key, question, provider, model, attempt, sample, max_tokens, messages, schema,
             priced, text, stop, answered_by, sources, verdict, errors, input, output, cached,
             cache_written, reasoning, searches, latency, retries"""


@cache
def session() -> str:
    """What runs started together are counted under: `$WMJAX_SESSION`, else this process."""
    stated = os.environ.get("WMJAX_SESSION", "").strip()
    moment = datetime.datetime.now(datetime.UTC).strftime("%Y%m%d-%H%M%S")
    return storable(redact_text(stated)) or f"{moment}-{secrets.token_hex(3)}"


@final
class Exchanges:
    """The `wmjax.llm.ExchangeSink` of one run. Secrets are hidden before anything is written.

    Budgets are counted in the database: several processes share those of a session, and a resumed
    run goes on from what it has spent.
    """

    def __init__(self, run: str, database: Path) -> None:
        self._names: Mapping[str, str] = {"run": run, "session": session()}
        self._run = run
        self._reader = Database(database)
        self._written = Database(database)
        self._writer = Writer(self._written)
        hide = redactor()
        self._clean = lambda text: storable(hide(text)) if text else text

    async def sent(self, exchange: Exchange, limits: Mapping[Scope, Budget]) -> Scope | None:
        row = sent_row(exchange, self._run, self._names["session"], self._clean)

        def write(connection: sqlite3.Connection) -> Scope | None:
            full = self._full(connection, exchange.worst, limits)
            if full is None:
                _insert(connection, row)
                self._add(connection, _numbers(exchange.worst))
            return full

        return await _done(self._writer.submit(write))

    async def more(self, id: str, worst: Amount, limits: Mapping[Scope, Budget]) -> Scope | None:
        def write(connection: sqlite3.Connection) -> Scope | None:
            full = self._full(connection, worst, limits)
            if full is None:
                money, tokens, _ = _numbers(worst)
                connection.execute(
                    "update llm_calls set charge = charge + ?, charge_tokens = charge_tokens + ?"
                    " where id = ?",
                    (money, tokens, id),
                )
                self._add(connection, _numbers(worst))
            return full

        return await _done(self._writer.submit(write))

    async def ended(self, outcome: Outcome) -> None:
        row = ended_row(outcome, self._clean)
        columns = ", ".join(f"{name} = ?" for name in row)

        def write(connection: sqlite3.Connection) -> None:
            (before,) = connection.execute(
                "select charge, charge_tokens from llm_calls where id = ?", (outcome.id,)
            )
            connection.execute(
                f"update llm_calls set {columns} where id = ?", (*row.values(), outcome.id)
            )
            change = row["charge"] - before[0], row["charge_tokens"] - before[1], 0
            self._add(connection, change)

        await _done(self._writer.submit(write))

    def judged(self, id: str, verdict: Verdict, errors: Sequence[str]) -> None:
        said = self._clean(exact(list(errors))) if errors else None
        self._writer.later(
            lambda connection: connection.execute(
                "update llm_calls set verdict = ?, errors = ? where id = ?", (verdict, said, id)
            )
        )

    async def find(self, key: str, where: Literal["store", "run"]) -> Recorded | None:
        own = "" if where == "store" else " and run = :run"
        rows = self._reader.read(
            f"{_REPLY} and key = :key{own} order by {_BEST}, run = :run desc, number limit 1",
            {"key": key, "run": self._run},
        )
        if not rows:
            return None
        if rows[0]["run"] != self._run:
            self._copy(rows[0]["id"], key)
        return recorded_of(rows[0])

    async def question(self, question: str) -> Recorded | None:
        rows = self._reader.read(
            f"{_REPLY} and question = :question order by {_BEST}, run = :run desc, number limit 1",
            {"question": question, "run": self._run},
        )
        return recorded_of(rows[0]) if rows else None

    def spent(self, scope: Scope) -> Amount:
        rows = self._reader.read(_TOTAL, (scope, self._names[scope]))
        return amount_of(rows[0] if rows else None)

    def close(self) -> None:
        """Write what is still to be written."""
        self._writer.close()
        self._written.close()
        self._reader.close()

    def _full(
        self,
        connection: sqlite3.Connection,
        worst: Amount,
        limits: Mapping[Scope, Budget],
    ) -> Scope | None:
        for scope, limit in limits.items():
            before = connection.execute(_TOTAL, (scope, self._names[scope])).fetchone()
            if not fits(limit, before, worst):
                return scope
        return None

    def _add(self, connection: sqlite3.Connection, change: tuple[int, int, int]) -> None:
        rows = [(scope, name, *change) for scope, name in self._names.items()]
        connection.executemany(_ADD, rows)

    def _copy(self, id: str, key: str) -> None:
        """An answer of another run that this one uses stands in its log too, at no cost."""
        values = {
            "new": secrets.token_hex(8),
            "run": self._run,
            "session": self._names["session"],
            "time": now(),
            "id": id,
            "key": key,
        }
        sql = f"""insert into llm_calls (id, run, session, time, status, purpose, actor, parameter,
                    cost, charge, charge_tokens, origin, {_COPIED})
                  select :new, :run, :session, :time, 'answered', purpose, actor, parameter,
                    0, 0, 0, id, {_COPIED} from llm_calls where id = :id and not exists
                    (select 1 from llm_calls where key = :key and run = :run)"""
        self._writer.later(lambda connection: connection.execute(sql, values))


def _insert(connection: sqlite3.Connection, row: Mapping[str, Any]) -> None:
    columns, marks = ", ".join(row), ", ".join("?" * len(row))
    connection.execute(f"insert into llm_calls ({columns}) values ({marks})", (*row.values(),))


def _numbers(amount: Amount) -> tuple[int, int, int]:
    return to_pico(amount.money), amount.tokens, amount.calls


async def _done(future: Future[T]) -> T:
    return await asyncio.shield(asyncio.wrap_future(future))
