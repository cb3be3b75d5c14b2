"""Tables of text cells, from CSV bytes or from a DataFrame."""

from __future__ import annotations

import csv
import io
import math
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeGuard

from wmjax._errors import DataError
from wmjax.series._mistakes import Mistakes


if TYPE_CHECKING:
    import pandas as pd


TIME_NAMES = ("time", "date", "year", "month", "week", "day", "period", "t")
_BOMS_16 = (b"\xff\xfe", b"\xfe\xff")
_SPACES = " \t\xa0\u202f\ufeff"


@dataclass(frozen=True)
class Table:
    """A header and rows of text; every row has as many cells as the header.

    `rows` carry their number: the line of the file (the header is line 1), or the position in a
    DataFrame, counted from 0. `mistakes` are those found so far.
    """

    header: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]
    mistakes: Mistakes

    def column(self, index: int) -> list[tuple[int, str]]:
        return [(row, cells[index]) for row, cells in self.rows]


def read_table(path: Path) -> Table:
    """Reads a CSV file: comma, semicolon or tab; UTF-8 with or without byte-order mark; lines
    that begin with `#` are comments.

    **Raises:** `DataError` if it cannot be read or is no table. Mistakes in single rows are
    collected in `Table.mistakes` instead.
    """
    try:
        data = path.read_bytes()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        hint = "check the path, or see `wmjax data list` for the series that are shipped"
        raise DataError(str(path), reason, "a CSV file that can be read", hint) from None
    return table_from_bytes(path.name, data)


def table_from_bytes(place: str, data: bytes) -> Table:
    """As `read_table`, from the content; `place` names it in messages."""
    text = _decode(place, data)
    mistakes = Mistakes(place)
    lines = _records(place, text)
    header_line = next(lines, None)
    if header_line is None:
        raise DataError(
            place, "no rows", "a header and rows of numbers", "check that the file is complete"
        )
    header = _trimmed(header_line[1])
    rows = tuple(_full_rows(header, lines, mistakes))
    return _checked(Table(header, rows, mistakes))


def is_frame(source: object) -> TypeGuard[pd.DataFrame]:
    """Whether it is a DataFrame; pandas takes long to load, and is if there is one."""
    pandas: Any = sys.modules.get("pandas")
    return pandas is not None and isinstance(source, pandas.DataFrame)


def table_from_frame(frame: pd.DataFrame) -> Table:
    """The same from a DataFrame; an index that is not a plain row number becomes a column.

    **Raises:** `DataError` if its index or columns have several levels.
    """
    import pandas as pd

    if isinstance(frame.columns, pd.MultiIndex) or isinstance(frame.index, pd.MultiIndex):
        raise DataError(
            "DataFrame", "an index of several levels", "one level", "call .reset_index() first"
        )
    if _is_time(frame.index, frame.columns):
        index_name = "time" if frame.index.name is None else frame.index.name
        frame = frame.rename_axis(index=None)
        frame = pd.concat([pd.Series(frame.index, frame.index, name=index_name), frame], axis=1)
    header = tuple(str(name).strip() for name in frame.columns)
    cells = frame.astype(object).to_numpy()
    rows = tuple((i, tuple(_text(cell) for cell in row)) for i, row in enumerate(cells))
    return _checked(Table(header, rows, Mistakes("DataFrame")))


def _decode(place: str, data: bytes) -> str:
    if data.startswith(_BOMS_16):
        raise DataError(place, "UTF-16 text", "UTF-8 text", "save the file as 'CSV UTF-8'")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        found = f"a byte that is not UTF-8 at position {error.start}"
        raise DataError(place, found, "UTF-8 text", "save the file as 'CSV UTF-8'") from None
    if "\x00" in text:
        raise DataError(place, "zero bytes", "a text file", "give a CSV, not a binary file")
    return text


def _records(place: str, text: str) -> Iterator[tuple[int, list[str]]]:
    lines = io.StringIO(text, newline="").readlines()
    mark = _delimiter(lines)
    reader = csv.reader(_without_comments(lines), delimiter=mark, skipinitialspace=True)
    try:
        for cells in reader:
            if any(cell.strip(_SPACES) for cell in cells):
                yield reader.line_num, cells
    except csv.Error as error:
        raise DataError(
            f"{place}, row {reader.line_num}", str(error), "a CSV row", "check the quotes there"
        ) from None


def _without_comments(lines: list[str]) -> Iterator[str]:
    for line in lines:
        yield "\n" if line.startswith("#") else line


def _delimiter(lines: list[str]) -> str:
    first = next((s for s in lines if s.strip(_SPACES + "\r\n") and not s.startswith("#")), "")
    outside_quotes = "".join(first.split('"')[::2])
    return max(",;\t", key=outside_quotes.count)


def _trimmed(cells: list[str]) -> tuple[str, ...]:
    names = [cell.strip(_SPACES) for cell in cells]
    while names and not names[-1]:
        names.pop()
    return tuple(names)


def _full_rows(
    header: tuple[str, ...], lines: Iterator[tuple[int, list[str]]], mistakes: Mistakes
) -> Iterator[tuple[int, tuple[str, ...]]]:
    width = len(header)
    for row, raw in lines:
        cells = [cell.strip(_SPACES) for cell in raw]
        if len(cells) < width or any(cells[width:]):
            mistakes.add(
                f"{len(cells)} cells",
                f"{width} cells, as in the header",
                "write a comma for each missing value; quote text that contains commas",
                row=row,
            )
        else:
            yield row, tuple(cells[:width])


def _checked(table: Table) -> Table:
    mistakes = table.mistakes
    for i, name in enumerate(table.header):
        if not name:
            mistakes.add(
                f"column {i + 1} has no name", "a name for each column", "name it or remove it"
            )
        elif name in table.header[:i]:
            mistakes.add("a second column of this name", "each name once", "rename it", column=name)
    if not table.rows and not len(mistakes):
        mistakes.add("a header without rows", "rows of numbers", "check that it is complete")
    return table


def _is_time(index: pd.Index, columns: pd.Index) -> bool:
    """An index with a name is a column; one without is the time if no column is."""
    import pandas as pd

    if index.name is not None:
        return True
    named = {str(name).strip().casefold() for name in columns}
    return not isinstance(index, pd.RangeIndex) and not named & set(TIME_NAMES)


def _text(cell: object) -> str:
    import pandas as pd

    if isinstance(cell, pd.Period):
        cell = str(cell) if cell.freqstr[0] in "MYA" else cell.start_time
    if cell is None or cell is pd.NA or cell is pd.NaT:
        return ""
    if isinstance(cell, pd.Timestamp):
        return cell.isoformat()
    if hasattr(cell, "item") and not isinstance(cell, str):
        cell = cell.item()  # pyright: ignore[reportAttributeAccessIssue]
    if isinstance(cell, float):
        return "" if math.isnan(cell) else repr(cell)
    return str(cell).strip(_SPACES)
