"""What is asked of a language model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal, final

import pydantic
from pydantic import Field


Percent = Annotated[int, Field(ge=0, le=100)]
"""A percentage as a whole number: models hold bounds of integers, and break those of floats."""


@final
@dataclass(frozen=True)
class Message:
    """One turn of a conversation. Data from elsewhere belongs into `user` turns, quoted."""

    role: Literal["system", "user", "assistant"]
    content: str


@final
@dataclass(frozen=True)
class WebSearch:
    """The vendor's own search tool, run on its side. OpenAI's has no list of blocked domains.

    **Arguments:**

    - `max_uses`: searches at most; also what a budget reserves for.
    - `domains`: only these are searched; all if empty.
    """

    max_uses: int = 3
    domains: tuple[str, ...] = ()


@final
@dataclass(frozen=True)
class Request:
    """One question, the same for every vendor.

    **Arguments:**

    - `messages`: the conversation so far; the last turn is the user's.
    - `schema`: the pydantic type that the answer must fit; None for free text.
    - `max_tokens`: tokens of the answer at most, hidden reasoning included.
    - `purpose`, `actor`, `parameter`: what it is for, so that its cost can be attributed. They are
      not part of the question: the same question for another actor has the same stored answer.
    - `sample`: 0, 1, ... are independent answers to one question; one number is one answer.
    - `web_search`: lets the model search the web (providers `openai` and `anthropic`).
    """

    messages: tuple[Message, ...]
    schema: type[pydantic.BaseModel] | None = None
    max_tokens: int = 1024
    purpose: str = ""
    actor: str = ""
    parameter: str = ""
    sample: int = 0
    web_search: WebSearch | None = None


def ask(text: str, *, system: str = "", schema: type[pydantic.BaseModel] | None = None) -> Request:
    """A request of one user turn, after a system prompt if there is one."""
    first = (Message("system", system),) if system else ()
    return Request((*first, Message("user", text)), schema)
