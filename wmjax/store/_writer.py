"""One thread that writes for many tasks, and commits together what came together."""

from __future__ import annotations

import contextlib
import os
import queue
import sqlite3
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeAlias, TypeVar, final

from wmjax.store._database import Database


T = TypeVar("T")
Work: TypeAlias = Callable[[sqlite3.Connection], Any]

_TOGETHER = 256


@final
class Writer:
    """Transactions in the order they were submitted. `close` waits for the last of them."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._begin()

    def _begin(self) -> None:
        self._pid = os.getpid()
        self._queue: queue.SimpleQueue[tuple[Work, Future[Any]] | None] = queue.SimpleQueue()
        self._later: deque[Work] = deque()
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()

    def submit(self, work: Callable[[sqlite3.Connection], T]) -> Future[T]:
        """A future that is done when the work is committed."""
        if self._pid != os.getpid():
            self._begin()  # a fork takes no threads along
        with self._starting:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="wmjax-store", daemon=True)
                self._thread.start()
        future: Future[T] = Future()
        self._queue.put((work, future))
        return future

    def later(self, work: Work) -> None:
        """Work that nobody waits for: done with the next that somebody does, or on `close`."""
        self._later.append(work)

    def close(self) -> None:
        if self._later:
            self.submit(lambda connection: None)
        if self._thread is not None and self._pid == os.getpid():
            self._queue.put(None)
            self._thread.join()
            self._thread = None

    def _run(self) -> None:
        while True:
            batch, last = self._batch()
            if batch:
                self._commit(batch)
            if last:
                return

    def _batch(self) -> tuple[list[tuple[Work, Future[Any]]], bool]:
        """Everything that waits by now, and whether it ends there."""
        batch = []
        item = self._queue.get()
        while item is not None:
            batch.append(item)
            if len(batch) == _TOGETHER or self._queue.empty():
                return batch, False
            item = self._queue.get()
        return batch, True

    def _commit(self, batch: list[tuple[Work, Future[Any]]]) -> None:
        later = [self._later.popleft() for _ in range(len(self._later))]
        try:
            results = self._database.transact(lambda c: _do(c, later, batch))
        except BaseException as error:
            # One of them spoils the rest: each on its own.
            for work in later:
                with contextlib.suppress(Exception):
                    self._database.transact(work)
            if len(batch) == 1 and not later:
                batch[0][1].set_exception(error)
                return
            for item in batch:
                self._commit([item])
            return
        for (_, future), result in zip(batch, results, strict=True):
            if not future.cancelled():
                future.set_result(result)


def _do(
    connection: sqlite3.Connection, later: list[Work], batch: list[tuple[Work, Future[Any]]]
) -> list[Any]:
    for work in later:
        work(connection)
    return [work(connection) for work, _ in batch]
