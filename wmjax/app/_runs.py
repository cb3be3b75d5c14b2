"""`wmjax runs`: what the store holds."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field

from wmjax._errors import UserError
from wmjax.app._console import table
from wmjax.app._inputs import started_in
from wmjax.app._recorded import open_store, repeat, resume
from wmjax.app._settings import Compute, Count, Text, VerbSettings
from wmjax.store import By, Cost, RunRecord, RunStore


Limit = Annotated[float, Field(gt=0)] | None


class Settings(VerbSettings):
    action: Literal["list", "show", "compare", "export", "costs", "resume", "repeat"]
    names: list[str]
    output: Text | None
    limit: Count
    only: Text | None
    by: By
    status: Literal["running", "done", "failed", "interrupted"] | None
    compute: Compute | None = None
    money: Limit = None
    tokens: Count | None = None
    calls: Count | None = None
    seconds: Limit = None


def run(settings: Settings) -> int:
    store = open_store(settings)
    actions = {
        "list": _list, "show": _show, "compare": _compare, "export": _export, "costs": _costs,
    }  # fmt: skip
    if settings.action == "resume":
        return resume(store, _one(settings), settings.compute, _limits(settings))
    if settings.action == "repeat":
        return repeat(store, _one(settings))
    actions[settings.action](store, settings)
    return 0


def _limits(settings: Settings) -> dict[str, float]:
    stated = {n: getattr(settings, n) for n in ("money", "tokens", "calls", "seconds")}
    return {name: limit for name, limit in stated.items() if limit is not None}


def _one(settings: Settings) -> str:
    if len(settings.names) == 1:
        return settings.names[0]
    found = ", ".join(settings.names) or "no run"
    raise UserError(
        f"wmjax runs {settings.action}", found, "the id of one run", "wmjax runs list shows them"
    )


def _list(store: RunStore, settings: Settings) -> None:
    records = store.list(settings.limit, settings.only, settings.status)
    if not records:
        print(f"no such runs in {store.path}")
        return
    rows = [(r.id, r.status, f"{r.started:%Y-%m-%d %H:%M}", _took(r), _model(r)) for r in records]
    table(str(store.path), ("run", "status", "started", "took", "model"), rows)


def _took(record: RunRecord) -> str:
    if record.finished is None:
        return ""
    seconds = (record.finished - record.started).total_seconds()
    return f"{seconds:.1f} s" if seconds < 100 else f"{seconds / 60:.1f} min"


def _model(record: RunRecord) -> str:
    return str(record.config.get("model") or "")


def _show(store: RunStore, settings: Settings) -> None:
    record = store.get(_one(settings))
    facts: dict[str, Any] = {
        "status": record.status,
        "started": f"{record.started:%Y-%m-%d %H:%M:%S}",
        "took": _took(record),
        "folder": record.folder,
        "started in": started_in(record.folder),
        "again": record.command(),
        "from what it read": f"wmjax runs repeat {record.id}",
        "spec": record.spec_hash,
        "seed": record.seed,
        **{f"code {name}": value for name, value in record.code.items()},
    }
    table(record.id, ("fact", "value"), [(k, str(v)) for k, v in facts.items() if v is not None])
    latest = {m.name: m for m in store.metrics(record.id)}
    if latest:
        rows = [(m.name, m.step, m.value) for m in latest.values()]
        table("metrics, the last of each", ("metric", "step", "value"), rows)
    events = [(f"{e.time:%H:%M:%S}", e.kind, e.message) for e in store.events(record.id)]
    table("events", ("time", "event", "what"), events)
    files = [(str(f.relative_to(record.folder)), f.stat().st_size) for f in record.files]
    table("files", ("file", "bytes"), files)


def _compare(store: RunStore, settings: Settings) -> None:
    if len(settings.names) < 2:
        found = ", ".join(settings.names) or "no run"
        raise UserError("wmjax runs compare", found, "the ids of two runs or more", "runs list")
    ids = [store.get(name).id for name in settings.names]
    rows = [
        (row["kind"], row["name"], *(row.get(i) for i in ids)) for row in store.compare(ids)
    ]
    table("where they differ", ("kind", "name", *ids), [tuple(map(_plain, row)) for row in rows])


def _plain(value: Any) -> Any:
    return value if isinstance(value, int | float | str) or value is None else str(value)


def _export(store: RunStore, settings: Settings) -> None:
    record = store.get(_one(settings))
    path = store.export(record.id, Path(settings.output or f"{record.id}.zip"))
    print(f"written: {path}")


def _costs(store: RunStore, settings: Settings) -> None:
    found = store.costs(settings.by, settings.names)
    if not found:
        print(f"no calls to language models in {store.path}")
        return
    columns = (
        settings.by, "calls", "failed", "unanswered", "reused", "tokens in", "cached", "out",
        "reasoning", "seconds", "US dollars", "unknown",
    )  # fmt: skip
    table(str(store.path), columns, [_cost_row(cost) for cost in found])
    unknown = sum(cost.unknown for cost in found)
    total = sum((cost.cost for cost in found), Decimal(0))
    flag = f", and {unknown} calls of unknown cost" if unknown else ""
    print(f"in all: {sum(cost.calls for cost in found)} calls, ${total:.6f}{flag}")


def _cost_row(cost: Cost) -> tuple[Any, ...]:
    known = None if cost.unknown == cost.calls > 0 else f"{cost.cost:.6f}"
    return (
        cost.name or "(none)", cost.calls, cost.failed, cost.unanswered, cost.reused, cost.input,
        cost.cached, cost.output, cost.reasoning, round(cost.seconds, 1), known, cost.unknown,
    )  # fmt: skip
