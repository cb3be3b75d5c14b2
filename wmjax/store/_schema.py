"""The tables, as numbered steps. Append; never edit a step that was released."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final


# Marks an SQLite file as ours ("wmjx"), so that nobody else's database gets our tables.
APPLICATION_ID = 0x776D6A78


@final
@dataclass(frozen=True)
class Migration:
    """One step of the schema: its number (1, 2, ...), a name, and the statements that take it."""

    number: int
    name: str
    statements: tuple[str, ...]


MIGRATIONS = (
    Migration(
        1,
        "runs, metrics and events",
        (
            """create table runs (
                 id          text primary key not null,
                 verb        text not null,
                 status      text not null
                             check (status in ('running', 'done', 'failed', 'interrupted')),
                 started     text not null,
                 finished    text,
                 pid         integer not null,
                 spec_hash   text,
                 code        text not null,
                 config      text not null,
                 seed        text not null,
                 argv        text not null,
                 parent      text references runs (id)
               )""",
            "create index runs_by_start on runs (started)",
            """create table metrics (
                 id    integer primary key,
                 run   text not null references runs (id),
                 name  text not null,
                 step  integer,
                 value real,
                 time  text not null
               )""",
            "create index metrics_by_run on metrics (run, name)",
            """create table events (
                 id      integer primary key,
                 run     text not null references runs (id),
                 time    text not null,
                 kind    text not null,
                 message text not null
               )""",
            "create index events_by_run on events (run)",
        ),
    ),
)
