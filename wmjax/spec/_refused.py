"""What is wrong with a text that is no expression."""

from __future__ import annotations

from wmjax.spec._expression import Place


class Refused(Exception):
    """A text that is no expression: what was found and wanted, and where."""

    def __init__(self, found: str, wanted: str, at: Place) -> None:
        self.found, self.wanted, self.at = found, wanted, at
