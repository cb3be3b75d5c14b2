"""One thing that is wrong, or odd, about a spec."""

from __future__ import annotations

from typing import Literal

from wmjax.spec._document import Document


class Issue(Document):
    """A finding of `check_spec`, meant to be read by a person or sent back to a language model."""

    code: str
    """Stable short name of the kind of issue, such as `unknown-name`."""
    path: str
    """Where in the spec: `variables.population.equation`."""
    message: str
    hint: str = ""
    severity: Literal["error", "warning"] = "error"

    def __str__(self) -> str:
        text = f"{self.severity} [{self.code}] {self.path}: {self.message}"
        return f"{text}\n    do: {self.hint}" if self.hint else text
