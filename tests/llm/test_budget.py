"""At no moment has more been charged than the budget allows, whatever the order of events."""

from __future__ import annotations

import asyncio
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from wmjax._errors import BudgetSpent
from wmjax.llm import Budget, MemorySink, Message, Reply, Request, Unavailable, Usage, scripted
from wmjax.llm._link import Link, Pace
from wmjax.llm._model import Model
from wmjax.llm._prices import Stated
from wmjax.llm._settings import Price


_PRICED = Stated(Price(input=Decimal(1), output=Decimal(2)))
_OUT = 40

CALLS = st.lists(
    st.tuples(
        st.integers(0, 60),  # length of the prompt
        st.integers(0, _OUT),  # tokens of the answer
        st.integers(0, 5),  # turns of the event loop until it comes
        st.sampled_from(["answer", "answer", "answer", "fails", "lost", "silent"]),
    ),
    max_size=25,
)
LIMITS = st.builds(
    Budget,
    money=st.none() | st.decimals(0, "0.002", places=6),
    tokens=st.none() | st.integers(0, 2000),
    calls=st.none() | st.integers(0, 12),
)


@settings(max_examples=60, deadline=None)
@given(calls=CALLS, limit=LIMITS, concurrency=st.integers(1, 12))
def test_the_budget_holds(calls, limit: Budget, concurrency: int) -> None:
    sink, sent, true = MemorySink(), [], Usage()

    async def answer(request: Request):
        nonlocal true
        number = int(request.messages[0].content.split()[0])
        length, out, turns, act = calls[number]
        sent.append(number)
        assert limit.allows(sink.spent("run"))
        for _ in range(turns):
            await asyncio.sleep(0)
        assert limit.allows(sink.spent("run"))
        if act == "fails":
            return Unavailable("down")
        usage = Usage(length, out)
        true += usage
        if act == "lost":
            return Unavailable("lost", lost=1)
        return Reply("yes", usage=None if act == "silent" else usage)

    link = Link(
        [scripted(answer)], pricing=_PRICED, sink=sink, limits={"run": limit},
        pace=Pace(concurrency, None), options={},
    )  # fmt: skip
    model = Model([link], sink=sink, repairs=0, cache="store")

    async def everything():
        requests = [
            Request((Message("user", f"{i} ".ljust(length + 3, "x")),), max_tokens=_OUT)
            for i, (length, *_) in enumerate(calls)
        ]
        return await asyncio.gather(*map(model.complete, requests), return_exceptions=True)

    results = asyncio.run(asyncio.wait_for(everything(), 20))
    spent = sink.spent("run")
    assert limit.allows(spent)
    assert len(sent) == len(set(sent)) == spent.calls == len(sink.entries)
    # What was truly used is within what was charged.
    assert true.total <= spent.tokens
    assert _PRICED.cost(true) <= spent.money
    assert sum(isinstance(r, BudgetSpent) for r in results) == len(calls) - len(sent)
    if limit == Budget():
        assert len(sent) == len(calls)
