"""Asynchronous work from synchronous code, and things that belong to one event loop."""

from __future__ import annotations

import asyncio
import atexit
import os
import threading
import weakref
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from typing import Any, Generic, TypeVar, final


T = TypeVar("T")


@final
class PerLoop(Generic[T]):
    """One `T` for each event loop: clients, locks and semaphores cannot be shared between loops."""

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make
        self._made: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, T] = (
            weakref.WeakKeyDictionary()
        )

    def get(self) -> T:
        """That of the running loop."""
        loop = asyncio.get_running_loop()
        if loop not in self._made:
            self._made[loop] = self._make()
        return self._made[loop]

    def pop(self) -> T | None:
        """Give up that of the running loop, if there is one."""
        return self._made.pop(asyncio.get_running_loop(), None)


@final
class _Background:
    """An event loop in a thread of its own."""

    def __init__(self) -> None:
        self.pid = os.getpid()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="wmjax", daemon=True)
        self._thread.start()
        atexit.register(self._stop)

    def _stop(self) -> None:
        if self.pid == os.getpid():
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(timeout=1.0)
            if not self._thread.is_alive():
                self._loop.close()

    def submit(self, work: Coroutine[Any, Any, T]) -> Future[T]:
        if threading.current_thread() is self._thread:
            work.close()
            raise RuntimeError("run_async called from work that it runs: use await there")
        return asyncio.run_coroutine_threadsafe(work, self._loop)


_lock = threading.Lock()
_background: _Background | None = None


def run_async(work: Coroutine[Any, Any, T]) -> T:
    """Waits for asynchronous work from synchronous code, in a notebook too.

    All of it runs on one event loop in a thread of this process, so that connections are kept
    between calls. Ctrl-C cancels the work.
    """
    global _background
    with _lock:
        if _background is None or _background.pid != os.getpid():  # a fork has no threads
            _background = _Background()
    future = _background.submit(work)
    try:
        return future.result()
    except BaseException:
        future.cancel()
        raise
