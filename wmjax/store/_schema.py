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
    Migration(
        2,
        "calls of language models",
        (
            """create table llm_calls (
                 number        integer primary key,
                 id            text not null unique,
                 run           text not null references runs (id),
                 session       text not null,
                 time          text not null,
                 status        text not null check (status in ('sent', 'answered', 'failed')),
                 key           text not null,
                 question      text not null,
                 provider      text not null,
                 model         text not null,
                 attempt       integer not null,
                 purpose       text not null,
                 actor         text not null,
                 parameter     text not null,
                 sample        integer not null,
                 max_tokens    integer not null,
                 messages      text not null,
                 schema        text,
                 priced        integer not null,
                 text          text,
                 stop          text,
                 answered_by   text,
                 sources       text,
                 failure       text,
                 verdict       text,
                 errors        text,
                 input         integer,
                 output        integer,
                 cached        integer,
                 cache_written integer,
                 reasoning     integer,
                 searches      integer,
                 cost          integer,
                 charge        integer not null,
                 charge_tokens integer not null,
                 latency       real,
                 retries       integer,
                 origin        text references llm_calls (id)
               )""",
            "create index llm_calls_by_key on llm_calls (key)",
            "create index llm_calls_by_question on llm_calls (question)",
            "create index llm_calls_by_run on llm_calls (run)",
            "create index llm_calls_by_session on llm_calls (session)",
            """create table llm_totals (
                 scope  text not null check (scope in ('run', 'session')),
                 name   text not null,
                 charge integer not null,
                 tokens integer not null,
                 calls  integer not null,
                 primary key (scope, name)
               ) without rowid""",
        ),
    ),
)
