"""How a question is put: at once, after thought, or several times."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Generic, TypeVar, final

import pydantic
from pydantic import Field

from wmjax._errors import UserError
from wmjax.llm import LanguageModel, LLMFailure, Message, Request
from wmjax.tax.language._together import together


A = TypeVar("A", bound=pydantic.BaseModel)


@final
@dataclass(frozen=True)
class Prompting:
    """The way of asking.

    - `sentences`: the model thinks in at most so many before it answers; 0 for no thoughts.
    - `samples`: independent answers to each question. Numbers are combined by their median, choices
      by majority, the first said where votes are equal; invalid samples are left out.
    - `max_tokens`: of each answer, hidden reasoning included.
    """

    sentences: int = 0
    samples: int = 1
    max_tokens: int = 512

    def __post_init__(self) -> None:
        if self.sentences < 0 or self.samples < 1 or self.max_tokens < 1:
            found = f"{self.sentences} sentences, {self.samples} samples, {self.max_tokens} tokens"
            raise UserError("prompting", found, "sentences from 0, samples and tokens from 1")


IO = Prompting()
COT = Prompting(sentences=4, max_tokens=1024)
SELF_CONSISTENCY = Prompting(sentences=4, samples=3, max_tokens=1024)
_NAMES = {"io": IO, "cot": COT, "sc": SELF_CONSISTENCY}


def prompting(name: str) -> Prompting:
    """By the names of LLM Economist: io, cot, sc. **Raises:** `UserError` for another one."""
    if name not in _NAMES:
        raise UserError("prompt_algo", repr(name), ", ".join(_NAMES))
    return _NAMES[name]


@final
@dataclass(frozen=True)
class Said(Generic[A]):
    """The valid answers to a question, and what went wrong with the others."""

    answers: tuple[A, ...]
    failures: tuple[str, ...]

    @property
    def why(self) -> str:
        """What went wrong."""
        return "; ".join(dict.fromkeys(self.failures))


async def consult(
    model: LanguageModel, messages: Sequence[Message], schema: type[A], way: Prompting,
    *, purpose: str, actor: str,
) -> Said[A]:  # fmt: skip
    """Asks as the way of asking says. A failure of the model is an outcome and not an error.

    **Raises:** what is no failure of an answer: a spent budget, a missing key.
    """
    wanted = thoughtful(schema) if way.sentences else schema

    async def sample(number: int) -> A | str:
        request = Request(
            tuple(messages), wanted, way.max_tokens,
            purpose=f"tax: {purpose}", actor=actor, sample=number,
        )  # fmt: skip
        try:
            value = (await model.complete(request)).value
        except LLMFailure as failure:
            return f"{type(failure).__name__}: {failure}"
        assert isinstance(value, schema)
        return value

    found = await together(range(way.samples), sample)
    return Said(
        tuple(f for f in found if not isinstance(f, str)),
        tuple(f for f in found if isinstance(f, str)),
    )


class _Thought(pydantic.BaseModel):
    thought: Annotated[
        str, Field(description="your thoughts", json_schema_extra={"maxLength": 800})
    ]


@functools.cache
def thoughtful(schema: type[A]) -> type[A]:
    """The answer type with `thought` before everything else."""
    bases: Any = (schema, _Thought)  # fields of the last come first
    made: Any = pydantic.create_model(f"{schema.__name__}Thought", __base__=bases)
    return made
