"""Collects every mistake of one table, so that the user sees them together."""

from __future__ import annotations

from wmjax._errors import DataError, UserErrors


_SHOWN = 50


class Mistakes:
    """The mistakes found so far in the table called `place`."""

    def __init__(self, place: str) -> None:
        self.place = place
        self._errors: list[DataError] = []

    def __len__(self) -> int:
        return len(self._errors)

    def add(
        self, found: str, wanted: str, hint: str, *, row: int | None = None, column: str = ""
    ) -> None:
        parts = [self.place]
        if row is not None:
            parts.append(f"row {row}")
        if column:
            parts.append(f"column {column!r}")
        self._errors.append(DataError(", ".join(parts), found, wanted, hint))

    def raise_if_any(self) -> None:
        """**Raises:** `DataError` for one mistake, `UserErrors` for several."""
        if len(self._errors) == 1:
            raise self._errors[0]
        if self._errors:
            raise UserErrors(self._shortened())

    def _shortened(self) -> list[DataError]:
        more = len(self._errors) - _SHOWN
        if more <= 0:
            return self._errors
        last = DataError(
            self.place, f"{more} more mistakes", "none", "mend those above and read the file again"
        )
        return [*self._errors[:_SHOWN], last]


def shown(text: str) -> str:
    """A cell's text, quoted and cut to a length that fits a message."""
    return repr(text if len(text) <= 60 else text[:57] + "...")
