"""A loopback server that speaks the wire formats of both vendors and can go wrong in many ways.

With an `author` it answers what is asked; without one it says `GOOD`.
"""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any


GOOD = '{"name": "steel", "share": 40}'
CONTENTS = {
    "ok": GOOD,
    "prose": f"Of course! Here it is:\n```json\n{GOOD}\n```\nAnything else?",
    "cut json": GOOD[:-9],
    "types": '{"name": 3, "share": "much"}',
    "empty": "",
    "length": GOOD[:-9],
    "refusal": "I cannot help with that.",
    "huge": json.dumps({"name": ["steel"] * 10_000, "share": 40}),
}
STATUSES = {"429": 429, "500": 500, "529": 529, "401": 401, "400": 400, "404": 404}
RETRY = {"429": "retry-after: 0.02\r\n"}
BROKEN = ("drop", "hang", "cut http", "not json", "odd shape")
USAGE = (25, 10)  # tokens in and out of every answer


@dataclass
class Wire:
    """What the server does with its n-th request, and what it saw."""

    plan: Callable[[int], str] = lambda n: "ok"
    fate: Callable[[dict[str, Any]], str] | None = None  # by what is asked, before `plan`
    author: Callable[[dict[str, Any], str], str] | None = None  # content by what is asked and act
    delay: float = 0.0
    usage: dict[str, Any] | None = None
    address: str = ""
    seen: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    acts: list[str] = field(default_factory=list)
    now: int = 0
    most: int = 0

    @property
    def answered(self) -> int:
        """Requests that a vendor would bill: those with a status of 200 or never heard of again."""
        return sum(act not in STATUSES for act in self.acts)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                lines = head.split("\r\n")
                headers = {
                    k.strip().lower(): v.strip()
                    for k, _, v in (line.partition(":") for line in lines[1:] if line)
                }
                body = await reader.readexactly(int(headers.get("content-length", 0)))
                if not await self._respond(lines[0].split()[1], headers, json.loads(body), writer):
                    return
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def _respond(self, path: str, headers: dict, body: dict, writer: Any) -> bool:
        act = self.fate(body) if self.fate else self.plan(len(self.acts))
        self.acts.append(act)
        self.seen.append(body)
        self.headers.append(headers)
        self.now += 1
        self.most = max(self.most, self.now)
        try:
            await asyncio.sleep(self.delay if act != "hang" else 30.0)
        finally:
            self.now -= 1
        if act == "drop":
            return False
        status = STATUSES.get(act, 200)
        text = json.dumps(self._body(path, act, headers, body))
        if act == "not json":
            text = "<html>busy</html>"
        extra = RETRY.get(act, "retry-after-ms: 10\r\n") if status != 200 else ""
        length = len(text) + (50 if act == "cut http" else 0)
        writer.write(
            f"HTTP/1.1 {status} X\r\ncontent-type: application/json\r\n{extra}"
            f"content-length: {length}\r\n\r\n{text}".encode()
        )
        await writer.drain()
        return act != "cut http"

    def _body(self, path: str, act: str, headers: dict, body: dict) -> dict[str, Any]:
        if act in STATUSES:
            said = f"no: {headers.get('authorization', '')} {headers.get('x-api-key', '')}"
            return {"type": "error", "error": {"type": "some_error", "message": said}}
        if act == "odd shape":
            return {"id": "1", "choices": None, "content": None, "usage": []}
        content = self.author(body, act) if self.author else CONTENTS.get(act, GOOD)
        return (
            _messages(act, content, self.usage)
            if "messages" in path
            else _chat(act, content, self.usage)
        )


def _chat(act: str, content: str, usage: dict[str, Any] | None) -> dict[str, Any]:
    finish = "length" if act == "length" else "stop"
    message: dict[str, Any] = {"role": "assistant", "content": content, "refusal": None}
    if act == "refusal":
        message |= {"content": None, "refusal": content}
    return {
        "id": "c1", "object": "chat.completion", "created": 1, "model": "wire-1",
        "choices": [{"index": 0, "finish_reason": finish, "message": message}],
        "usage": usage or {
            "prompt_tokens": USAGE[0], "completion_tokens": USAGE[1], "total_tokens": sum(USAGE),
            "prompt_tokens_details": {"cached_tokens": 5},
            "completion_tokens_details": {"reasoning_tokens": 3},
        },
    }  # fmt: skip


def _messages(act: str, content: str, usage: dict[str, Any] | None) -> dict[str, Any]:
    stop = {"length": "max_tokens", "refusal": "refusal"}.get(act, "end_turn")
    return {
        "id": "m1", "type": "message", "role": "assistant", "model": "wire-1",
        "content": [{"type": "text", "text": content}] if content else [],
        "stop_reason": stop, "stop_sequence": None,
        "usage": usage or {
            "input_tokens": USAGE[0] - 5, "output_tokens": USAGE[1],
            "cache_read_input_tokens": 5, "cache_creation_input_tokens": None,
        },
    }  # fmt: skip


@contextmanager
def serving(wire: Wire) -> Iterator[Wire]:
    """Serve `wire` on a loopback port, in a thread, for the time of the block."""
    ready, loop = threading.Event(), asyncio.new_event_loop()
    stopped = asyncio.Event()

    async def main() -> None:
        server = await asyncio.start_server(wire.serve, "127.0.0.1", 0, backlog=1024, limit=2**24)
        port = server.sockets[0].getsockname()[1]
        wire.address = f"http://127.0.0.1:{port}"
        ready.set()
        await stopped.wait()
        server.close()
        mine = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in mine:
            task.cancel()
        await asyncio.gather(*mine, return_exceptions=True)

    thread = threading.Thread(target=lambda: loop.run_until_complete(main()))
    thread.start()
    assert ready.wait(10)
    try:
        yield wire
    finally:
        loop.call_soon_threadsafe(stopped.set)
        thread.join(10)
        loop.close()
