"""Loopback servers that replay recorded answers, and a cache of the test's own."""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest


Answer = tuple[int, str, bytes]


class Replay:
    """Answers each path from `answers`; `asked` lists the paths that came."""

    def __init__(self) -> None:
        self.answers: dict[str, Answer | Callable[[str], Answer]] = {}
        self.asked: list[str] = []
        handler = type("Handler", (_Handler,), {"replay": self})
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def json(self, path: str, answer: object) -> None:
        self.answers[path] = (200, "application/json", json.dumps(answer).encode())

    def stop(self) -> None:
        """Closes the port; may be called twice."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Handler(http.server.BaseHTTPRequestHandler):
    replay: Replay

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        self.replay.asked.append(path)
        answer = self.replay.answers.get(path, (404, "text/plain", b"no"))
        status, kind, body = answer(self.path) if callable(answer) else answer
        self.send_response(status)
        self.send_header("Location" if status == 302 else "Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        return


@pytest.fixture
def replay() -> Iterator[Replay]:
    server = Replay()
    yield server
    server.stop()


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder `$WMJAX_CACHE/series` of this test."""
    monkeypatch.setenv("WMJAX_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "series"
