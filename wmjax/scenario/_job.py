"""Which sweep a file belongs to, and how far it has come."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, final

import jax
import numpy as np

from wmjax._errors import UserError
from wmjax.scenario._batch import Batch, Leaves
from wmjax.scenario._block import Task


_FORMAT = 1


def job(runs: Batch, task: Task, scenarios: Sequence[str]) -> dict[str, str]:
    """Digests of all that the result depends on, part by part."""
    model, inputs = runs.shared
    return {
        "model": _digest(
            model.program.key, model.about.spec.hash, *_arrays(jax.tree.leaves(model))
        ),
        "scenarios": _digest(
            *scenarios, *_arrays(jax.tree.leaves(inputs)), *_tables(runs.by_scenario)
        ),
        "draws": _digest(runs.draws, *_tables(runs.by_draw), *_tables(runs.overruled)),
        "dates": _digest(task.time.model_dump_json()),
        "variables": _digest(*task.names),
        "solver": _digest(repr(task.solver), *_arrays(jax.tree.leaves(task.solver))),
        "statistics": _digest(repr(task.keep)),
    }


def identity(parts: Mapping[str, str]) -> str:
    """One digest of a whole job."""
    return _digest(*(f"{k}={v}" for k, v in sorted(parts.items())))


@final
@dataclass(frozen=True)
class Journal:
    """A small file beside an unfinished result: whose it is, and how many runs are there."""

    path: Path
    job: Mapping[str, str]

    def read(self) -> int | None:
        """The number of runs that are there, or None without a file.

        **Raises:** `UserError` for the file of another job, or none of ours.
        """
        try:
            found = json.loads(self.path.read_text(encoding="utf-8"))
            stored, done = dict(found["job"]), int(found["done"])
        except FileNotFoundError:
            return None
        except (ValueError, KeyError, TypeError, OSError) as error:
            raise UserError(
                str(self.path), f"unreadable: {error}", "the state of a sweep",
                "delete it to start afresh",
            ) from None  # fmt: skip
        self.refuse_other(stored)
        return done

    def refuse_other(self, stored: Mapping[str, str]) -> None:
        """**Raises:** `UserError` that names the parts in which the two jobs differ."""
        other = [p for p in sorted({*stored, *self.job}) if stored.get(p) != self.job.get(p)]
        if other:
            raise UserError(
                str(self.path), f"an unfinished sweep with other {', '.join(other)}",
                "an unfinished sweep of this very job, to go on with",
                "name another file, repeat the job as it was, or delete this file and the "
                ".partial beside it to start afresh",
            )  # fmt: skip

    def write(self, done: int) -> None:
        """Replaces the file, whole or not at all."""
        text = json.dumps({"format": _FORMAT, "job": dict(self.job), "done": done})
        draft = self.path.with_name(f"{self.path.name}.{os.getpid()}.tmp")
        draft.write_text(text, encoding="utf-8")
        os.replace(draft, self.path)


def _arrays(leaves: Iterable[Any]) -> Iterable[bytes]:
    for leaf in leaves:
        array = np.ascontiguousarray(leaf)
        yield f"{array.dtype}{array.shape}".encode()
        yield array.tobytes()


def _tables(tables: Leaves) -> Iterable[bytes]:
    for number, table in sorted(tables.items()):
        yield str(number).encode()
        yield from _arrays([table])


def _digest(*parts: object) -> str:
    whole = hashlib.sha256()
    for part in parts:
        data = part if isinstance(part, bytes) else str(part).encode()
        whole.update(len(data).to_bytes(8, "little"))
        whole.update(data)
    return whole.hexdigest()[:32]
