"""Answers as files, which can be read, edited and deleted."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from pathlib import Path
from typing import TypeVar, final

import pydantic

from structure_gen._prompts import prompt_version
from structure_gen._style import Question
from wmjax._errors import UserError


A = TypeVar("A", bound=pydantic.BaseModel)

_LIST = "written.txt"


@final
class AnswerFiles:
    """The answers under a folder, one file each; nothing without one.

    A list says what was written, so that a deleted answer is known from one that never came.
    """

    def __init__(self, folder: Path | None) -> None:
        self._folder = None if folder is None else folder / "answers"
        self._written = Counter(self._listed())

    def read(self, stage: str, key: str, question: Question[A]) -> A | None:
        """**Raises:** `UserError` for an edited answer that does not fit."""
        path = self._path(stage, key)
        if path is None or not path.is_file():
            return None
        try:
            document = json.loads(path.read_text(encoding="utf-8"))
            return question.read(question.schema.model_validate(document["answer"]))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise UserError(str(path), str(error), f"an answer of the stage {stage!r}",
                            "correct the file, or delete it to ask again") from None  # fmt: skip

    def deleted(self, stage: str, key: str) -> int:
        """How often somebody deleted the answer, if it is not there."""
        return self._written[_place(stage, key)]

    def write(self, stage: str, key: str, prompt: str, value: pydantic.BaseModel) -> None:
        path = self._path(stage, key)
        if path is None or self._folder is None:
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        document = {
            "stage": stage, "key": key, "prompt": prompt, "version": prompt_version(prompt),
            "answer": value.model_dump(mode="json"),
        }  # fmt: skip
        draft = path.with_suffix(".draft")
        draft.write_text(json.dumps(document, ensure_ascii=False, indent=1), encoding="utf-8")
        draft.replace(path)
        with (self._folder / _LIST).open("a", encoding="utf-8") as file:
            file.write(f"{_place(stage, key)}\n")

    def _listed(self) -> list[str]:
        if self._folder is None or not (self._folder / _LIST).is_file():
            return []
        return (self._folder / _LIST).read_text(encoding="utf-8").splitlines()

    def _path(self, stage: str, key: str) -> Path | None:
        return None if self._folder is None else self._folder / f"{_place(stage, key)}.json"


def _place(stage: str, key: str) -> str:
    return f"{stage}/{file_key(key)}"


def file_key(key: str) -> str:
    """A name of a file: words stay legible, and different keys stay different."""
    plain = re.sub(r"[^\w-]+", "_", key)[:60] or "_"
    if plain == key:
        return plain
    return f"{plain}-{hashlib.sha256(key.encode()).hexdigest()[:8]}"
