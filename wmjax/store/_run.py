"""A run in progress: what its code may record."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, final

from wmjax._errors import BudgetSpent, StoreError
from wmjax.store._costs import costs
from wmjax.store._database import Database
from wmjax.store._files import file_name, replace, write_new, write_text
from wmjax.store._lock import RunLock
from wmjax.store._record import Status
from wmjax.store._redact import redact_text
from wmjax.store._text import now, plain, standard, storable


if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

    from wmjax.store._exchanges import Exchanges

_SLASH = "\N{DIVISION SLASH}"  # NetCDF forbids the ordinary one in names


@final
class Run:
    """A run that `RunStore.start` or `RunStore.resume` opened.

    `id` names it in the store and `folder` is its own; what is saved there appears whole or not
    at all. Each metric and event is committed before the call returns, so that a kill loses none.
    May be used from several threads and from forked workers.
    """

    def __init__(self, run_id: str, folder: Path, database: Path, lock: RunLock) -> None:
        self.id = run_id
        self.folder = folder
        self._database = Database(database)
        self._lock = lock
        self._open = True
        self._exchanges: Exchanges | None = None

    @property
    def exchanges(self) -> Exchanges:
        """Where the calls of this run to language models are logged, counted and found again:
        `wmjax.llm.language_model(..., sink=run.exchanges)`."""
        if not self._open:
            raise self._closed()
        if self._exchanges is None:
            from wmjax.store._exchanges import Exchanges

            self._exchanges = Exchanges(self.id, self._database.path)
        return self._exchanges

    def metric(self, name: str, value: Any, step: int | None = None) -> None:
        """Record a number (a float or an array of no dimensions; NaN and infinities are kept)."""
        self.metrics({name: value}, step)

    def metrics(self, values: Mapping[str, Any], step: int | None = None) -> None:
        """Record several numbers of one step in one commit."""
        time, at = now(), None if step is None else int(step)
        rows = [(self.id, storable(name), at, float(v), time) for name, v in values.items()]
        self._write("insert into metrics (run, name, step, value, time) values (?,?,?,?,?)", rows)

    def event(self, kind: str, message: str = "") -> None:
        """Record something that happened; secrets in the message are hidden."""
        row = (self.id, now(), storable(kind), storable(redact_text(message)))
        self._write("insert into events (run, time, kind, message) values (?,?,?,?)", [row])

    def save_dataset(self, name: str, dataset: xr.Dataset) -> Path:
        """Store a dataset as compressed NetCDF, `name`.nc.

        A slash in the name of a variable becomes a division slash; `long_name` keeps the original.

        **Raises:** `StoreError` if other contents are stored under the name.
        """
        path = self._path(name, ".nc")
        packed = _without_slashes(dataset)
        encoding = {
            v: {"zlib": True, "complevel": 4, "shuffle": True}
            for v, array in packed.variables.items()
            if array.ndim and array.dtype.kind in "iufb"
        }
        write_new(path, lambda p: packed.to_netcdf(p, engine="h5netcdf", encoding=encoding))
        return path

    def save_json(self, name: str, value: Any) -> Path:
        """Store a value as `name`.json; NaN and infinities, which JSON lacks, become null.

        **Raises:** `StoreError` for a value without JSON form or a name that is taken.
        """
        path = self._path(name, ".json")
        write_text(path, standard(plain(value, path.name)))
        return path

    def save_file(self, name: str, suffix: str, write: Callable[[Path], object]) -> Path:
        """Let `write` fill a file at the path it is given, which is then stored as `name` with the
        suffix.

        **Raises:** `StoreError` if other contents are stored under the name.
        """
        path = self._path(name, suffix)
        write_new(path, write)
        return path

    def save_table(self, name: str, table: pd.DataFrame) -> Path:
        """Store a table with its index as `name`.csv, numbers in full double precision.

        **Raises:** `StoreError` if other contents are stored under the name.
        """
        path = self._path(name, ".csv")
        write_text(path, table.to_csv(lineterminator="\n"))
        return path

    def checkpoint_path(self, name: str) -> Path:
        """Where the checkpoint `name` lies, whether or not it has been written yet."""
        path = self.folder / "checkpoints" / file_name(name)
        path.parent.mkdir(exist_ok=True)
        return path

    def save_checkpoint(self, name: str, write: Callable[[Path], object]) -> Path:
        """Let `write` fill a file at the path it is given, which then replaces the last one."""
        path = self.checkpoint_path(name)
        replace(path, write)
        return path

    def _path(self, name: str, suffix: str) -> Path:
        return self.folder / file_name(name, suffix)

    def _write(self, sql: str, rows: list[tuple[Any, ...]]) -> None:
        if not self._open:
            raise self._closed()
        self._database.write(sql, rows)

    def _closed(self) -> StoreError:
        return StoreError(
            f"run {self.id}", "it is closed", "a run in progress", "use it inside its `with`"
        )

    def _set_status(self, status: Status) -> None:
        finished = None if status == "running" else now()
        self._write(
            "update runs set status = ?, finished = ?, pid = ? where id = ?",
            [(status, finished, os.getpid(), self.id)],
        )

    def _close(self, error: BaseException | None) -> None:
        """Record how the run ended and let go of it, even if the record cannot be written."""
        try:
            self._end_exchanges()
            status = outcome(error)
            if error is not None and status != "done":
                self.event(status, f"{type(error).__name__}: {error}")
            self._set_status(status)
        finally:
            self._open = False
            self._database.close()
            self._lock.release()

    def _end_exchanges(self) -> None:
        """A run that asked language models ends with what they took."""
        if self._exchanges is None:
            return
        self._exchanges.close()
        for total in costs(self._database.read, "run", (self.id,)):
            self.event("language models", str(total))


def outcome(error: BaseException | None) -> Status:
    """How a run ended. Out of budget is interrupted, for such a job can be resumed."""
    if error is None or isinstance(error, SystemExit) and error.code in (None, 0):
        return "done"
    return "interrupted" if isinstance(error, (KeyboardInterrupt, BudgetSpent)) else "failed"


def _without_slashes(dataset: xr.Dataset) -> xr.Dataset:
    slashed = [name for name in (*dataset.variables, *dataset.dims) if "/" in str(name)]
    renamed = dataset.copy()
    for name in slashed:
        if name in renamed.variables:
            renamed[name].attrs.setdefault("long_name", str(name))
    return renamed.rename({name: str(name).replace("/", _SLASH) for name in slashed})
