"""Calls to language models in the types of JSON, as exports and replays have them."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from wmjax.llm import reply_document
from wmjax.store._calls import from_pico, recorded_of


_PLAIN = (
    "id", "time", "status", "question", "provider", "model", "attempt", "purpose", "actor",
    "parameter", "sample", "max_tokens", "failure", "verdict", "latency", "retries", "origin",
)  # fmt: skip
_PAGE = 200


def documents(
    read: Callable[[str, Sequence[Any]], Sequence[sqlite3.Row]], run: str
) -> Iterator[dict[str, Any]]:
    """One mapping for each call of a run, in order; read a page at a time."""
    last = 0
    while True:
        rows = read(
            "select * from llm_calls where run = ? and number > ? order by number limit ?",
            (run, last, _PAGE),
        )
        yield from map(_document, rows)
        if len(rows) < _PAGE:
            return
        last = rows[-1]["number"]


def _document(row: sqlite3.Row) -> dict[str, Any]:
    reply = reply_document(recorded_of(row).reply) if row["status"] == "answered" else None
    return {
        **{name: row[name] for name in _PLAIN},
        "messages": [{"role": role, "content": text} for role, text in json.loads(row["messages"])],
        "schema": _loaded(row["schema"]),
        "reply": reply,
        "errors": _loaded(row["errors"]),
        "cost": None if row["cost"] is None else str(from_pico(row["cost"])),
    }


def _loaded(text: str | None) -> Any:
    return None if text is None else json.loads(text)
