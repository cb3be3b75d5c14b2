"""One generation as a job: every stage's answers can be looked at, edited and taken up again."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar, final

import pydantic

from structure_gen._answer_files import AnswerFiles
from structure_gen._ledger import Incomplete, Ledger
from structure_gen._prompts import render
from structure_gen._salvage import salvaged
from structure_gen._style import Question
from wmjax._errors import BudgetSpent
from wmjax.llm import Invalid, LanguageModel, LLMFailure, Request


A = TypeVar("A", bound=pydantic.BaseModel)
T = TypeVar("T")
Report = Callable[[int, int, str], None]
"""Called with answers there are, answers expected, and a text with the cost so far and to come."""

_APART = 1000  # between the samples of an answer and of the one asked for in its place


@final
@dataclass(frozen=True)
class _Said:
    """An answer that fits its type, what of it did not and was left out, and what that took."""

    value: Any
    exchange: str
    cost: Decimal | None
    repaired: bool
    lost: Sequence[Any] = ()


@final
class StageJob:
    """Asks, keeps answers, and remembers what is missing.

    With a folder each answer is a file `answers/STAGE/KEY.json`; an edited file is used as it
    stands, a deleted one is asked for again. A call that fails leaves its part incomplete; of a
    list in which some items do not fit, the others count.

    `spent` says which budget is, if one is; `late` whether the time was over; `failed` how many
    calls brought nothing.
    """

    def __init__(
        self, llm: LanguageModel, folder: Path | None, report: Report | None,
        seconds: float | None = None,
    ) -> None:  # fmt: skip
        self._until = None if seconds is None else time.monotonic() + seconds
        self.llm, self._report = llm, report
        self._files = AnswerFiles(folder)
        self.ledger = Ledger()
        self.cost: Decimal | None = Decimal(0)
        self.exchanges: list[str] = []
        self.spent, self.late, self.failed = "", False, 0
        self._asked = self._done = self._expected = 0

    def expect(self, count: int) -> None:
        """So many further questions are foreseen."""
        self._expected += count

    async def ask(
        self, stage: str, key: str, question: Question[A], *, actor: str = "",
        parameter: str = "", prompt: str = "", sample: int = 0, **values: Any,
    ) -> A | None:  # fmt: skip
        """The answer of a stage, from the folder if it is there; None if there is none.

        **Arguments:** `prompt`: the prompt's name, if it is not that of the stage; `sample`: which
        of several independent answers to one question is wanted.
        """
        prompt = question.prompt or prompt or stage
        kept = self._files.read(stage, key, question)
        if kept is not None:
            self.ledger.wrote(kept)
            self._progress(stage, key)
            return kept
        if self.spent:
            self.ledger.missing(stage, key, "the budget is spent")
            return None
        request = Request(
            render(prompt, **values), question.schema, max_tokens=question.tokens,
            purpose=f"generate.{stage}", actor=actor, parameter=parameter,
            sample=sample + _APART * self._files.deleted(stage, key),
        )  # fmt: skip
        said = await self._answer(request, question.schema, stage, key)
        if said is None:
            return None
        value = question.read(said.value)
        self._count(said, value, stage, key)
        self._files.write(stage, key, prompt, said.value)
        self._progress(stage, key)
        return value

    async def _answer(
        self, request: Request, schema: type[pydantic.BaseModel], stage: str, key: str
    ) -> _Said | None:
        """None for a call that failed, which the ledger then says."""
        try:
            found = await self.within(self.llm.complete(request), stage, key)
            if found is not None:
                return _Said(found.value, found.exchange, found.cost, found.attempts > 1)
        except LLMFailure as failure:
            saved = salvaged(schema, failure) if isinstance(failure, Invalid) else None
            if saved is not None:
                return _Said(saved[0], failure.exchange, failure.cost, True, saved[1])
            self.failed += 1
            self._pay(failure.cost)
            self.ledger.missing(stage, key, f"{type(failure).__name__}: {failure}")
            self._progress(stage, key)
        return None

    async def within(self, work: Coroutine[Any, Any, T], stage: str, key: str) -> T | None:
        """What a call brings; None, which the ledger then says, without time or budget for it."""
        left = None if self._until is None else self._until - time.monotonic()
        try:
            if left is not None and left <= 0:
                work.close()
                raise TimeoutError
            return await asyncio.wait_for(work, left)
        except TimeoutError:
            self.late = True
            self.ledger.missing(stage, key, "the time is over")
        except BudgetSpent as error:
            self.spent = str(error)
            self.ledger.missing(stage, key, self.spent)
        return None

    def _count(self, said: _Said, value: pydantic.BaseModel, stage: str, key: str) -> None:
        self.exchanges.append(said.exchange)
        self._pay(said.cost)
        self._asked += 1
        self.ledger.wrote(value, repaired=said.repaired)
        for item in said.lost:
            self.ledger.wrote(item)
            self.ledger.reject(item)
        if said.lost:
            self.ledger.missing(stage, key, f"{len(said.lost)} items that do not fit the schema")

    def _pay(self, cost: Decimal | None) -> None:
        self.cost = None if cost is None or self.cost is None else self.cost + cost

    def _progress(self, stage: str, key: str) -> None:
        self._done += 1
        self._expected = max(self._expected, self._done)
        if self._report is not None:
            self._report(self._done, self._expected, f"{stage} {key}: {self._money()}")

    def _money(self) -> str:
        """Cost so far and cost to come, if the answers to come cost what those so far did."""
        if self.cost is None:
            return "cost unknown"
        left = self._expected - self._done
        to_come = self.cost / self._asked * left if self._asked else Decimal(0)
        return f"${self.cost:.4f} so far, about ${to_come:.4f} to come"

    @property
    def incomplete(self) -> tuple[Incomplete, ...]:
        return tuple(self.ledger.incomplete)
