"""Validation, repair, fallback, cache, pace: each link of the chain on its own."""

from __future__ import annotations

import asyncio
import time
from decimal import Decimal

import pytest

from wmjax._errors import BudgetSpent, UserError
from wmjax._resources import resource_dir
from wmjax.llm import (
    Budget,
    Empty,
    Invalid,
    LLMSettings,
    MemorySink,
    Message,
    NotRecorded,
    Price,
    Refused,
    Reply,
    Request,
    Truncated,
    Unavailable,
    Usage,
    ask,
    language_model,
    providers,
    replay,
    run_async,
    scripted,
)
from wmjax.llm._link import Link, Pace
from wmjax.llm._model import Model
from wmjax.llm._prices import FREE, Stated
from wmjax.llm._settings import settings_of


GOOD = '{"name": "steel", "share": 40}'


def _ask(model, text="how much?", **more):
    return run_async(model.complete(Request((Message("user", text),), **more)))


def test_a_valid_answer_is_validated_by_our_type(share) -> None:
    answer = _ask(language_model(scripted([GOOD])), schema=share)
    assert answer.value == share(name="steel", share=40)
    assert answer.attempts == 1 and not answer.cached and answer.cost == 0


@pytest.mark.parametrize("text", [f"Sure:\n```json\n{GOOD}\n```", f"{{or so}} {GOOD} }}"])
def test_prose_around_an_object_does_no_harm(share, text) -> None:
    answer = _ask(language_model(scripted([text])), schema=share)
    assert answer.value.share == 40 and answer.attempts == 1


def test_errors_go_back_to_the_model_with_their_places(share) -> None:
    asked = []

    def script(request):
        asked.append(request.messages)
        return ['{"name": 7, "share": 140}', GOOD][len(asked) - 1]

    answer = _ask(language_model(scripted(script)), schema=share)
    assert answer.attempts == 2
    first, second = asked
    assert second[: len(first)] == first
    assert second[-2].role == "assistant" and "140" in second[-2].content
    assert "name" in second[-1].content and "share" in second[-1].content
    assert "100" in second[-1].content


def test_a_list_of_ten_thousand_errors_goes_back_short(share) -> None:
    asked = []

    def script(request):
        asked.append(request)
        return '{"name": "a", "share": [' + ",".join(["1"] * 10_000) + "]}"

    model = language_model(scripted(script), repairs=1)
    with pytest.raises(Invalid):
        _ask(model, schema=share)
    assert sum(len(m.content) for m in asked[1].messages) < 10_000


@pytest.mark.parametrize(
    ("reply", "failure"),
    [
        (Reply("no, sorry", "refusal"), Refused),
        (Reply('{"name": "st', "length"), Truncated),
        (Reply("  \n"), Empty),
        (Reply('{"name": "steel"}'), Invalid),
        (Reply("[" * 100_000), Invalid),
        (Reply('{"a":' * 100_000), Invalid),
    ],
)
def test_failures_have_names_and_stand_in_the_log(share, reply, failure) -> None:
    sink = MemorySink()
    with pytest.raises(failure) as raised:
        _ask(language_model(scripted([reply] * 3), sink=sink, repairs=1), schema=share)
    assert raised.value.exchange == sink.entries[-1].exchange.id
    assert sink.entries[-1].verdict == failure.__name__.lower()
    assert len(sink.entries) == (1 if failure is Refused else 2)
    assert sink.entries[-1].outcome.reply.text == reply.text


def _links(sink, *scripts):
    return [
        Link([scripted(s, f"m{i}")], pricing=FREE, sink=sink, limits={}, pace=Pace(8, None),
             options={})
        for i, s in enumerate(scripts)
    ]  # fmt: skip


def test_fallback_asks_in_order_and_only_when_one_is_not_available(share) -> None:
    sink = MemorySink()
    down = [Unavailable("down")]
    model = Model(_links(sink, down, [GOOD]), sink=sink, repairs=0, cache="store")
    answer = _ask(model, schema=share)
    assert answer.model == "m1"
    assert [e.outcome.failure for e in sink.entries] == ["Unavailable: down", ""]
    refusing = [Reply("no", "refusal")]
    model = Model(_links(MemorySink(), refusing, [GOOD]), sink=sink, repairs=0, cache="store")
    with pytest.raises(Refused):
        _ask(model, text="other", schema=share)


def test_a_stored_answer_is_not_bought_again_from_whichever_model_it_came(share) -> None:
    sink = MemorySink()
    first = Model(_links(sink, [Unavailable("down")], [GOOD]), sink=sink, repairs=0, cache="store")
    _ask(first, schema=share)
    again = Model(_links(sink, [GOOD], []), sink=sink, repairs=0, cache="store")
    answer = _ask(again, schema=share)
    assert answer.cached and answer.cost == 0 and len(sink.entries) == 2


def test_invalid_answers_are_stored_too_so_that_a_repair_replays(share) -> None:
    sink = MemorySink()
    bad = '{"name": "steel", "share": -1}'
    _ask(language_model(scripted([bad, GOOD]), sink=sink), schema=share)
    answer = _ask(language_model(scripted([]), sink=sink), schema=share)
    assert answer.cached and answer.value.share == 40
    other = language_model(replay(sink), sink=MemorySink())
    assert _ask(other, schema=share).value.share == 40
    with pytest.raises(NotRecorded):
        _ask(other, text="something else")


def test_what_failed_in_another_run_is_asked_again_and_an_answer_is_kept(share) -> None:
    sink = MemorySink()
    for bad, name in ((Reply("no", "refusal"), Refused), (Reply("", "length"), Truncated),
                      (Reply(""), Empty), ("{}", Invalid)):  # fmt: skip
        text = name.__name__
        ill = language_model(scripted([bad]), sink=sink, repairs=0)
        for _ in "12":  # the same object does not ask twice
            with pytest.raises(name):
                _ask(ill, text=text, schema=share)
        healed = language_model(scripted([GOOD]), sink=sink, repairs=0)
        assert not _ask(healed, text=text, schema=share).cached
        later = language_model(scripted([]), sink=sink, repairs=0)
        assert _ask(later, text=text, schema=share).cached


def test_a_live_failure_is_no_reason_to_ask_twice(share) -> None:
    sink = MemorySink()
    with pytest.raises(Unavailable):
        _ask(language_model(scripted([Unavailable("down"), GOOD]), sink=sink), schema=share)
    assert len(sink.entries) == 1


def test_the_same_name_at_another_address_or_of_another_file_is_another_model(tmp_path) -> None:
    sink, paths = MemorySink(), [tmp_path / "a.json", tmp_path / "b.json"]
    for path in paths:
        path.write_text(f'["{path.stem}"]')
        model = language_model({"provider": "scripted", "path": str(path)}, sink=sink)
        assert _ask(model).text == path.stem
    keys = [
        language_model({"provider": "openai_compatible", "model": "m", "base_urls": urls})
        ._links[0].key("q")
        for urls in (["http://a/v1"], ["http://b/v1"], ["http://a/v1", "http://b/v1"],
                     ["http://b/v1", "http://a/v1"])
    ]  # fmt: skip
    assert len(set(keys)) == 3 and keys[2] == keys[3]


def test_what_makes_another_question_and_what_does_not() -> None:
    sink = MemorySink()
    model = language_model(scripted(lambda r: f"answer {r.sample}"), sink=sink)
    _ask(model)
    assert _ask(model, actor="China", purpose="p", parameter="gdp").cached
    for change in ({"sample": 1}, {"max_tokens": 5}, {"text": "else"}):
        assert not _ask(model, **change).cached
    assert not _ask(language_model(scripted(["x"], "another"), sink=sink)).cached


def test_equal_questions_at_once_are_one_call() -> None:
    calls = []

    async def slow(request):
        calls.append(request)
        await asyncio.sleep(0.05)
        return "yes"

    model = language_model(scripted(slow))

    async def many():
        return await asyncio.gather(*(model.complete(ask("same")) for _ in range(20)))

    answers = run_async(many())
    assert len(calls) == 1 and sum(a.cached for a in answers) == 19


def test_concurrency_and_rate_are_bounded() -> None:
    busy = most = 0

    async def slow(request):
        nonlocal busy, most
        busy += 1
        most = max(most, busy)
        await asyncio.sleep(0.02)
        busy -= 1
        return "yes"

    model = language_model(scripted(slow), concurrency=3)

    async def many(model, n):
        await asyncio.gather(*(model.complete(ask(f"q{i}")) for i in range(n)))

    run_async(many(model, 12))
    assert most == 3
    paced = language_model(scripted(lambda r: "yes"), rate=50)
    began = time.monotonic()
    run_async(many(paced, 11))
    assert time.monotonic() - began > 0.18  # ten waits of 20 ms


def test_calls_go_to_the_least_busy_endpoint_and_round_a_dead_one() -> None:
    sink, asked = MemorySink(), []

    def endpoint(name, wait, fails=False):
        async def answer(request):
            asked.append(name)
            await asyncio.sleep(wait)
            return Unavailable("down") if fails else "yes"

        return scripted(answer, "same")

    ends = [endpoint("slow", 0.2), endpoint("quick", 0.01), endpoint("dead", 0.0, fails=True)]
    link = Link(ends, pricing=FREE, sink=sink, limits={}, pace=Pace(4, None), options={})
    model = Model([link], sink=sink, repairs=0, cache="store")

    async def many():
        return await asyncio.gather(*(model.complete(ask(f"q{i}")) for i in range(24)))

    assert len(run_async(many())) == 24
    assert asked.count("quick") > 2 * asked.count("slow") > 0


@pytest.mark.parametrize(
    "usage",
    [Usage(-500, 10), Usage(5, -10), Usage(10, 10, cached=20), Usage(10**30, 1), Usage("9", 1)],
)
def test_no_answer_raises_a_budget(usage) -> None:
    """Usage that cannot be true counts as the worst case."""
    sink = MemorySink()
    model = language_model(scripted([Reply("yes", usage=usage)]), sink=sink)
    _ask(model, max_tokens=100)
    assert sink.spent("run").tokens >= 100 + len("how much?")


def test_a_budget_in_money_refuses_a_model_of_unknown_price() -> None:
    settings = LLMSettings(provider="openai_compatible", model="m", base_urls=("http://x/v1",))
    with pytest.raises(UserError, match="llm.price"):
        language_model(settings, budget=Budget(money=Decimal(1)))
    priced = settings.model_copy(update={"price": Price(input=Decimal(1), output=Decimal(2))})
    assert language_model(priced, budget=Budget(money=Decimal(1))).name == "openai_compatible:m"


def test_cost_follows_the_stated_price() -> None:
    price = Price(input=Decimal("0.5"), output=Decimal(2), cached=Decimal("0.1"))
    cost = Stated(price).cost(Usage(1_000_000, 500_000, cached=400_000, searches=2))
    assert cost == Decimal("0.3") + Decimal("0.04") + Decimal(1) + Decimal("0.02")


def test_names_that_do_not_exist_and_settings_that_lack_something() -> None:
    with pytest.raises(UserError, match="anthropic"):
        language_model("antropic")
    with pytest.raises(UserError, match="base_urls"):
        language_model("openai_compatible:some-model")
    with pytest.raises(UserError, match="OPENAI_API_KEY or ECON_OPENAI"):
        language_model("openai")
    with pytest.raises(UserError, match="ANTHROPIC_API_KEY"):
        language_model("anthropic")
    with pytest.raises(UserError, match="concurrency"):
        language_model({"provider": "scripted", "concurrency": 0})
    ours = {"anthropic", "local", "openai", "openai_compatible", "replay", "scripted"}
    assert ours <= set(providers())


def test_run_async_within_a_running_loop_as_in_a_notebook() -> None:
    model = language_model(scripted(["yes", "no"]))

    async def cell():
        return run_async(model.complete(ask("a"))).text

    assert asyncio.run(cell()) == "yes"
    with pytest.raises(RuntimeError, match="await"):
        run_async(cell())


def test_a_script_that_ends_and_a_budget_of_calls() -> None:
    with pytest.raises(Empty):
        _ask(language_model(scripted([])))
    model = language_model(scripted(["a", "b"]), budget=Budget(calls=1))
    _ask(model, text="1")
    with pytest.raises(BudgetSpent, match="1 calls"):
        _ask(model, text="2")
    assert _ask(model, text="1").cached  # what is stored costs nothing


def test_every_shipped_configuration_is_one() -> None:
    names = {f.stem for f in (resource_dir("conf") / "llm").glob("*.yaml")} - {"none", "custom"}
    for name in names:
        assert settings_of(name).provider in providers()
        assert settings_of(f"{name}:other").model == "other"
