"""Answers written beforehand, or by a function: for tests and experiments without a model."""

from __future__ import annotations

import hashlib
import inspect
import itertools
import json
from collections.abc import Awaitable, Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, TypeAlias, final

import pydantic

from wmjax._errors import UserError
from wmjax.llm._answer import Reply, Usage
from wmjax.llm._failures import Empty
from wmjax.llm._request import Request


Line: TypeAlias = "str | pydantic.BaseModel | dict[str, Any] | Reply | Exception"
"""One scripted answer; an exception is raised."""

Script: TypeAlias = "Iterable[Line] | Callable[[Request], Line | Awaitable[Line]]"

_BYTES_PER_TOKEN = 4


@final
class Scripted:
    """A provider that answers from a list, in order, or by calling a function of the request.

    A document or mapping is sent as JSON. Usage is a quarter of the bytes, unless a `Reply` states
    its own. Pricing: free.
    """

    name = "scripted"

    def __init__(self, script: Script, model: str = "scripted", origin: str = "") -> None:
        self.model, self.origin = model, origin
        self._next = script if callable(script) else _reader(iter(script))

    async def send(self, request: Request) -> Reply:
        line = self._next(request)
        if inspect.isawaitable(line):
            line = await line
        if isinstance(line, Exception):
            raise line
        return line if isinstance(line, Reply) else _reply(request, line)


def from_file(path: str, cycle: bool = False) -> Scripted:
    """The answers of a JSON file that holds a list; with `cycle` they begin again after the last.

    **Raises:** `UserError` for another file.
    """
    try:
        data = Path(path).read_bytes()
        lines = json.loads(data)
    except (OSError, ValueError) as error:
        raise UserError(path, str(error), "a JSON file with a list of answers") from None
    if not isinstance(lines, list):
        raise UserError(path, type(lines).__name__, "a list of answers")
    script = itertools.cycle(lines) if cycle else lines
    return Scripted(script, origin=hashlib.sha256(data).hexdigest())


def _reader(lines: Iterator[Line]) -> Callable[[Request], Line]:
    def read(request: Request) -> Line:
        try:
            return next(lines)
        except StopIteration:
            return Empty("the script has no more answers")

    return read


def _reply(request: Request, line: Any) -> Reply:
    if isinstance(line, pydantic.BaseModel):
        text = line.model_dump_json()
    else:
        text = line if isinstance(line, str) else json.dumps(line, ensure_ascii=False)
    asked = sum(len(m.content.encode("utf-8", "surrogatepass")) for m in request.messages)
    told = len(text.encode("utf-8", "surrogatepass"))
    return Reply(text, usage=Usage(asked // _BYTES_PER_TOKEN, told // _BYTES_PER_TOKEN))
