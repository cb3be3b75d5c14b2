"""Calls to language models in the store: log, cache, ledger, costs, export, old databases."""

from __future__ import annotations

import asyncio
import json
import shutil
import sqlite3
import subprocess
import sys
import zipfile
from decimal import Decimal
from pathlib import Path

import pydantic
import pytest

from wmjax._errors import BudgetSpent, StoreError, UserError
from wmjax.llm import (
    Budget,
    Message,
    NotRecorded,
    Refused,
    Reply,
    Request,
    Usage,
    language_model,
    replay,
    run_async,
    scripted,
)
from wmjax.llm._link import Link, Pace
from wmjax.llm._model import Model
from wmjax.llm._prices import Stated
from wmjax.llm._settings import Price
from wmjax.store import RunStore
from wmjax.store._schema import MIGRATIONS


PRICED = Stated(Price(input=Decimal(1), output=Decimal(2)))


class Share(pydantic.BaseModel):
    name: str
    share: int


@pytest.fixture
def store(tmp_path: Path) -> RunStore:
    return RunStore(tmp_path / "runs")


def _question(text: str, **more) -> Request:
    return Request((Message("user", text),), max_tokens=50, **more)


def _ask(model, text: str = "q", **more):
    return run_async(model.complete(_question(text, **more)))


def _priced(sink, script, **limits) -> Model:
    link = Link([scripted(script)], pricing=PRICED, sink=sink, limits=limits, pace=Pace(8, None),
                options={})  # fmt: skip
    return Model([link], sink=sink, repairs=1, cache="store")


def test_an_exchange_is_stored_whole(store: RunStore) -> None:
    good = '{"name": "steel", "share": 4}'
    replies = [Reply("{}", usage=Usage(9, 1)), Reply(good, "end", Usage(20, 7, 5, 2, 3), "m-1")]
    with store.start("generate", config={}) as run:
        model = _priced(run.exchanges, replies)
        _ask(model, schema=Share, purpose="parameters", actor="China", parameter="gdp", sample=2)
    first, second = store.exchanges(run.id)
    assert (first["verdict"], second["verdict"]) == ("invalid", "valid")
    assert any("name" in error for error in first["errors"])
    assert (first["attempt"], second["attempt"]) == (1, 2)
    assert second["messages"][0] == {"role": "user", "content": "q"}
    assert len(second["messages"]) == 3 and second["schema"]["required"] == ["name", "share"]
    assert (second["purpose"], second["actor"], second["parameter"], second["sample"]) == (
        "parameters", "China", "gdp", 2,
    )  # fmt: skip
    reply = second["reply"]
    assert reply["text"] == good and reply["model"] == "m-1"
    names = ("input", "output", "cached", "cache_written", "reasoning")
    assert [reply["usage"][k] for k in names] == [20, 7, 5, 2, 3]
    assert Decimal(second["cost"]) == (20 + 2 * 7) / Decimal(1_000_000)
    assert second["latency"] > 0 and second["status"] == "answered"


def test_an_answer_is_on_disk_before_it_is_judged(store: RunStore) -> None:
    """Seen from another connection at the moment of judging, and of sending."""
    seen = []

    def rows():
        with sqlite3.connect(store.path / "wmjax.db") as connection:
            return connection.execute("select status, text, verdict from llm_calls").fetchall()

    class Watched(pydantic.BaseModel):
        name: str

        @pydantic.model_validator(mode="after")
        def _look(self):
            seen.append(rows())
            return self

    def script(request):
        seen.append(rows())
        return '{"name": "a"}'

    with store.start("generate", config={}) as run:
        _ask(language_model(scripted(script), sink=run.exchanges), schema=Watched)
    assert seen == [[("sent", None, None)], [("answered", '{"name": "a"}', None)]]


def test_failures_are_rows_too(store: RunStore) -> None:
    with store.start("generate", config={}) as run:
        model = _priced(run.exchanges, [Reply("no", "refusal", Usage(5, 1)), ValueError("a bug")])
        with pytest.raises(Refused):
            _ask(model, "a")
        with pytest.raises(ValueError, match="a bug"):
            _ask(model, "b")
    refused, broken = store.exchanges(run.id)
    assert (refused["status"], refused["verdict"]) == ("answered", "refused")
    assert broken["status"] == "failed" and "a bug" in broken["failure"]
    assert broken["cost"] is None  # who knows what it took


def test_runs_share_what_is_stored_and_each_log_is_complete(store: RunStore, tmp_path) -> None:
    with store.start("generate", config={}) as one:
        _ask(_priced(one.exchanges, ["yes"]), actor="China")
    with store.start("generate", config={}) as two:
        model = _priced(two.exchanges, [])
        answer = _ask(model)
        assert answer.cached and answer.text == "yes"
        _ask(model)
    (copy,) = store.exchanges(two.id)
    assert copy["origin"] == next(iter(store.exchanges(one.id)))["id"]
    assert copy["reply"]["text"] == "yes" and copy["cost"] == "0"
    (cost,) = store.costs("run", [two.id])
    assert (cost.calls, cost.reused, cost.cost, cost.input) == (0, 1, 0, 0)
    path = store.export(two.id, tmp_path / "two.zip")
    assert _ask(language_model(replay(path))).text == "yes"


def test_an_own_run_only_cache_buys_what_others_have(store: RunStore) -> None:
    for text in ("first", "second"):
        with store.start("generate", config={}) as run:
            settings = language_model(scripted([text]), sink=run.exchanges)
            model = Model(settings._links, sink=run.exchanges, repairs=0, cache="run")
            assert _ask(model).text == text
            assert _ask(model).cached


def test_a_replay_needs_no_more_than_the_export(store: RunStore, tmp_path: Path) -> None:
    with store.start("generate", config={}) as run:
        _ask(_priced(run.exchanges, ["{}", '{"name": "a", "share": 1}']), schema=Share)
    path = store.export(run.id, tmp_path / "run.zip")
    with zipfile.ZipFile(path) as archive:
        lines = archive.read(f"{run.id}/exchanges.jsonl")
    (tmp_path / "exchanges.jsonl").write_bytes(lines)
    for source in (path, tmp_path / "exchanges.jsonl"):
        model = language_model({"provider": "replay", "path": str(source)})
        assert _ask(model, schema=Share).value.share == 1
        with pytest.raises(NotRecorded, match="no answer is recorded"):
            _ask(model, "something else")
    (tmp_path / "broken.jsonl").write_text('{"question": "x"}\n')
    with pytest.raises(UserError, match="line 1"):
        language_model({"provider": "replay", "path": str(tmp_path / "broken.jsonl")})
    with pytest.raises(UserError, match=r"llm\.path"):
        language_model({"provider": "replay", "path": str(tmp_path / "none.zip")})


def test_a_budget_counts_over_resumptions_and_sessions(store: RunStore, monkeypatch) -> None:
    limit = {"run": Budget(calls=2)}
    with pytest.raises(BudgetSpent, match="of the run"), store.start("g", config={}) as run:
        model = _priced(run.exchanges, ["a", "b", "c"], **limit)
        for text in "123":
            _ask(model, text)
    assert store.get(run.id).status == "interrupted"
    with store.resume(run.id) as again:
        model = _priced(again.exchanges, ["never"], **limit)
        assert [_ask(model, text).cached for text in "12"] == [True, True]
        with pytest.raises(BudgetSpent):
            _ask(model, "3")
    with store.start("g", config={}) as other:
        assert _ask(_priced(other.exchanges, ["d"], **limit), "4").text == "d"
        with pytest.raises(BudgetSpent, match="of the session"):
            _ask(_priced(other.exchanges, ["e"], session=Budget(calls=3)), "5")


def test_costs_are_broken_down(store: RunStore) -> None:
    with store.start("generate", config={}) as run:
        model = _priced(run.exchanges, lambda r: Reply("x", usage=Usage(100, 10)))
        for i, (purpose, actor) in enumerate([("a", "China"), ("a", "EU"), ("b", "EU")]):
            _ask(model, str(i), purpose=purpose, actor=actor)
        unknown = language_model(_Stranger(), sink=run.exchanges)
        _ask(unknown, "who are you?", actor="EU")
    each = Decimal(120) / 1_000_000
    actors = {c.name: c for c in store.costs("actor")}
    assert actors["China"].cost == each and actors["EU"].cost == 2 * each
    assert (actors["EU"].calls, actors["EU"].unknown) == (3, 1)
    assert {c.name: c.calls for c in store.costs("purpose")} == {"a": 2, "b": 1, "": 1}
    models = {c.name: c for c in store.costs("model")}
    assert models["stranger:s-1"].cost == 0 and models["stranger:s-1"].unknown == 1
    assert [c.name for c in store.costs("run")] == [run.id]
    assert len(store.costs("session")) == 1 and store.costs("parameter")[0].calls == 4
    (event,) = [e for e in store.events(run.id) if e.kind == "language models"]
    assert "4 calls" in event.message and "1 calls of unknown cost" in event.message
    with pytest.raises(StoreError, match="one of run, session"):
        store.costs("run; drop table llm_calls")  # type: ignore[arg-type]


class _Stranger:
    name, model = "stranger", "s-1"

    async def send(self, request: Request) -> Reply:
        return Reply("hello", usage=Usage(1, 1))


def test_secrets_reach_no_file(store: RunStore, tmp_path, monkeypatch) -> None:
    """A key of a .env file that a model repeats, and one that only looks like one."""
    from wmjax.llm._keys import find_key

    key, other = "my-very-own-key-of-no-known-form", "sk-proj-" + "a1" * 20
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text(f'# mine\nexport SOME_KEY="{key}"\n')
    assert find_key(["OTHER_KEY", "SOME_KEY"]) == key
    with store.start("generate", config={}) as run:
        model = _priced(run.exchanges, [f"your key is {key} or {other}", ValueError(key)])
        _ask(model, f"I say {other}", actor=key)
        with pytest.raises(ValueError, match="own-key"):
            _ask(model, "again")
        run.event("said", f"{key} {other}")
    store.export(run.id, tmp_path / "out.zip")
    with zipfile.ZipFile(tmp_path / "out.zip") as archive:
        texts = [archive.read(name) for name in archive.namelist()]
    texts += [f.read_bytes() for f in store.path.rglob("*") if f.is_file()]
    assert not any(secret.encode() in text for secret in (key, other) for text in texts)
    assert b"your key is *** or ***" in b"".join(texts)


def test_prompts_are_data_to_the_database(store: RunStore) -> None:
    nasty = "'); drop table llm_calls; -- \x00 \ud800 {{7*7}} <script>"
    with store.start("generate", config={}) as run:
        answer = _ask(_priced(run.exchanges, [nasty]), nasty, actor=nasty, purpose=nasty)
        assert answer.text == nasty
    (row,) = store.exchanges(run.id)
    assert "drop table" in row["actor"] and "drop table" in row["messages"][0]["content"]


def test_many_tasks_and_threads_write_at_once(store: RunStore) -> None:
    with store.start("generate", config={}) as run:
        model = _priced(run.exchanges, lambda r: Reply("x", usage=Usage(1, 1)))

        async def many():
            return await asyncio.gather(
                *(model.complete(_question(str(i))) for i in range(300))
            )

        assert len(run_async(many())) == 300
        assert run.exchanges.spent("run").calls == 300
    assert len([*store.exchanges(run.id)]) == 300
    assert all(e["verdict"] == "valid" for e in store.exchanges(run.id))


_KILLED = """
import asyncio, os, signal, sys
from wmjax.llm import Message, Request, language_model, run_async, scripted
from wmjax.store import RunStore

def script(request):
    text = request.messages[0].content
    with open("bought.txt", "a") as file:
        print(text, file=file)
    if text == "7":
        os.kill(os.getpid(), signal.SIGKILL)
    return "answer to " + text

store = RunStore("runs")
with store.start("generate", config={}) as run:
    print(run.id, flush=True)
    model = language_model(scripted(script), sink=run.exchanges)
    for i in range(10):
        run_async(model.complete(Request((Message("user", str(i)),), max_tokens=50)))
"""


def test_after_a_kill_nothing_answered_is_bought_again(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _KILLED], cwd=tmp_path, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == -9, done.stderr
    run_id = done.stdout.strip()
    store = RunStore(tmp_path / "runs")
    assert store.get(run_id).status == "interrupted"
    before = list(store.exchanges(run_id))
    assert [e["status"] for e in before] == ["answered"] * 7 + ["sent"]
    (cost,) = store.costs("run", [run_id])
    assert cost.unanswered == 1
    bought = []
    with store.resume(run_id) as run:
        spent = run.exchanges.spent("run")
        assert spent.calls == 8 and spent.tokens > 7 * 1 + 50  # the one in flight at its worst
        model = language_model(
            scripted(lambda r: bought.append(r) or "now"), sink=run.exchanges
        )
        texts = [_ask(model, str(i)).text for i in range(10)]
    assert texts == [f"answer to {i}" for i in range(7)] + ["now"] * 3
    assert len(bought) == 3


def test_a_store_of_the_first_schema_is_brought_up_to_date(store: RunStore, tmp_path) -> None:
    old = tmp_path / "old"
    old.mkdir()
    first = MIGRATIONS[0]
    with sqlite3.connect(old / "wmjax.db") as connection:
        connection.execute(f"pragma application_id = {0x776D6A78}")
        connection.execute(
            "create table migrations"
            " (number integer primary key, name text not null, applied text not null)"
        )
        for statement in first.statements:
            connection.execute(statement)
        connection.execute("insert into migrations values (1, ?, 'then')", (first.name,))
        connection.execute(
            "insert into runs values ('20260101-run-abc', 'run', 'done', '2026-01-01T00:00:00',"
            " null, 1, null, '{}', '{}', 'null', 'null', null)"
        )
    connection.close()
    shutil.copytree(old, tmp_path / "new")
    upgraded = RunStore(tmp_path / "new")
    assert upgraded.get("20260101-run-abc").verb == "run"
    with upgraded.start("generate", config={}) as run:
        _ask(_priced(run.exchanges, ["yes"]))
    assert len(upgraded.list()) == 2 and len([*upgraded.exchanges(run.id)]) == 1


def test_json_of_an_exchange_is_json(store: RunStore) -> None:
    with store.start("generate", config={}) as run:
        _ask(_priced(run.exchanges, ["yes"]))
    assert json.loads(json.dumps([*store.exchanges(run.id)]))[0]["reply"]["text"] == "yes"
