"""A run as one file to pass on."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from wmjax._errors import StoreError
from wmjax.store._files import write_new
from wmjax.store._record import Event, Metric, RunRecord
from wmjax.store._text import standard


def export(
    record: RunRecord,
    metrics: Sequence[Metric],
    events: Sequence[Event],
    exchanges: Iterable[Mapping[str, Any]],
    path: Path,
) -> Path:
    """Write record.json, exchanges.jsonl and the files of a run, all under a folder of its id, to
    a new zip."""
    path = path.expanduser()
    if path.exists():
        raise StoreError(
            str(path),
            "a folder" if path.is_dir() else "a file",
            "a free name for the zip",
            "choose another name; nothing is overwritten",
        )

    def write(made: Path) -> None:
        with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED, strict_timestamps=False) as archive:
            hashes = {}
            for file in record.files:
                name = file.relative_to(record.folder).as_posix()
                archive.write(file, f"{record.id}/{name}")
                hashes[name] = _sha256(file)
            lines = [json.dumps(exchange, ensure_ascii=False) + "\n" for exchange in exchanges]
            if lines:
                archive.writestr(f"{record.id}/exchanges.jsonl", "".join(lines))
            text = standard(_document(record, metrics, events, hashes))
            archive.writestr(f"{record.id}/record.json", text)

    write_new(path, write)
    return path


def _document(
    record: RunRecord,
    metrics: Sequence[Metric],
    events: Sequence[Event],
    hashes: dict[str, str],
) -> dict[str, Any]:
    return {
        **record.to_dict(),
        "metrics": [
            {"name": m.name, "step": m.step, "value": m.value, "time": m.time.isoformat()}
            for m in metrics
        ],
        "events": [
            {"time": e.time.isoformat(), "kind": e.kind, "message": e.message} for e in events
        ],
        "files": hashes,
    }


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
