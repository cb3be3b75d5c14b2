"""The user's cache of fetched tables: one folder a version, written whole or not at all."""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from wmjax._errors import DataError


_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]{0,79}")
_VERSION = re.compile(r"(\d{4}-\d{2}-\d{2})(?:\.(\d+))?")


@dataclass(frozen=True)
class CachedTable:
    """One fetched version: the table as CSV, and what is known about it as JSON."""

    name: str
    folder: Path

    @property
    def table(self) -> Path:
        return self.folder / "table.csv"

    @property
    def meta(self) -> Path:
        return self.folder / "meta.json"


def cache_folder() -> Path:
    """`$WMJAX_CACHE/series`, else `~/.cache/wmjax/series`."""
    stated = os.environ.get("WMJAX_CACHE")
    return (Path(stated) if stated else Path.home() / ".cache" / "wmjax") / "series"


def cached_tables() -> list[str]:
    """The names of the tables in the cache, in alphabetical order."""
    folder = cache_folder()
    if not folder.is_dir():
        return []
    names = (p.name for p in folder.iterdir() if p.is_dir() and _NAME.fullmatch(p.name))
    return sorted(name for name in names if cached_table(name))


def cached_table(name: str) -> CachedTable | None:
    """The newest version of a table, or None."""
    folder = cache_folder() / name
    versions = [p for p in folder.iterdir() if _VERSION.fullmatch(p.name)]
    return CachedTable(name, max(versions, key=_age)) if versions else None


def keep_table(name: str, table: str, meta: Mapping[str, Any], cache: Path | None) -> CachedTable:
    """Writes a new version dated today; never touches an older one.

    **Raises:** `DataError` if the name is no plain word or the folder cannot be written.
    """
    check_name(name)
    folder = (cache_folder() if cache is None else cache) / name
    now = datetime.now(UTC)
    said = {"fetched": now.isoformat(timespec="seconds"), **meta}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return CachedTable(name, _write_version(folder, now.date().isoformat(), table, said))
    except OSError as error:
        hint = "name a folder that can be written with WMJAX_CACHE"
        raise DataError(str(folder), str(error), "a folder to write to", hint) from None


def check_name(name: str) -> None:
    """**Raises:** `DataError` unless `name` is a plain word."""
    if not _NAME.fullmatch(name):
        hint = "use at most 80 letters, digits, _ and -"
        raise DataError(f"name {name!r}", "not a plain word", "a plain word", hint)


def _write_version(folder: Path, day: str, table: str, meta: Mapping[str, Any]) -> Path:
    draft = Path(tempfile.mkdtemp(prefix=".draft-", dir=folder))
    try:
        _write(draft / "table.csv", table)
        _write(draft / "meta.json", json.dumps(meta, indent=2, ensure_ascii=False) + "\n")
        draft.chmod(0o755)
        return _publish(draft, folder, day)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _write(path: Path, text: str) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _publish(draft: Path, folder: Path, day: str) -> Path:
    """Renames the draft to the next free version; a rename never replaces a folder with files."""
    for number in range(1, 10_000):
        target = folder / (day if number == 1 else f"{day}.{number}")
        if target.exists():
            continue
        try:
            draft.rename(target)
            return target
        except OSError:
            if not target.exists():
                raise
    raise OSError(f"more than 9999 versions of {day} in {folder}")


def _age(version: Path) -> tuple[str, int]:
    m = _VERSION.fullmatch(version.name)
    return (m[1], int(m[2] or 1)) if m else ("", 0)
