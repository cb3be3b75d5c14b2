"""The state of a fit between two evaluations, on disk."""

from __future__ import annotations

import io
import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import final

import numpy as np

from calibration._minimiser import State
from wmjax._errors import UserError
from wmjax.sim import Devices


_FORMAT = 1


@final
@dataclass(frozen=True)
class Progress:
    """How far a fit has come: evaluations so far, and the state of every start."""

    evaluations: int
    states: tuple[State, ...]


@final
@dataclass(frozen=True)
class Checkpoint:
    """A file that holds one fit. `problem` names what the fit is about, by digest, part by part;
    a file about something else is refused."""

    path: Path
    problem: Mapping[str, str]
    devices: Devices | None = None
    """Of a job of several processes: the first one reads and writes the file."""

    def read(self) -> Progress | None:
        """What is stored, or None without a file; the same in every process.

        **Raises:** `UserError` for a file of another fit, or one that is no checkpoint.
        """
        content = self.path.read_bytes() if self.path.exists() else None
        if self.devices is not None:
            content = self.devices.of_first(content)
        if content is None:
            return None
        header, arrays = _parsed(self.path, io.BytesIO(content), "calibration checkpoint")
        stored = header.get("problem", {})
        parts = sorted({*stored, *self.problem})
        other = [p for p in parts if stored.get(p) != self.problem.get(p)]
        if other:
            raise UserError(
                f"checkpoint {self.path}", f"a fit with other {', '.join(other)}",
                "a checkpoint of this fit",
                "name another checkpoint, or delete the file to start afresh",
            )  # fmt: skip
        states = tuple(
            {k.split("/", 1)[1]: v for k, v in arrays.items() if k.startswith(f"{i}/")}
            for i in range(int(header["starts"]))
        )
        return Progress(int(header["evaluations"]), states)

    def write(self, progress: Progress) -> None:
        """Replaces the file, whole or not at all."""
        if self.devices is not None and not self.devices.is_first:
            return
        arrays = {f"{i}/{k}": v for i, s in enumerate(progress.states) for k, v in s.items()}
        header = {"problem": dict(self.problem), "evaluations": progress.evaluations,
                  "starts": len(progress.states)}  # fmt: skip
        write_arrays(self.path, "calibration checkpoint", header, arrays)


def write_arrays(
    path: Path, kind: str, header: Mapping[str, object], arrays: Mapping[str, np.ndarray]
) -> None:
    """Writes a header and arrays as one `.npz` file that appears whole or not at all.

    **Raises:** `UserError` if the folder cannot be written.
    """
    text = json.dumps({"kind": kind, "format": _FORMAT, **header}, ensure_ascii=False)
    content = {"header": np.frombuffer(text.encode(), np.uint8), **arrays}
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "wb") as file:
                np.savez(file, **content)  # pyright: ignore[reportArgumentType]
                file.flush()
                os.fsync(file.fileno())
            os.replace(draft, path)
        except BaseException:
            Path(draft).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise UserError(str(path), str(error), "a folder that can be written") from None


def read_arrays(path: Path, kind: str) -> tuple[dict, dict[str, np.ndarray]]:
    """The header and arrays of a file of `write_arrays`.

    **Raises:** `UserError` for another file.
    """
    try:
        with path.open("rb") as content:
            return _parsed(path, content, kind)
    except OSError as error:
        raise UserError(str(path), f"unreadable: {error}", f"a {kind}") from None


def _parsed(
    path: Path, content: io.BufferedIOBase, kind: str
) -> tuple[dict, dict[str, np.ndarray]]:
    try:
        with np.load(content, allow_pickle=False) as file:
            arrays = {k: file[k] for k in file.files}
        header = json.loads(arrays.pop("header").tobytes().decode())
    except (OSError, ValueError, KeyError, EOFError) as error:
        raise UserError(str(path), f"unreadable: {error}", f"a {kind}") from None
    except Exception as error:  # a broken archive: zipfile and zlib have errors of their own
        raise UserError(str(path), f"broken: {error}", f"a {kind}", "delete the file") from None
    if header.get("kind") != kind or header.get("format") != _FORMAT:
        found = f"a {header.get('kind')} of format {header.get('format')}"
        raise UserError(str(path), found, f"a {kind} of format {_FORMAT}")
    return header, arrays


