"""Tables on standard output and progress on standard error."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol


_QUIET_SECONDS = 2.0
_BETWEEN_LINES = 10.0


class Progress(Protocol):
    """What long work calls: steps done, steps in all, and what is being done."""

    def __call__(self, done: int, total: int, text: str) -> None: ...


@contextmanager
def progress(title: str) -> Iterator[Progress]:
    """A bar with the time left on a terminal, and elsewhere a line now and then.

    The bar goes when the work is done; before the first two seconds are over there are no lines.
    """
    if not sys.stderr.isatty():
        yield _Lines(title)
        return
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
    from rich.progress import Progress as Bars

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed}/{task.total}"),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
        TextColumn("{task.fields[text]}"),
    )
    with Bars(*columns, console=Console(stderr=True), transient=True) as bars:
        task = bars.add_task(title, total=None, text="")
        yield lambda done, total, text: bars.update(task, completed=done, total=total, text=text)


class _Lines:
    """Lines now and then; the time left is told from the pace since the first call."""

    def __init__(self, title: str) -> None:
        self._title = title
        self._next = time.monotonic() + _QUIET_SECONDS
        self._first: tuple[float, int] | None = None

    def __call__(self, done: int, total: int, text: str) -> None:
        now = time.monotonic()
        since, before = self._first = self._first or (now, done)
        if now < self._next:
            return
        self._next = now + _BETWEEN_LINES
        left = ""
        if done > before:
            left = f", about {(now - since) / (done - before) * (total - done):.0f} s left"
        said = f"{self._title}: {done}/{total} {text}".rstrip() + left
        print(said, file=sys.stderr, flush=True)


def table(title: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Prints a table; text is taken as it stands and numbers are set to the right."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    shown = Table(box=None, pad_edge=False)
    numeric = [bool(rows) and all(_is_number(row[i]) for row in rows) for i in range(len(columns))]
    for name, number in zip(columns, numeric, strict=True):
        shown.add_column(Text(name), justify="right" if number else "left", overflow="fold")
    for row in rows:
        shown.add_row(*(Text(_cell(value)) for value in row))
    # A pipe has no width: lines that a program reads are not folded.
    console = Console(width=None if sys.stdout.isatty() else 400, highlight=False)
    with console.capture() as text:
        console.print(shown)
    print("\n".join([title, *(line.rstrip() for line in text.get().splitlines())]))


def _is_number(value: object) -> bool:
    return value is None or isinstance(value, int | float) and not isinstance(value, bool)


def _cell(value: object) -> str:
    if value is None:
        return ""
    return f"{value:.5g}" if isinstance(value, float) else str(value)
