"""What the store knows of one run."""

from __future__ import annotations

import datetime
import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, final, get_args

from wmjax.store._command import repeat
from wmjax.store._files import stored_files


Status = Literal["running", "done", "failed", "interrupted"]
STATUSES: tuple[str, ...] = get_args(Status)


@final
@dataclass(frozen=True)
class RunRecord:
    """One run as it was started, and how it ended.

    `config` is the full resolved configuration with secrets hidden; `seed` what `start` was given;
    `argv` the words after the verb, or None for a run that no command line started; `code` the
    versions (wmjax, python, jax, numpy, ..., `commit`, `dirty`); `pid` the process that worked on
    it last; `parent` the id of the run it belongs to.
    """

    id: str
    verb: str
    status: Status
    started: datetime.datetime
    finished: datetime.datetime | None
    folder: Path
    pid: int
    spec_hash: str | None
    code: Mapping[str, Any]
    config: Mapping[str, Any]
    seed: Any
    argv: tuple[str, ...] | None
    parent: str | None

    @property
    def spec_path(self) -> Path:
        """Where the spec of the run lies (there is none if `spec_hash` is None)."""
        return self.folder / "spec.json"

    @property
    def files(self) -> tuple[Path, ...]:
        """Everything stored in the folder of the run, sorted."""
        return stored_files(self.folder)

    def command(self, *overrides: str) -> str:
        """The command line that repeats the run, quoted for a POSIX shell.

        `overrides` such as `f"model={record.spec_path}"` take the place of the words for the same
        key. Hidden secrets are left out: the repeated run takes them from its own environment.
        """
        return repeat(self.verb, self.argv, self.config, overrides)

    def to_dict(self) -> dict[str, Any]:
        """The record in the types of JSON; without the folder, which belongs to a machine."""
        return {
            "id": self.id,
            "verb": self.verb,
            "status": self.status,
            "started": self.started.isoformat(),
            "finished": self.finished.isoformat() if self.finished else None,
            "spec_hash": self.spec_hash,
            "code": dict(self.code),
            "config": dict(self.config),
            "seed": self.seed,
            "argv": None if self.argv is None else list(self.argv),
            "parent": self.parent,
            "command": self.command(),
        }


@final
@dataclass(frozen=True)
class Metric:
    """A number that a run reported: its name, the step (or None), the value (may be NaN)."""

    name: str
    step: int | None
    value: float
    time: datetime.datetime


@final
@dataclass(frozen=True)
class Event:
    """Something that happened during a run, such as `started`, `failed` or `resumed`."""

    time: datetime.datetime
    kind: str
    message: str


def record_of(row: sqlite3.Row, home: Path, status: Status) -> RunRecord:
    argv = json.loads(row["argv"])
    return RunRecord(
        id=row["id"],
        verb=row["verb"],
        status=status,
        started=_time(row["started"]),
        finished=_time(row["finished"]) if row["finished"] else None,
        folder=home / row["id"],
        pid=row["pid"],
        spec_hash=row["spec_hash"],
        code=json.loads(row["code"]),
        config=json.loads(row["config"]),
        seed=json.loads(row["seed"]),
        argv=None if argv is None else tuple(argv),
        parent=row["parent"],
    )


def metric_of(row: sqlite3.Row) -> Metric:
    value = float("nan") if row["value"] is None else row["value"]  # SQLite keeps NaN as null
    return Metric(row["name"], row["step"], value, _time(row["time"]))


def event_of(row: sqlite3.Row) -> Event:
    return Event(_time(row["time"]), row["kind"], row["message"])


def _time(text: str) -> datetime.datetime:
    return datetime.datetime.fromisoformat(text)
