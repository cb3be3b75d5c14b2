"""Collects every mistake of one table, so that the user sees them together."""

from __future__ import annotations

from wmjax._errors import DataError, UserErrors


_SHOWN = 50
_ALIKE = 3  # shown of one kind in one column: a wrong format is wrong in every row


class Mistakes:
    """The mistakes found so far in the table called `place`."""

    def __init__(self, place: str) -> None:
        self.place = place
        self._kinds: dict[tuple[str, str, str], list[DataError]] = {}

    def __len__(self) -> int:
        return sum(map(len, self._kinds.values()))

    def add(
        self, found: str, wanted: str, hint: str, *, row: int | None = None, column: str = ""
    ) -> None:
        parts = [self.place]
        if row is not None:
            parts.append(f"row {row}")
        if column:
            parts.append(f"column {column!r}")
        kind = self._kinds.setdefault((column, wanted, hint), [])
        kind.append(DataError(", ".join(parts), found, wanted, hint))

    def raise_if_any(self) -> None:
        """**Raises:** `DataError` for one mistake, `UserErrors` for several."""
        found = [e for kind in self._kinds.items() for e in self._shortened(*kind)]
        if len(found) == 1:
            raise found[0]
        if found:
            raise UserErrors(self._cut(found))

    def _shortened(self, kind: tuple[str, str, str], errors: list[DataError]) -> list[DataError]:
        """The first mistakes of one kind in one column, and how many more there are."""
        more = len(errors) - _ALIKE
        column, wanted, hint = kind
        if not column or more <= 0:
            return errors
        place = f"{self.place}, column {column!r}"
        return [*errors[:_ALIKE], DataError(place, f"{more} more like these", wanted, hint)]

    def _cut(self, errors: list[DataError]) -> list[DataError]:
        more = len(errors) - _SHOWN
        if more <= 0:
            return errors
        hint = "mend those above and read the file again"
        return [*errors[:_SHOWN], DataError(self.place, f"{more} more mistakes", "none", hint)]


def shown(text: str) -> str:
    """A cell's text, quoted and cut to a length that fits a message."""
    return repr(text if len(text) <= 60 else text[:57] + "...")
