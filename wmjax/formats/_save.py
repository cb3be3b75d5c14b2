"""`save_spec` for every format that can be written."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from wmjax._errors import UserError
from wmjax.formats._xmile import write_xmile
from wmjax.spec import ModelSpec
from wmjax.spec import save_spec as save_own


XMILE = (".xmile", ".stmx")
"""Endings of XMILE files."""


def save_spec(spec: ModelSpec, path: str | os.PathLike[str]) -> Path:
    """Writes a spec; the file appears whole or not at all.

    The ending chooses the format: `.yaml` and `.json` are ours and hold everything; `.xmile` and
    `.stmx` are XMILE, see `write_xmile`.

    **Raises:** `UserError` for another ending, a folder that cannot be written, and for what XMILE
    cannot say; `SpecError` for a spec with errors that is to be written as XMILE.
    """
    path = Path(path)
    if path.suffix.lower() in XMILE:
        return _save_text(write_xmile(spec), path)
    if path.suffix.lower() in (".yaml", ".yml", ".json"):
        return save_own(spec, path)
    raise UserError(str(path), f"suffix {path.suffix!r}", ".yaml, .json, .xmile or .stmx",
                    "choose one of these")  # fmt: skip


def _save_text(text: str, path: Path) -> Path:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, suffix=path.suffix)
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
        os.replace(name, path)
    except OSError as error:
        raise UserError(str(path), str(error), "a folder that can be written") from None
    return path
