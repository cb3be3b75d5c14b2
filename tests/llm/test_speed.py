"""What the layer costs: CPU of a call, time against a slow server, replays, memory."""

from __future__ import annotations

import asyncio
import time
import tracemalloc

import openai
import pytest

from tests.llm.server import GOOD, Wire, serving
from wmjax.llm import (
    LLMSettings,
    Message,
    Reply,
    Request,
    Usage,
    language_model,
    run_async,
    scripted,
)
from wmjax.store import RunStore


def _requests(share, n: int, start: int = 0) -> list[Request]:
    world = "The state of the world, as every agent sees it. " * 40
    return [
        Request((Message("system", world), Message("user", f"agent {i}")), share, 64, actor=f"a{i}")
        for i in range(start, start + n)
    ]


async def _all(model, requests):
    return await asyncio.gather(*map(model.complete, requests))


@pytest.fixture
def store(tmp_path) -> RunStore:
    return RunStore(tmp_path / "runs")


def test_the_layer_takes_less_than_three_milliseconds_of_cpu(store, share) -> None:
    reply = Reply(GOOD, usage=Usage(500, 10))
    times = []
    with store.start("generate", config={}) as run:
        model = language_model(scripted(lambda r: reply), sink=run.exchanges, concurrency=50)
        run_async(_all(model, _requests(share, 50, 10_000)))
        for repeat in range(4):
            requests = _requests(share, 250, 250 * repeat)
            began = time.process_time()
            run_async(_all(model, requests))
            times.append((time.process_time() - began) / 250)
    assert min(times) < 3e-3, f"{[f'{t * 1e3:.2f} ms' for t in times]}"


def test_a_thousand_stored_answers_replay_in_two_seconds(store, share) -> None:
    with store.start("generate", config={}) as run:
        model = language_model(scripted(lambda r: GOOD), sink=run.exchanges, concurrency=50)
        run_async(_all(model, _requests(share, 1000)))
        took = []
        for _ in range(2):
            began = time.monotonic()
            answers = run_async(_all(model, _requests(share, 1000)))
            took.append(time.monotonic() - began)
            assert all(a.cached for a in answers)
    assert min(took) < 2.0


def test_memory_does_not_grow_with_the_history(store, share) -> None:
    with store.start("generate", config={}) as run:
        model = language_model(scripted(lambda r: GOOD), sink=run.exchanges, concurrency=50)
        run_async(_all(model, _requests(share, 200)))
        tracemalloc.start()
        try:
            held = []
            for k in range(1, 5):
                run_async(_all(model, _requests(share, 200, 200 * k)))
                held.append(tracemalloc.get_traced_memory()[0])
        finally:
            tracemalloc.stop()
    assert held[-1] - held[0] < 300_000  # 600 calls with prompts of 2 kB each


@pytest.mark.slow
@pytest.mark.alone
def test_a_thousand_calls_of_a_slow_server(store, share) -> None:
    """20 s at best, with 50 at once and 1 s for each answer."""
    with serving(Wire(delay=1.0)) as wire, store.start("generate", config={}) as run:
        model = _compatible(wire, run.exchanges, 50)
        run_async(_all(model, _requests(share, 5, 5000)))  # imports, connections
        began = time.monotonic()
        answers = run_async(_all(model, _requests(share, 1000)))
        took = time.monotonic() - began
        run_async(model.close())
    assert wire.most == 50 and all(a.attempts == 1 for a in answers)
    assert took < 1.3 * 20


@pytest.mark.slow
@pytest.mark.alone
def test_against_the_bare_sdk_at_two_hundred(store, share) -> None:
    ours, bare = [], []
    with serving(Wire(delay=1.0)) as wire, store.start("generate", config={}) as run:
        model = _compatible(wire, run.exchanges, 200)
        run_async(_all(model, _requests(share, 5, 50_000)))
        for repeat in range(2):
            began = time.monotonic()
            run_async(_all(model, _requests(share, 1000, 1000 * repeat)))
            ours.append(time.monotonic() - began)
            bare.append(run_async(_bare(wire, _requests(share, 1000), 200)))
        run_async(model.close())
    assert min(ours) < 1.2 * min(bare), (ours, bare)


def _compatible(wire: Wire, sink, concurrency: int):
    settings = LLMSettings(
        provider="openai_compatible", model="m", base_urls=(f"{wire.address}/v1",), timeout=60
    )
    return language_model(settings, sink=sink, concurrency=concurrency)


async def _bare(wire: Wire, requests, concurrency: int) -> float:
    from wmjax.llm import llm_schema

    gate = asyncio.Semaphore(concurrency)
    async with openai.AsyncOpenAI(api_key="x", base_url=f"{wire.address}/v1") as client:

        async def one(request: Request) -> None:
            async with gate:
                form = {"name": "r", "strict": True, "schema": llm_schema(request.schema)}
                completion = await client.chat.completions.create(
                    model="m",
                    messages=[{"role": m.role, "content": m.content} for m in request.messages],
                    max_completion_tokens=64,
                    response_format={"type": "json_schema", "json_schema": form},
                )
                request.schema.model_validate_json(completion.choices[0].message.content)

        began = time.monotonic()
        await asyncio.gather(*map(one, requests))
        return time.monotonic() - began
