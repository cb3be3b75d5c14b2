"""Numbers for each worker, from a list or a column of a file."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from jaxtyping import Float

from wmjax._errors import UserError


def numbers_of(
    value: Sequence[float] | str, option: str, column: str
) -> Float[np.ndarray, " workers"]:
    """A list as it is; a text is the name of a CSV file, of which the column is taken.

    **Raises:** `UserError` for a file that cannot be read, has no such column, or holds what is no
    number.
    """
    if not isinstance(value, str):
        return np.asarray(value, float)
    wanted = f"a CSV file with a column {column}"
    try:
        with Path(value).open(encoding="utf-8-sig", newline="") as file:
            rows = csv.DictReader(file)
            if column not in (rows.fieldnames or ()):
                found = f"{value} with {', '.join(rows.fieldnames or ()) or 'no column'}"
                raise UserError(option, found, wanted)
            return np.array([_number(r[column], option, value, rows.line_num) for r in rows])
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UserError(option, f"{value}: {error}", wanted) from None


def _number(text: str | None, option: str, path: str, line: int) -> float:
    try:
        return float(text or "")
    except ValueError:
        raise UserError(option, f"{text!r} in line {line} of {path}", "a number") from None
