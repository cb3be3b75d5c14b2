"""The store of all runs."""

from __future__ import annotations

import contextlib
import itertools
import os
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, final

from wmjax._errors import StoreError
from wmjax.store import _lookup
from wmjax.store._begin import DATABASE, begin, recorded
from wmjax.store._command import words_after_verb
from wmjax.store._compare import compare
from wmjax.store._costs import By, Cost, costs
from wmjax.store._database import Database
from wmjax.store._documents import documents
from wmjax.store._export import export
from wmjax.store._lock import RunLock, acquire, is_held
from wmjax.store._preflight import preflight
from wmjax.store._provenance import code_version, spec_document, spec_hash
from wmjax.store._record import (
    STATUSES,
    Event,
    Metric,
    RunRecord,
    Status,
    event_of,
    metric_of,
    record_of,
)
from wmjax.store._redact import redact, redact_argv
from wmjax.store._run import Run
from wmjax.store._text import exact, plain


@final
class RunStore:
    """The runs under one folder: `path`, else `$WMJAX_HOME`, else `runs` in the working directory.

    Nothing is made on disk before the first run starts. Runs are found by their id, the beginning
    of it, or its random ending. A run whose process is gone is shown as `interrupted`.

    **Raises:** `StoreError` if the folder holds something that is not a run store.
    """

    def __init__(self, path: str | os.PathLike[str] | None = None) -> None:
        chosen = path or os.environ.get("WMJAX_HOME") or "runs"
        self.path = Path(chosen).expanduser().absolute()
        if self._exists():
            with self._database():
                pass

    @contextmanager
    def start(
        self,
        verb: str,
        *,
        config: Mapping[str, Any],
        spec: Any = None,
        seed: Any = None,
        argv: Sequence[str] | None = None,
        parent: str | None = None,
    ) -> Iterator[Run]:
        """Begin a run and record how it ends.

        **Arguments:**

        - `verb`: what is done, such as `calibrate`; part of the id.
        - `config`: the full resolved configuration. Secrets are hidden before it is stored.
        - `spec`: a `ModelSpec` or a mapping; stored as spec.json, with its hash in the record.
        - `seed`: a number or a structure of numbers.
        - `argv`: the command line, with or without the program and the verb.
        - `parent`: the run that this one belongs to.

        An exception marks the run `failed`, Ctrl-C or a spent budget `interrupted`; it goes on
        to the caller.
        """
        document = None if spec is None else spec_document(spec)
        facts = {
            "spec_hash": None if spec is None else spec_hash(document),
            "code": exact(code_version()),
            "config": exact(redact(plain(config, "config"))),
            "seed": exact(plain(seed, "seed")),
            "argv": exact(None if argv is None else redact_argv(words_after_verb(argv, verb))),
            "parent": None if parent is None else self.get(parent).id,
        }
        with recorded(begin(self.path, verb, facts, document)) as run:
            yield run

    @contextmanager
    def resume(self, run_id: str, *, done: bool = False) -> Iterator[Run]:
        """Reopen a run that failed, was interrupted or killed; its id and files stay.

        **Arguments:** `done`: whether a run that is done may be reopened too.

        **Raises:** `StoreError` for a run that is done or that a living process works on.
        """
        record = self.get(run_id)
        lock = self._lock(record)
        # as it stands now that nobody can change it
        if not done and self.get(record.id).status == "done":
            lock.release()
            raise StoreError(
                f"run {record.id}", "it is done", "an unfinished run", f"again: {record.command()}"
            )
        with recorded(Run(record.id, record.folder, self._file, lock)) as run:
            run._set_status("running")
            run.event("resumed", f"was {record.status}")
            yield run

    def list(
        self, limit: int | None = 50, verb: str | None = None, status: Status | None = None
    ) -> Sequence[RunRecord]:
        """The newest runs first, at most `limit` of them, with this verb and status."""
        if status is not None and status not in STATUSES:
            raise StoreError("status", repr(status), "one of " + ", ".join(STATUSES))
        rows = self._read(
            "select * from runs where verb = ifnull(?, verb) order by started desc, id desc",
            (verb,),
        )
        records = map(self._record, rows)
        chosen = (record for record in records if status in (None, record.status))
        return [*itertools.islice(chosen, limit)]

    def get(self, run_id: str) -> RunRecord:
        """The run with this id, or the only one whose id begins with it or ends with `-run_id`.

        **Raises:** `StoreError` that names the nearest runs if there is none or more than one.
        """
        found = _lookup.find(run_id, [row["id"] for row in self._read("select id from runs")])
        return self._record(self._read("select * from runs where id = ?", (found,))[0])

    def metrics(self, run_id: str) -> Sequence[Metric]:
        """The metrics of a run in the order they were recorded."""
        sql = "select * from metrics where run = ? order by id"
        return [metric_of(row) for row in self._read(sql, (self.get(run_id).id,))]

    def events(self, run_id: str) -> Sequence[Event]:
        """The events of a run in the order they happened."""
        sql = "select * from events where run = ? order by id"
        return [event_of(row) for row in self._read(sql, (self.get(run_id).id,))]

    def compare(self, run_ids: Sequence[str]) -> Sequence[dict[str, Any]]:
        """Where runs differ: rows {kind, name, run id: value, ...}.

        `kind` is `record` (verb, seed, spec, code), `config` (dotted path) or `metric` (the last
        value under a name); None stands for what a run lacks.
        """
        records = [self.get(run_id) for run_id in run_ids]
        return compare([(record, self.metrics(record.id)) for record in records])

    def export(self, run_id: str, path: str | os.PathLike[str]) -> Path:
        """Put a run into a new zip: record.json (record, metrics, events, SHA-256 of the files)
        and the files; exchanges.jsonl, if it asked language models, which a replay reads.

        **Raises:** `StoreError` if `path` exists.
        """
        record = self.get(run_id)
        calls = self.exchanges(record.id)
        return export(record, self.metrics(record.id), self.events(record.id), calls, Path(path))

    def costs(self, by: By = "run", run_ids: Sequence[str] = ()) -> Sequence[Cost]:
        """What language models took, per run, session, model, purpose, actor or parameter, the
        dearest first; of these runs, or of all."""
        return costs(self._read, by, [self.get(run_id).id for run_id in run_ids])

    def exchanges(self, run_id: str) -> Iterator[dict[str, Any]]:
        """The calls of a run to language models in the order they were sent, in the types of
        JSON: request, reply, verdict and costs."""
        return documents(self._read, self.get(run_id).id)

    def preflight(self, need_bytes: int = 0) -> None:
        """As the function `preflight`, for the folder of this store."""
        preflight(self.path, need_bytes)

    @property
    def _file(self) -> Path:
        return self.path / DATABASE

    def _exists(self) -> bool:
        return os.path.lexists(self._file) or self.path.exists() and not self.path.is_dir()

    @contextmanager
    def _database(self) -> Iterator[Database]:
        with contextlib.closing(Database(self._file)) as database:
            yield database

    def _read(
        self, sql: str, values: Sequence[Any] | Mapping[str, Any] = ()
    ) -> Sequence[sqlite3.Row]:
        if not self._exists():
            return []
        with self._database() as database:
            return database.read(sql, values)

    def _record(self, row: sqlite3.Row) -> RunRecord:
        status: Status = row["status"]
        if status == "running" and not is_held(self.path / row["id"]):
            # It may have ended properly between the query and the look at its lock.
            status = self._read("select status from runs where id = ?", (row["id"],))[0][0]
            status = "interrupted" if status == "running" else status
        return record_of(row, self.path, status)

    def _lock(self, record: RunRecord) -> RunLock:
        lock = acquire(record.folder) if record.folder.is_dir() else None
        if lock is not None:
            return lock
        gone = not record.folder.is_dir()
        raise StoreError(
            f"run {record.id}",
            "its folder is gone" if gone else f"process {record.pid} works on it",
            f"the folder {record.folder}" if gone else "a run that nobody works on",
            "restore the folder" if gone else "wait for that process or end it",
        )
