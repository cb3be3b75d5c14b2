"""A connection to `wmjax.db` that explains itself when something is wrong."""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar, final

from wmjax._errors import StoreError
from wmjax.store._migrate import migrate


T = TypeVar("T")

_MAGIC = b"SQLite format 3\0"
_BUSY_SECONDS = 60.0

_HINTS = {
    sqlite3.SQLITE_BUSY: "another process holds the database; wait for it or end it",
    sqlite3.SQLITE_FULL: "free some space and start again",
    sqlite3.SQLITE_READONLY: "make the folder writable, or set WMJAX_HOME=FOLDER",
    sqlite3.SQLITE_CANTOPEN: "make the folder writable, or set WMJAX_HOME=FOLDER",
    sqlite3.SQLITE_NOTADB: "move the file away, or set WMJAX_HOME=FOLDER",
    sqlite3.SQLITE_CORRUPT: "restore it from a backup, or set WMJAX_HOME=FOLDER to begin anew",
}


@final
class Database:
    """One connection, in WAL mode, with the newest schema.

    May be used from several threads and after a fork; `close` it when done.

    **Raises:** `StoreError` on opening anything but a run store, and whenever SQLite fails.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._open()

    def _open(self) -> None:
        _make_room(self.path)
        self._pid = os.getpid()
        self._lock = threading.Lock()
        with _explained(self.path):
            self._connection = _connect(self.path)

    @contextmanager
    def _use(self) -> Iterator[sqlite3.Connection]:
        if self._pid != os.getpid():
            # SQLite forbids using a connection across a fork, closing it included.
            self._inherited = self._connection
            self._open()
        with self._lock, _explained(self.path):
            yield self._connection

    def read(self, sql: str, values: Sequence[Any] | Mapping[str, Any] = ()) -> list[sqlite3.Row]:
        """All rows of a query."""
        with self._use() as connection:
            return connection.execute(sql, values).fetchall()

    def write(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        """Run a statement once per row of values; all rows are committed, or none."""
        self.transact(lambda connection: connection.executemany(sql, rows))

    def transact(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Do `work` in one transaction, with nobody else writing; it is committed, or undone."""
        with self._use() as connection:
            connection.execute("begin immediate")
            try:
                result = work(connection)
            except BaseException:
                connection.execute("rollback")
                raise
            connection.execute("commit")
            return result

    def close(self) -> None:
        if self._pid == os.getpid():
            self._connection.close()


def _make_room(path: Path) -> None:
    """The folder of the database exists, and the file, if there is one, is SQLite's."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        head = _head(path) if path.is_file() else b""
    except OSError as error:
        raise StoreError(
            str(path.parent),
            error.strerror or str(error),
            "a folder that can be read and written",
            "make it so, or choose another with WMJAX_HOME=FOLDER or store.path=FOLDER",
        ) from error
    if path.is_dir() or head not in (b"", _MAGIC):
        raise StoreError(
            str(path),
            "a folder" if path.is_dir() else "a file that is not an SQLite database",
            "a run store, or no such file",
            "move it away, or choose another folder with WMJAX_HOME=FOLDER",
        )


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(len(_MAGIC))


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(
        path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False
    )
    try:
        connection.row_factory = sqlite3.Row
        connection.execute("pragma synchronous = normal")
        connection.execute("pragma foreign_keys = on")
        _patiently_migrate(connection, path)
    except BaseException:
        connection.close()
        raise
    return connection


def _patiently_migrate(connection: sqlite3.Connection, path: Path) -> None:
    """The switch to WAL ignores the busy time-out when two processes make it at once."""
    deadline = time.monotonic() + _BUSY_SECONDS
    while True:
        try:
            return migrate(connection, path)
        except sqlite3.OperationalError as error:
            if _code(error) != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
        time.sleep(0.01)


def _code(error: sqlite3.Error) -> int:
    return (getattr(error, "sqlite_errorcode", 0) or 0) & 0xFF


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except (sqlite3.ProgrammingError, sqlite3.IntegrityError):
        raise
    except sqlite3.DatabaseError as error:
        raise StoreError(
            str(path),
            str(error),
            "a run store that can be read and written",
            _HINTS.get(_code(error), "see whether the disk and the folder are in order"),
        ) from error
