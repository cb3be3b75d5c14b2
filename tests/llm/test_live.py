"""The hosted models themselves: `pytest -m live tests/llm` with a key in the environment."""

from __future__ import annotations

import os
import socket
from decimal import Decimal

import pytest

from wmjax.llm import Budget, Message, Request, WebSearch, language_model, run_async


_KEYS = {
    "openai": os.environ.get("OPENAI_API_KEY") or os.environ.get("ECON_OPENAI"),
    "anthropic": os.environ.get("ANTHROPIC_API_KEY"),
}
_CONNECT = socket.socket.connect
_BUDGET = Budget(money=Decimal("0.20"), calls=6)

pytestmark = pytest.mark.live


@pytest.fixture(params=_KEYS)
def model(request, monkeypatch):
    if "live" not in request.config.option.markexpr:
        pytest.skip("talks to the internet and costs money: only with -m live")
    key = _KEYS[request.param]
    if not key:
        pytest.skip(f"no key for {request.param}")
    monkeypatch.setattr(socket.socket, "connect", _CONNECT)
    monkeypatch.setenv(f"{request.param.upper()}_API_KEY", key)
    return language_model(request.param, budget=_BUDGET)


def _ask(model, request: Request):
    async def work():
        async with model:
            return await model.complete(request)

    return run_async(work())


def test_a_hosted_model_answers_in_our_schema(model, share) -> None:
    text = "Give a name and a share in percent, of the largest producer of steel."
    answer = _ask(model, Request((Message("user", text),), share, 2000, purpose="live test"))
    assert 0 <= answer.value.share <= 100
    assert answer.cost is not None and 0 < answer.cost < Decimal("0.05")
    assert answer.usage.input > 0 and answer.usage.output > 0


def test_a_hosted_model_searches_and_cites(model) -> None:
    text = "What was world crude steel production in 2022? Search the web and cite the page."
    request = Request((Message("user", text),), None, 3000, web_search=WebSearch(2))
    answer = _ask(model, request)
    assert answer.sources and answer.sources[0].url.startswith("http")
    assert answer.usage.searches > 0
