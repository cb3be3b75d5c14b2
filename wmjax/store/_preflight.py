"""Finding out before a long run that its results will have a place."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from pathlib import Path

from wmjax._errors import StoreError


_UNITS = ("bytes", "KiB", "MiB", "GiB", "TiB")


def preflight(path: str | os.PathLike[str], need_bytes: int = 0) -> None:
    """See that results can go to the folder `path`: it exists or can be made, a file can be
    written there, and `need_bytes` are free. Leaves nothing behind.

    **Raises:** `StoreError` that says what is wrong and what to do.
    """
    folder = Path(path).expanduser().absolute()
    made: list[Path] = []
    try:
        _make(folder, made)
        _try_writing(folder)
        free = shutil.disk_usage(folder).free
    except OSError as error:
        raise _refused(folder, error) from error
    finally:
        for parent in reversed(made):
            with contextlib.suppress(OSError):  # somebody else has put something there
                parent.rmdir()
    if free < need_bytes:
        raise StoreError(
            str(folder),
            f"{_size(free)} free",
            f"{_size(need_bytes)} for this run",
            "free some space, ask for less, or choose another folder with WMJAX_HOME=FOLDER",
        )


def _size(count: float) -> str:
    """In the unit that suits it: `3.2 MiB`."""
    power = 0
    while count >= 1024 and power < len(_UNITS) - 1:
        count, power = count / 1024, power + 1
    return f"{count:.3g} {_UNITS[power]}"


def _make(folder: Path, made: list[Path]) -> None:
    missing = [p for p in (folder, *folder.parents) if not os.path.lexists(p)]
    for parent in reversed(missing):
        parent.mkdir(exist_ok=True)
        made.append(parent)


def _try_writing(folder: Path) -> None:
    with tempfile.NamedTemporaryFile(dir=folder, prefix=".preflight-") as file:
        file.write(b"\0" * 4096)
        file.flush()
        os.fsync(file.fileno())


def _refused(folder: Path, error: OSError) -> StoreError:
    where = f" ({error.filename})" if error.filename else ""
    return StoreError(
        str(folder),
        f"{error.strerror or error}{where}",
        "a folder in which files can be made",
        "make it writable, or choose another folder with WMJAX_HOME=FOLDER or store.path=FOLDER",
    )
