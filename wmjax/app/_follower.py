"""The processes of a job that compute with the first one and leave writing and speaking to it."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any


if TYPE_CHECKING:
    from wmjax.store import Run


@contextmanager
def unheard_run(verb: str, config: Mapping[str, Any]) -> Iterator[Run]:
    """A run in a store that is thrown away, while nothing is printed."""
    from wmjax.store import RunStore

    with tempfile.TemporaryDirectory(prefix="wmjax-follower-") as folder, _silence():
        with RunStore(Path(folder) / "runs").start(verb, config=config) as run:
            yield run


@contextmanager
def _silence() -> Iterator[None]:
    """Closes standard output, also to what is not Python, and standard error to Python."""
    sys.stdout.flush()
    kept = os.dup(1)
    try:
        with Path(os.devnull).open("w") as nowhere, contextlib.redirect_stderr(nowhere):
            os.dup2(nowhere.fileno(), 1)
            try:
                yield
            finally:
                sys.stdout.flush()
                os.dup2(kept, 1)
    finally:
        os.close(kept)
