"""One generation as a job: every stage's answers can be looked at, edited and taken up again."""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar, final

import pydantic

from structure_gen._ledger import Incomplete, Ledger
from structure_gen._prompts import prompt_version, render
from structure_gen._style import Question
from wmjax._errors import BudgetSpent, UserError
from wmjax.llm import Answer, LanguageModel, LLMFailure, Request


A = TypeVar("A", bound=pydantic.BaseModel)
Report = Callable[[int, int, str], None]
"""Called with answers there are, answers expected, and a text with the cost so far and to come."""


@final
class StageJob:
    """Asks, keeps answers, and remembers what is missing.

    With a folder each answer is a file `answers/STAGE/KEY.json`; an edited file is used as it
    stands, a deleted one is asked for again. A call that fails leaves its part incomplete.
    """

    def __init__(
        self, llm: LanguageModel, folder: Path | None, report: Report | None,
        seconds: float | None = None,
    ) -> None:  # fmt: skip
        self._until = None if seconds is None else time.monotonic() + seconds
        self._llm, self._folder, self._report = llm, folder, report
        self.ledger = Ledger()
        self.cost: Decimal | None = Decimal(0)
        self.exchanges: list[str] = []
        self.spent = False
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
        kept = self._kept(stage, key, question)
        if kept is not None:
            self.ledger.wrote(kept)
            self._progress(stage, key)
            return kept
        if self.spent:
            self.ledger.missing(stage, key, "the budget is spent")
            return None
        request = Request(
            render(prompt, **values), question.schema, max_tokens=question.tokens,
            purpose=f"generate.{stage}", actor=actor, parameter=parameter, sample=sample,
        )  # fmt: skip
        answer = await self._answer(request, stage, key)
        if answer is None or answer.value is None:
            return None
        value = question.read(answer.value)
        self.exchanges.append(answer.exchange)
        self.cost = None if answer.cost is None or self.cost is None else self.cost + answer.cost
        self.ledger.wrote(value, repaired=answer.attempts > 1)
        self._keep(stage, key, prompt, answer.value)
        self._asked += 1
        self._progress(stage, key)
        return value

    async def _answer(self, request: Request, stage: str, key: str) -> Answer | None:
        """None for a call that failed, which the ledger then says."""
        try:
            left = None if self._until is None else self._until - time.monotonic()
            if left is not None and left <= 0:
                raise TimeoutError
            return await asyncio.wait_for(self._llm.complete(request), left)
        except TimeoutError:
            self.ledger.missing(stage, key, "the time is over")
        except BudgetSpent as error:
            self.spent = True
            self.ledger.missing(stage, key, str(error))
        except LLMFailure as failure:
            self.ledger.missing(stage, key, f"{type(failure).__name__}: {failure}")
            self._progress(stage, key)
        return None

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

    def _kept(self, stage: str, key: str, question: Question[A]) -> A | None:
        path = self._path(stage, key)
        if path is None or not path.is_file():
            return None
        try:
            document = json.loads(path.read_text(encoding="utf-8"))
            return question.read(question.schema.model_validate(document["answer"]))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise UserError(str(path), str(error), f"an answer of the stage {stage!r}",
                            "correct the file, or delete it to ask again") from None  # fmt: skip

    def _keep(self, stage: str, key: str, prompt: str, value: pydantic.BaseModel) -> None:
        path = self._path(stage, key)
        if path is None:
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        document = {
            "stage": stage, "key": key, "prompt": prompt, "version": prompt_version(prompt),
            "answer": value.model_dump(mode="json"),
        }  # fmt: skip
        draft = path.with_suffix(".draft")
        draft.write_text(json.dumps(document, ensure_ascii=False, indent=1), encoding="utf-8")
        draft.replace(path)

    def _path(self, stage: str, key: str) -> Path | None:
        if self._folder is None:
            return None
        return self._folder / "answers" / stage / f"{file_key(key)}.json"

    @property
    def incomplete(self) -> tuple[Incomplete, ...]:
        return tuple(self.ledger.incomplete)


def file_key(key: str) -> str:
    """A name of a file: words stay legible, and different keys stay different."""
    import hashlib

    plain = re.sub(r"[^\w-]+", "_", key)[:60] or "_"
    if plain == key:
        return plain
    return f"{plain}-{hashlib.sha256(key.encode()).hexdigest()[:8]}"
