"""The files that a run reads, kept with it: what takes it up again reads what it read first."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from glob import escape
from pathlib import Path
from typing import Any

from wmjax._errors import StoreError


FOLDER = "inputs"
_INDEX = "index.json"
_KEYS = ("model", "observations", "fit", "scenario", "scenarios", "skills", "weights")
# What is read beside a model: its protocol, its figures and its scenarios; beside a table: what is
# stated about it.
_BESIDE_MODEL = ("protocol.yaml", "figures.yaml", "scenarios/*.yaml", "scenarios/*.yml")


def keep_inputs(config: Mapping[str, Any], run: Path) -> None:
    """Copies the files that a configuration names into a run, and notes where it was started."""
    kept: dict[str, dict[str, str]] = {}
    for key, number, path in _files(config):
        place = run / FOLDER / (key if number is None else f"{key}-{number}")
        for source, name in _with_company(key, path):
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, place / name)
        kept[str(path)] = {
            "copy": str((place / path.name).relative_to(run)), "sha256": _digest(path)
        }  # fmt: skip
    (run / FOLDER).mkdir(exist_ok=True)
    index = {"folder": os.getcwd(), "files": kept}
    (run / FOLDER / _INDEX).write_text(json.dumps(index, indent=1) + "\n", encoding="utf-8")


def with_inputs(config: Mapping[str, Any], run: Path) -> dict[str, Any]:
    """The configuration with the copies in place of the files, and its folder made ours.

    Says which files have changed since. A run of an older version kept none and is as it was.

    **Raises:** `StoreError` if the folder that the run was started in is gone.
    """
    found = dict(config)
    path = run / FOLDER / _INDEX
    if not path.is_file():
        return found
    index = json.loads(path.read_text(encoding="utf-8"))
    _enter(index["folder"], run)
    files = index["files"]
    for name, kept in files.items():
        if Path(name).is_file() and _digest(Path(name)) != kept["sha256"]:
            print(f"{name} has changed since; the copy of this run is read", flush=True)

    def copy(value: Any) -> Any:
        return str(run / files[value]["copy"]) if value in files else value

    for key in _KEYS:
        value = found.get(key)
        if isinstance(value, str):
            found[key] = copy(value)
        elif isinstance(value, list):
            found[key] = [copy(v) if isinstance(v, str) else v for v in value]
    return found


def started_in(run: Path) -> str | None:
    """The folder that a run was started in."""
    path = run / FOLDER / _INDEX
    if not path.is_file():
        return None
    return str(json.loads(path.read_text(encoding="utf-8"))["folder"])


def _enter(folder: str, run: Path) -> None:
    """Names of files that are written, and of the store, count from where the run was started."""
    try:
        os.chdir(folder)
    except OSError as error:
        raise StoreError(
            f"run {run.name}", f"the folder it was started in, {folder}: {error.strerror}",
            "that folder", "make it again; what the run read is kept in the run itself",
        ) from error  # fmt: skip


def _files(config: Mapping[str, Any]) -> Iterator[tuple[str, int | None, Path]]:
    for key in _KEYS:
        value = config.get(key)
        listed = isinstance(value, list)
        for number, name in enumerate(value if listed else [value]):
            if isinstance(name, str) and Path(name).is_file():
                yield key, number if listed else None, Path(name)


def _with_company(key: str, path: Path) -> Iterator[tuple[Path, str]]:
    """A file and what is read with it, by the names that they have beside each other."""
    yield path, path.name
    beside = _BESIDE_MODEL if key == "model" else ()
    for pattern in (*beside, f"{escape(path.name)}.meta.yaml"):
        for other in path.parent.glob(pattern):
            if other.is_file():
                yield other, other.relative_to(path.parent).as_posix()


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
