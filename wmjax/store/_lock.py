"""Who works on a run: a lock that the operating system takes back when the process ends.

A process number alone can be reused, belong to another container, or outlive its process as a
zombie; a lock cannot.
"""

from __future__ import annotations

import fcntl
import os
import time
import weakref
from pathlib import Path
from typing import final


_NAME = ".lock"
_PATIENCE = 0.5


@final
class RunLock:
    """The exclusive lock of one run's folder, held until `release` or the end of the process."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        _held.add(self)

    def release(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    __del__ = release


_held: weakref.WeakSet[RunLock] = weakref.WeakSet()


def _forget() -> None:
    """A forked worker shares the lock and would keep it alive after its parent's death."""
    for lock in tuple(_held):
        lock.release()


os.register_at_fork(after_in_child=_forget)


def acquire(folder: Path) -> RunLock | None:
    """The lock of the run in `folder`, or None if a living process holds it."""
    descriptor = os.open(folder / _NAME, os.O_RDWR | os.O_CREAT, 0o644)
    deadline = time.monotonic() + _PATIENCE  # a reader of `is_held` lets go within microseconds
    while not _try(descriptor, fcntl.LOCK_EX):
        if time.monotonic() > deadline:
            os.close(descriptor)
            return None
        time.sleep(0.01)
    return RunLock(descriptor)


def is_held(folder: Path) -> bool:
    """Whether a living process works on the run in `folder`."""
    try:
        descriptor = os.open(folder / _NAME, os.O_RDONLY)
    except OSError:
        return False
    try:
        return not _try(descriptor, fcntl.LOCK_SH)
    finally:
        os.close(descriptor)


def _try(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
