"""What became of the fields that a language model wrote."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, final

import pydantic

from wmjax.llm import one_line
from wmjax.spec._document import Document


@final
class Incomplete(Document):
    """A part that is missing or was replaced by a plain one: where, and why."""

    stage: str
    part: str
    reason: str

    def __str__(self) -> str:
        return f"{self.stage}, {self.part}: {self.reason}"


@final
class Shares(Document):
    """Of the fields that a language model wrote: `kept` as they were, `repaired` (by the model
    itself or by us), and `rejected`."""

    written: int = 0
    repaired: int = 0
    rejected: int = 0

    @property
    def kept(self) -> int:
        return self.written - self.repaired - self.rejected

    def __str__(self) -> str:
        if not self.written:
            return "no field was written by a language model"
        part = {"kept": self.kept, "repaired": self.repaired, "rejected": self.rejected}
        said = ", ".join(f"{100 * n / self.written:.0f} % {word}" for word, n in part.items())
        return f"{self.written} fields written by a language model: {said}"


@final
class Ledger:
    """Counts fields; every item of an answer is judged once."""

    def __init__(self) -> None:
        self._written = 0
        self._repaired: dict[int, int] = {}
        self._rejected: dict[int, int] = {}
        self._held: list[Any] = []  # so that no two items share an identity
        self.incomplete: list[Incomplete] = []

    def wrote(self, answer: Any, *, repaired: bool = False) -> None:
        """An answer came in, or a part of one; `repaired` if the first attempt was invalid."""
        self._written += len(list(leaves(answer)))
        if repaired:
            for item in items(answer):
                self.repair(item)

    def repair(self, item: Any, fields: int | None = None) -> None:
        """An item was changed: all of its fields, or so many."""
        if id(item) not in self._rejected:
            count = len(list(leaves(item)))
            self._repaired[id(item)] = min(count, max(
                self._repaired.get(id(item), 0), count if fields is None else fields))  # fmt: skip
            self._held.append(item)

    def reject(self, item: Any, stage: str = "", part: str = "", reason: str = "") -> None:
        """An item was left out."""
        self._repaired.pop(id(item), None)
        self._rejected[id(item)] = len(list(leaves(item)))
        self._held.append(item)
        if reason:
            self.missing(stage, part, reason)

    def missing(self, stage: str, part: str, reason: str) -> None:
        """A part that will not be there, or only in its plainest form."""
        first = reason.splitlines()[0][:300] if reason else ""
        self.incomplete.append(Incomplete(stage=stage, part=part, reason=one_line(first)))

    @property
    def shares(self) -> Shares:
        repaired, rejected = (sum(d.values()) for d in (self._repaired, self._rejected))
        return Shares(written=self._written, repaired=repaired, rejected=rejected)


def leaves(value: Any) -> Iterator[Any]:
    """The numbers and texts of an answer, read or as it came, that the model wrote."""
    if isinstance(value, pydantic.BaseModel):
        for name in type(value).model_fields:
            if name in value.model_fields_set:
                yield from leaves(getattr(value, name))
    elif isinstance(value, list | tuple):
        for one in value:
            yield from leaves(one)
    elif isinstance(value, dict):
        for one in value.values():
            yield from leaves(one)
    else:
        yield value


def items(answer: pydantic.BaseModel) -> Iterator[Any]:
    """The items of an answer's list; the answer itself if it has none."""
    lists = [v for n in type(answer).model_fields if isinstance(v := getattr(answer, n), list)]
    inner = [one for one in (lists[0] if len(lists) == 1 else ())
             if isinstance(one, pydantic.BaseModel)]  # fmt: skip
    yield from inner or [answer]
