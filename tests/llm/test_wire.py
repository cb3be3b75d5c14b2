"""Both vendors' SDKs against a loopback server: what is sent, what is read, what goes wrong."""

from __future__ import annotations

import asyncio
import random
import time
from decimal import Decimal

import pytest

from tests.llm.server import BROKEN, CONTENTS, GOOD, STATUSES, USAGE, Wire, serving
from wmjax._errors import BudgetSpent, UserError
from wmjax.llm import (
    Budget,
    LLMFailure,
    LLMSettings,
    Message,
    Price,
    Rejected,
    Request,
    Unavailable,
    Usage,
    ask,
    language_model,
    run_async,
)
from wmjax.store import RunStore


VENDORS = ("openai", "anthropic")
KEY = "sk-test-0123456789abcdef0123456789"
PRICE = Price(input=Decimal(10), output=Decimal(100))
ONE = (USAGE[0] * 10 + USAGE[1] * 100) / Decimal(1_000_000)


@pytest.fixture(params=VENDORS)
def vendor(request, monkeypatch) -> str:
    monkeypatch.setenv(f"{request.param.upper()}_API_KEY", KEY)
    return request.param


def _settings(vendor: str, *wires: Wire, **more) -> LLMSettings:
    end = "/v1" if vendor == "openai" else ""
    urls = tuple(wire.address + end for wire in wires)
    base = {"timeout": 0.5, "max_retries": 1, "price": PRICE, "concurrency": 16, "repairs": 1}
    return LLMSettings(provider=vendor, model="some-model", base_urls=urls, **{**base, **more})


def _ask(model, *requests):
    async def work():
        async with model:
            return await asyncio.gather(
                *(model.complete(r) for r in requests), return_exceptions=True
            )

    return run_async(work())


def _question(i: int, share) -> Request:
    return Request((Message("system", "Be brief."), Message("user", f"question {i}")), share, 64)


def test_what_is_sent_and_what_is_read(vendor, share) -> None:
    with serving(Wire()) as wire:
        model = language_model(_settings(vendor, wire, options={"metadata": {"user_id": "x"}}))
        (answer,) = _ask(model, _question(0, share))
    assert answer.value.share == 40 and answer.model == "wire-1" and answer.provider == vendor
    reasoning = 3 if vendor == "openai" else 0
    assert answer.usage == Usage(*USAGE, cached=5, reasoning=reasoning)
    assert answer.cost == ONE
    (body,) = wire.seen
    assert body["metadata"] == {"user_id": "x"} and body["model"] == "some-model"
    if vendor == "openai":
        assert body["max_completion_tokens"] == 64
        assert body["response_format"]["json_schema"]["strict"] is True
        assert [m["role"] for m in body["messages"]] == ["system", "user"]
    else:
        assert body["max_tokens"] == 64 and body["system"] == "Be brief."
        assert body["output_config"]["format"]["type"] == "json_schema"
        assert [m["role"] for m in body["messages"]] == ["user"]


@pytest.mark.parametrize("seed", [1, 2])
def test_random_faults_hang_nothing_and_lose_nothing(vendor, share, seed, tmp_path) -> None:
    """Half of all requests go wrong; each call ends by name and stands in the log once."""
    faults = [*BROKEN, *CONTENTS, "429", "500", "529"]
    rng = random.Random(seed)
    acts = [rng.choice(faults) if rng.random() < 0.5 else "ok" for _ in range(500)]
    store = RunStore(tmp_path / "runs")
    began = time.monotonic()
    with serving(Wire(acts.__getitem__)) as wire, store.start("generate", config={}) as run:
        settings = _settings(vendor, wire)
        results = _ask(
            language_model(settings, sink=run.exchanges), *(_question(i, share) for i in range(40))
        )
        spent = run.exchanges.spent("run")
        assert time.monotonic() - began < 30
    assert all(isinstance(r, LLMFailure) or r.value.share == 40 for r in results)
    assert sum(not isinstance(r, LLMFailure) for r in results) >= 20
    logged = list(store.exchanges(run.id))
    assert len({e["id"] for e in logged}) == len(logged) == spent.calls
    assert all(e["status"] in ("answered", "failed") for e in logged)
    answered = [e for e in logged if e["status"] == "answered"]
    assert all(e["verdict"] for e in answered)
    # What the vendor could bill is never more than what the budget counted.
    assert wire.answered * sum(USAGE) <= spent.tokens
    assert wire.answered * ONE <= spent.money


@pytest.mark.parametrize("act", [a for a in CONTENTS if a not in ("ok", "prose")])
def test_a_bad_answer_is_repaired(vendor, share, act) -> None:
    with serving(Wire(lambda n: act if n == 0 else "ok")) as wire:
        (answer,) = _ask(language_model(_settings(vendor, wire)), _question(0, share))
    if act == "refusal":
        assert type(answer).__name__ == "Refused"
    else:
        assert answer.value.share == 40 and answer.attempts == 2
        assert answer.cost == 2 * ONE


def test_the_sdk_repeats_what_can_be_repeated(vendor, share) -> None:
    with serving(Wire(lambda n: ["429", "ok"][n])) as wire:
        model = language_model(_settings(vendor, wire))
        (answer,) = _ask(model, _question(0, share))
        assert answer.attempts == 1 and len(wire.acts) == 2
        (entry,) = model.sink.entries
        assert entry.outcome.retries == 1 and entry.outcome.charge.money == ONE


def test_a_lost_request_is_charged_at_its_worst_case(vendor, share) -> None:
    with serving(Wire(lambda n: ["drop", "ok"][n])) as wire:
        model = language_model(_settings(vendor, wire))
        _ask(model, _question(0, share))
    (entry,) = model.sink.entries
    assert entry.outcome.cost == ONE
    assert entry.outcome.charge.money == ONE + entry.exchange.worst.money


def test_a_repetition_that_the_budget_does_not_hold_is_not_sent(vendor, share) -> None:
    with serving(Wire(lambda n: "drop")) as wire:
        probe = language_model(_settings(vendor, wire, max_retries=0))
        _ask(probe, _question(0, share))
        worst = probe.sink.entries[0].exchange.worst
        model = language_model(
            _settings(vendor, wire, max_retries=5), budget=Budget(money=worst.money * 2)
        )
        (spent,) = _ask(model, _question(0, share))
    assert isinstance(spent, BudgetSpent)
    assert len(wire.acts) == 1 + 2
    assert model.sink.spent("run").money <= worst.money * 2


@pytest.mark.parametrize(
    ("act", "kind", "words"),
    [("401", UserError, "key"), ("404", UserError, "llm.model"), ("400", Rejected, "400")],
)
def test_what_is_no_use_repeating(vendor, share, act, kind, words) -> None:
    """The server puts the key into its message; it stands in no error."""
    with serving(Wire(lambda n: act)) as wire:
        model = language_model(_settings(vendor, wire))
        (error,) = _ask(model, _question(0, share))
    assert isinstance(error, kind) and words in str(error) and len(wire.acts) == 1
    assert KEY not in str(error) and KEY not in repr(model.sink.entries)
    assert KEY in str(wire.headers)


def test_nobody_listens(vendor, share) -> None:
    with serving(Wire()) as wire:
        pass
    model = language_model(_settings(vendor, wire, max_retries=0))
    (error,) = _ask(model, _question(0, share))
    assert isinstance(error, Unavailable) and error.lost == 0
    assert model.sink.spent("run").money == 0


def test_usage_left_out_is_charged_at_the_worst_case_and_its_cost_unknown(vendor, share) -> None:
    none = {"prompt_tokens": None, "completion_tokens": None, "input_tokens": None}
    with serving(Wire(usage=none)) as wire:
        model = language_model(_settings(vendor, wire))
        (answer,) = _ask(model, _question(0, share))
    (entry,) = model.sink.entries
    assert answer.cost is None
    assert entry.outcome.charge == entry.exchange.worst


def test_fallback_from_one_vendor_to_the_other(share, monkeypatch) -> None:
    monkeypatch.setenv("ECON_OPENAI", KEY)
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    with serving(Wire(lambda n: "529")) as busy, serving(Wire()) as well:
        second = _settings("anthropic", well)
        model = language_model(_settings("openai", busy, fallback=(second,), max_retries=0))
        (answer,) = _ask(model, _question(0, share))
    assert answer.provider == "anthropic" and answer.value.share == 40


def test_calls_are_spread_over_endpoints(share) -> None:
    with serving(Wire(delay=0.05)) as one, serving(Wire(delay=0.05)) as two:
        settings = _settings("openai", one, two).model_copy(
            update={"provider": "openai_compatible"}
        )
        _ask(language_model(settings), *(_question(i, share) for i in range(20)))
    assert abs(len(one.acts) - len(two.acts)) <= 4


def test_a_budget_holds_under_concurrency(vendor, share) -> None:
    """As many calls as the money allows, and not one more."""
    with serving(Wire(delay=0.01)) as wire:
        probe = language_model(_settings(vendor, wire))
        _ask(probe, _question(0, share))
        worst = probe.sink.entries[0].exchange.worst.money
        budget = Budget(money=worst + 6 * ONE)
        model = language_model(_settings(vendor, wire), budget=budget)
        results = _ask(model, *(_question(i, share) for i in range(30)))
    bought = [r for r in results if not isinstance(r, Exception)]
    assert len(bought) == 7 == len(wire.acts) - 1
    assert all(isinstance(r, BudgetSpent) for r in results if isinstance(r, Exception))
    assert model.sink.spent("run").money <= budget.money


def test_web_search_is_typed_as_the_vendor_has_it(vendor, share) -> None:
    """Sources come back with what they say."""
    from wmjax.llm import WebSearch

    cited = {
        "openai": ("responses", _openai_search()),
        "anthropic": ("messages", _anthropic_search()),
    }[vendor][1]
    wire = Wire()
    wire._body = lambda path, act, headers, body: cited  # type: ignore[method-assign]
    request = Request(
        (Message("user", "steel?"),), share, 64, web_search=WebSearch(2, ("example.org",))
    )
    with serving(wire):
        (answer,) = _ask(language_model(_settings(vendor, wire)), request)
    assert answer.sources[0].url == "https://example.org/steel"
    assert answer.sources[0].quote and answer.usage.searches == 1
    (tool,) = wire.seen[0]["tools"]
    assert "example.org" in str(tool) and tool["type"].startswith("web_search")


def _openai_search():
    note = {"type": "url_citation", "url": "https://example.org/steel", "title": "Steel",
            "start_index": 2, "end_index": 17}  # fmt: skip
    text = {"type": "output_text", "text": GOOD, "annotations": [note]}
    return {
        "id": "r", "object": "response", "created_at": 1, "model": "wire-1", "status": "completed",
        "output": [
            {"type": "web_search_call", "id": "w", "status": "completed",
             "action": {"type": "search", "query": "steel"}},
            {"type": "message", "id": "m", "role": "assistant", "status": "completed",
             "content": [text]},
        ],
        "usage": {"input_tokens": 30, "output_tokens": 5, "total_tokens": 35,
                  "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
                  "output_tokens_details": {"reasoning_tokens": 0}},
    }  # fmt: skip


def _anthropic_search():
    note = {"type": "web_search_result_location", "url": "https://example.org/steel",
            "title": "Steel", "cited_text": "40 percent", "encrypted_index": "x"}  # fmt: skip
    return {
        "id": "m", "type": "message", "role": "assistant", "model": "wire-1",
        "content": [
            {"type": "server_tool_use", "id": "s", "name": "web_search", "input": {"query": "x"}},
            {"type": "web_search_tool_result", "tool_use_id": "s", "content": [
                {"type": "web_search_result", "url": "https://example.org/steel", "title": "Steel",
                 "encrypted_content": "y", "page_age": None}]},
            {"type": "text", "text": GOOD, "citations": [note]},
        ],
        "stop_reason": "end_turn", "stop_sequence": None,
        "usage": {"input_tokens": 30, "output_tokens": 5,
                  "server_tool_use": {"web_search_requests": 1, "web_fetch_requests": 0}},
    }  # fmt: skip


def test_statuses_of_the_server_are_those_tested() -> None:
    assert set(STATUSES) == {"429", "500", "529", "401", "400", "404"}
    assert ask("x").schema is None
