"""Edits in a file, for a reader who strikes out some of them."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path

import pydantic

from structure_gen._edit import EDIT
from structure_gen._proposal import Proposal
from wmjax._errors import UserError


def save_edits(proposals: Sequence[Proposal], path: str | os.PathLike[str]) -> Path:
    """Writes proposals as a JSON list, each with what it does in words.

    **Raises:** `UserError` for a file that cannot be written.
    """
    rows = [{"words": str(p.edit), "origin": p.origin, "reasoning": p.reasoning,
             "edit": p.edit.model_dump(mode="json", by_alias=True, exclude_none=True)}
            for p in proposals]  # fmt: skip
    try:
        Path(path).write_text(json.dumps(rows, ensure_ascii=False, indent=1) + "\n", "utf-8")
    except OSError as error:
        raise UserError(str(path), str(error), "a file that can be written") from None
    return Path(path)


def load_edits(path: str | os.PathLike[str]) -> tuple[Proposal, ...]:
    """The proposals of a file. **Raises:** `UserError` for a file that holds no list of edits."""
    try:
        rows = json.loads(Path(path).read_text("utf-8"))
        return tuple(
            Proposal(
                edit=EDIT.validate_python(row["edit"]), origin=str(row.get("origin", "person")),
                reasoning=str(row.get("reasoning", "")),
            )
            for row in rows
        )  # fmt: skip
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        first = error.errors()[0]["msg"] if isinstance(error, pydantic.ValidationError) else error
        raise UserError(str(path), str(first), "a JSON list of edits",
                        "`wmjax refine news=...` writes one") from None  # fmt: skip
