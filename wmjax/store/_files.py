"""Files that appear whole or not at all."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Callable, Iterator
from filecmp import cmp
from pathlib import Path

from wmjax._errors import StoreError


_LONGEST = 200  # bytes, leaving room for the temporary name within the usual 255


def file_name(name: str, suffix: str = "") -> str:
    """`name`, with `suffix` unless it ends so already, if it is safe as the name of a file.

    **Raises:** `StoreError` for a name that leads elsewhere, is hidden or too long.
    """
    whole = name if name.endswith(suffix) else name + suffix
    good = name.isprintable() and not name.startswith(".") and not set(name) & set("/\\")
    if not name or not good or len(whole.encode("utf-8", "replace")) > _LONGEST:
        raise StoreError(
            "name of a stored file",
            repr(name),
            f"a plain file name: no folders, no leading dot, at most {_LONGEST} bytes",
            "give it a simple name such as 'results'",
        )
    return whole


def write_new(path: Path, write: Callable[[Path], object]) -> None:
    """Let `write` fill a temporary file, then give it its name, which must be free.

    Writing the very bytes that are there already is no change and allowed: a resumed run saves
    again what it saved before it was killed.

    **Raises:** `StoreError` if the name is taken or the disk refuses.
    """
    with _temporary(path, write) as made:
        try:
            _publish(made, path)
        except FileExistsError:
            if path.is_file() and cmp(made, path, shallow=False):
                return
            raise StoreError(
                str(path),
                "a file that is stored already, with other contents",
                "a free name: results are never overwritten",
                "save under another name or start a new run",
            ) from None


def _publish(made: Path, path: Path) -> None:
    try:
        os.link(made, path)
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links
        if os.path.lexists(path):
            raise FileExistsError(path) from None
        os.rename(made, path)


def replace(path: Path, write: Callable[[Path], object]) -> None:
    """As `write_new`, but taking the place of a predecessor in one step."""
    with _temporary(path, write) as made:
        os.replace(made, path)


@contextlib.contextmanager
def _temporary(path: Path, write: Callable[[Path], object]) -> Iterator[Path]:
    """A file beside `path` that `write` filled, on the disk for good; gone afterwards."""
    made = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
    try:
        write(made)
        _sync(made)
        yield made
        _sync(path.parent)
    except OSError as error:
        raise StoreError(
            str(path),
            error.strerror or str(error),
            "a file that can be written",
            "see that its folder exists, is writable and has space left",
        ) from error
    finally:
        made.unlink(missing_ok=True)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_text(path: Path, text: str) -> None:
    """Store a new text file, UTF-8 with Unix line ends."""
    data = text.encode("utf-8", "backslashreplace")
    write_new(path, lambda made: made.write_bytes(data))


def stored_files(folder: Path) -> tuple[Path, ...]:
    """The files of a run, sorted; hidden ones (locks, unfinished writes) and links left out."""
    found = (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    return tuple(sorted(path for path in found if not _hidden(path.relative_to(folder))))


def _hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)
