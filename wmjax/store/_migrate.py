"""Bringing a database to the schema this wmjax knows, or refusing to touch it."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from wmjax._errors import StoreError
from wmjax.store._schema import APPLICATION_ID, MIGRATIONS
from wmjax.store._text import now


def migrate(connection: sqlite3.Connection, path: Path) -> None:
    """Apply the migrations that the database lacks, all or none.

    **Raises:** `StoreError` for another program's database or one of another wmjax; such a file
    is left as it is.
    """
    _check(_applied(connection, path), path)
    connection.execute("pragma journal_mode = wal")
    if len(_applied(connection, path)) == len(MIGRATIONS):
        return
    connection.execute("begin immediate")
    try:
        # Another process may have migrated while this one waited for the lock.
        _apply(connection, len(_read_applied(connection)))
    except BaseException:
        connection.execute("rollback")
        raise
    connection.execute("commit")


def _apply(connection: sqlite3.Connection, done: int) -> None:
    connection.execute(f"pragma application_id = {APPLICATION_ID}")
    connection.execute(
        "create table if not exists migrations"
        " (number integer primary key, name text not null, applied text not null)"
    )
    for migration in MIGRATIONS[done:]:
        for statement in migration.statements:
            connection.execute(statement)
        connection.execute(
            "insert into migrations values (?, ?, ?)", (migration.number, migration.name, now())
        )


def _applied(connection: sqlite3.Connection, path: Path) -> list[tuple[int, str]]:
    """Number and name of each migration taken; one transaction, so that both questions agree."""
    connection.execute("begin")
    try:
        ours = connection.execute("pragma application_id").fetchone()[0] == APPLICATION_ID
        tables = connection.execute("select count(*) from sqlite_master").fetchone()[0]
        if tables and not ours:
            raise StoreError(
                str(path),
                f"an SQLite database of another program ({tables} tables and indices)",
                "a run store, or no such file",
                "choose another folder with WMJAX_HOME=FOLDER or store.path=FOLDER",
            )
        return _read_applied(connection)
    finally:
        connection.execute("rollback")


def _read_applied(connection: sqlite3.Connection) -> list[tuple[int, str]]:
    known = connection.execute("select 1 from sqlite_master where name = 'migrations'").fetchone()
    if known is None:
        return []
    rows = connection.execute("select number, name from migrations order by number")
    return [(row[0], row[1]) for row in rows]


def _check(applied: list[tuple[int, str]], path: Path) -> None:
    known = [(m.number, m.name) for m in MIGRATIONS]
    if applied == known[: len(applied)]:
        return
    newest = applied[-1][0]
    raise StoreError(
        str(path),
        f"schema version {newest} ({applied[-1][1]!r})",
        f"version {known[-1][0]} ({known[-1][1]!r}) or an older one of the same line",
        "it was written by another wmjax, probably a newer one: update wmjax, or choose another "
        "folder with WMJAX_HOME=FOLDER",
    )
