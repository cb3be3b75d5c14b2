"""Recorded exchanges instead of a network."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, final

from wmjax._errors import UserError
from wmjax.llm._answer import Reply
from wmjax.llm._content import question_of
from wmjax.llm._exchange import ExchangeSink
from wmjax.llm._failures import NotRecorded
from wmjax.llm._request import Request
from wmjax.llm._wire import reply_from


_FILE = "exchanges.jsonl"


@final
class Replay:
    """A provider that gives each question the answer that it once had, from whichever model.

    `source` is a sink, a zip written by `wmjax runs export`, or the exchanges.jsonl in it.
    """

    name = "replay"
    model = "replay"

    def __init__(self, source: str | Path | ExchangeSink) -> None:
        self._sink = source if not isinstance(source, str | Path) else None
        self._replies = dict(_read(Path(source))) if isinstance(source, str | Path) else {}
        self.origin = _digest(Path(source)) if isinstance(source, str | Path) else ""

    async def send(self, request: Request) -> Reply:
        question = question_of(request)
        if self._sink is not None:
            found = await self._sink.question(question)
            reply = found.reply if found else None
        else:
            reply = self._replies.get(question)
        if reply is None:
            raise NotRecorded(f"no answer is recorded to this question ({_summary(request)})")
        return reply


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _summary(request: Request) -> str:
    about = " ".join(filter(None, (request.purpose, request.actor, request.parameter)))
    return about or request.messages[-1].content[:80]


def _read(path: Path) -> Iterator[tuple[str, Reply]]:
    lines = list(_lines(path))
    for number, line in reversed(lines):  # the first answer to a question wins
        try:
            document: dict[str, Any] = json.loads(line)
            if document["reply"] is not None:
                yield document["question"], reply_from(document["reply"])
        except (ValueError, KeyError, TypeError) as error:
            raise UserError(
                f"{path}, line {number}", repr(error), "an exchange of `wmjax runs export`"
            ) from None


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    try:
        yield from enumerate(_text(path).splitlines(), 1)
    except (OSError, KeyError, zipfile.BadZipFile) as error:
        raise UserError(
            f"replay {path}", str(error), f"a zip of `wmjax runs export`, or the {_FILE} in it",
            "llm.path=FILE names it",
        ) from None  # fmt: skip


def _text(path: Path) -> str:
    if not zipfile.is_zipfile(path):
        return path.read_text(encoding="utf-8")
    with zipfile.ZipFile(path) as archive:
        names = [name for name in archive.namelist() if name.rsplit("/", 1)[-1] == _FILE]
        if not names:
            raise KeyError(f"no {_FILE} in it: that run asked no language model")
        with archive.open(names[0]) as file:
            return io.TextIOWrapper(file, encoding="utf-8").read()
