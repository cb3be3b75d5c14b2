"""A generation against a real server that fails in three calls of ten."""

from __future__ import annotations

import time
from decimal import Decimal

import pytest

from structure_gen import generate
from tests.llm.server import STATUSES, USAGE, Wire, serving
from tests.structure_gen.wire_author import author, fate
from wmjax.llm import Budget, LLMSettings, Price, language_model, run_async
from wmjax.spec import check_spec
from wmjax.store import RunStore


BRIEF = "How do AI, energy and ageing shape East Asia to 2060?"
PRICE = Price(input=Decimal(1), output=Decimal(1))  # US dollars per million tokens


@pytest.fixture
def store(tmp_path) -> RunStore:
    return RunStore(tmp_path / "runs")


def _model(wire: Wire, run, budget: Budget, *, closed: tuple[str, ...] = ()):
    settings = LLMSettings(
        provider="openai_compatible", model="m", base_urls=(*closed, f"{wire.address}/v1"),
        timeout=20 if closed else 0.4, repairs=1, price=PRICE, max_retries=0 if closed else 2,
    )  # fmt: skip
    return language_model(settings, sink=run.exchanges, budget=budget)


def _generated(store: RunStore, wire: Wire, budget: Budget, closed: tuple[str, ...] = ()):
    with store.start("generate", config={}) as run:
        model = _model(wire, run, budget, closed=closed)
        began = time.monotonic()
        found = generate(BRIEF, llm=model, folder=run.folder)
        took = time.monotonic() - began
        run_async(model.close())
    assert took < 90
    return found, list(store.exchanges(run.id))


def _billed(wire: Wire) -> Decimal:
    """What a vendor would charge for: every request that it answered, or began to."""
    return wire.answered * sum(USAGE) * Decimal(1) / 1_000_000


@pytest.mark.parametrize("seed", [1, *(pytest.param(n, marks=pytest.mark.slow) for n in (2, 3, 4))])
def test_the_spec_is_valid_and_every_call_is_logged_once(store, seed) -> None:
    with serving(Wire(fate=fate(seed), author=author)) as wire:
        found, calls = _generated(store, wire, Budget(money=Decimal(1), calls=400))
    assert not [i for i in check_spec(found.spec) if i.severity == "error"]
    assert found.incomplete and not found.spent
    assert {a for a in wire.acts if a != "ok"}
    assert len(calls) == len({c["id"] for c in calls})
    assert all(c["status"] in ("answered", "failed") for c in calls)
    # A request may be given up before the server has seen it; it never sees one that is not logged.
    assert len(wire.acts) <= sum(1 + c["retries"] for c in calls)
    shares = found.shares
    assert shares.written == shares.kept + shares.repaired + shares.rejected
    (cost,) = store.costs("run")
    assert _billed(wire) <= cost.charge


@pytest.mark.parametrize("seed", [5, pytest.param(6, marks=pytest.mark.slow)])
def test_a_budget_is_never_exceeded(store, seed) -> None:
    budget = Budget(money=Decimal("0.006"))
    with serving(Wire(fate=fate(seed), author=author)) as wire:
        found, _ = _generated(store, wire, budget)
    assert budget.money is not None
    (cost,) = store.costs("run")
    assert _billed(wire) <= cost.charge <= budget.money
    assert found.spent
    assert not [i for i in check_spec(found.spec) if i.severity == "error"]


def test_a_refused_connection_moves_the_call_to_another_address(store) -> None:
    import socket

    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        closed = f"http://127.0.0.1:{held.getsockname()[1]}/v1"
        with serving(Wire(author=author)) as wire:
            found, calls = _generated(store, wire, Budget(calls=400), (closed,))
    assert found.complete
    assert any("connect" in (c["failure"] or "").lower() for c in calls)
    assert all(a not in STATUSES for a in wire.acts)
