"""Files that a user asks for: refused before the work if they cannot be written."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from wmjax._errors import UserError, UserErrors


TABLE = (".csv", ".nc", ".parquet")


def check_output(path: Path, kinds: tuple[str, ...], need_bytes: int = 0) -> None:
    """See before the work starts that `path` can be written.

    **Raises:** `UserError` for an unknown ending, a folder, a folder that cannot be written or a
    full disk.
    """
    from wmjax.store import preflight

    mistakes: list[UserError] = []
    if path.suffix.lower() not in kinds:
        found = f"the ending {path.suffix!r}" if path.suffix else "no ending"
        mistakes.append(UserError(f"output {path}", found, " or ".join(kinds), "choose one"))
    if path.is_dir():
        mistakes.append(UserError(f"output {path}", "a folder", "a file", f"add a name: {path}/x"))
    try:
        preflight(path.parent, need_bytes)
    except UserError as error:
        hint = "make it writable, free some space, or write to another place: output=FILE"
        mistakes.append(UserError(f"output {path}", error.found, error.wanted, hint))
    if mistakes:
        raise mistakes[0] if len(mistakes) == 1 else UserErrors(mistakes)


def write_whole(path: Path, write: Callable[[Path], object]) -> None:
    """Let `write` fill a file beside `path` that then takes its place: whole or not at all.

    **Raises:** `UserError` if the disk refuses; what stood at `path` is as it was.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".wmjax-", suffix=path.suffix)
        os.close(handle)
        draft = Path(name)
        try:
            write(draft)
            umask = os.umask(0)
            os.umask(umask)
            draft.chmod(0o666 & ~umask)
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)
    except OSError as error:
        hint = "free some space, or write to another place: output=FILE"
        raise UserError(
            f"output {path}", error.strerror or str(error), "room for the file", hint
        ) from error
