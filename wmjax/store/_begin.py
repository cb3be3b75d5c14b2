"""How a run begins, and how it ends whatever happens."""

from __future__ import annotations

import contextlib
import datetime
import os
import re
import secrets
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from wmjax._errors import StoreError
from wmjax.store._database import Database
from wmjax.store._files import write_text
from wmjax.store._lock import acquire
from wmjax.store._redact import redact_text_in
from wmjax.store._run import Run
from wmjax.store._text import now, standard


DATABASE = "wmjax.db"
_VERB = re.compile(r"[a-z][a-z0-9_-]{0,31}")

# No digits: `calibration=601030` and `calibration=12e345` would be numbers on a command line.
# No vowels: no words.
_LETTERS = "bcdfghjkmnpqrstvwxz"


def begin(home: Path, verb: str, facts: Mapping[str, Any], document: Any) -> Run:
    """A new run in the store at `home`.

    **Arguments:** `facts`: further columns of its record; `document`: the spec, if there is one.
    """
    if not _VERB.fullmatch(verb):
        raise StoreError("verb of a run", repr(verb), "a lower-case word such as 'calibrate'")
    with contextlib.closing(Database(home / DATABASE)) as database:
        folder, started = _new_folder(home, verb)
        row = {"id": folder.name, "verb": verb, "started": started, "pid": os.getpid(), **facts}
        columns, marks = ", ".join(row), ", ".join("?" * len(row))
        lock = acquire(folder)
        assert lock is not None, "a folder made just now has no other user"
        try:
            if document is not None:
                write_text(folder / "spec.json", standard(redact_text_in(document)))
            database.write(
                f"insert into runs (status, {columns}) values ('running', {marks})",
                [(*row.values(),)],
            )
        except BaseException:
            lock.release()
            shutil.rmtree(folder)  # made above, known to nobody yet
            raise
    return Run(folder.name, folder, home / DATABASE, lock)


def _new_folder(home: Path, verb: str) -> tuple[Path, str]:
    """A folder of a new name (time, verb, random ending), and the time."""
    while True:
        started = now()
        moment = datetime.datetime.fromisoformat(started).strftime("%Y%m%d-%H%M%S-%f")[:-3]
        ending = "".join(secrets.choice(_LETTERS) for _ in range(6))
        folder = home / f"{moment}-{verb}-{ending}"
        with contextlib.suppress(FileExistsError):
            folder.mkdir()
            return folder, started


@contextmanager
def recorded(run: Run) -> Iterator[Run]:
    try:
        yield run
    except BaseException as error:
        try:
            run._close(error)
        except StoreError as second:
            error.add_note(f"The store could not record this: {second}")
        raise
    run._close(None)
