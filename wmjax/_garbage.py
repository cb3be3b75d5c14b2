"""The search for garbage, put off while much is made that stays."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def garbage_later() -> Iterator[None]:
    """Nothing is searched for cycles inside. A large spec becomes millions of objects that stay:
    to search them again and again takes a third of the time to read it, and most of that to trace
    a run of it."""
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def garbage_now() -> None:
    """One search, which the interpreter would make in the midst of what comes next."""
    gc.collect()


_SELDOM = 100_000  # objects made, for each search among the newest


@contextmanager
def garbage_seldom() -> Iterator[None]:
    """Cycles are searched for a hundred times less often inside: for a program that loads and
    traces much."""
    before = gc.get_threshold()
    gc.set_threshold(_SELDOM, 20, 20)
    try:
        yield
    finally:
        gc.set_threshold(*before)
