"""What a language model answers, and what that took."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, final

import pydantic


@final
@dataclass(frozen=True)
class Usage:
    """Tokens of one call or several.

    `input` includes those read from (`cached`) and written to (`cache_written`) the vendor's
    prompt cache; `output` includes the hidden `reasoning`. `searches` counts web searches.
    """

    input: int = 0
    output: int = 0
    cached: int = 0
    cache_written: int = 0
    reasoning: int = 0
    searches: int = 0

    @property
    def total(self) -> int:
        """Tokens in and out."""
        return self.input + self.output

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            self.input + other.input,
            self.output + other.output,
            self.cached + other.cached,
            self.cache_written + other.cache_written,
            self.reasoning + other.reasoning,
            self.searches + other.searches,
        )


@final
@dataclass(frozen=True)
class Source:
    """A web page that the vendor's search tool cites: its address and the words quoted."""

    url: str
    title: str = ""
    quote: str = ""


Stop = Literal["end", "length", "refusal"]


@final
@dataclass(frozen=True)
class Reply:
    """What a provider returns for one request, not yet judged.

    **Arguments:**

    - `text`: the answer as it came.
    - `stop`: why it ended: by itself, at the token limit, or because the model refused.
    - `usage`: None if the vendor told nothing; the call is then charged at its worst case.
    - `model`: the model that answered, by the vendor's own name; empty if it told none.
    - `retries`: how often the vendor's SDK repeated the transport.
    - `sources`: what a web search cites.
    """

    text: str
    stop: Stop = "end"
    usage: Usage | None = None
    model: str = ""
    retries: int = 0
    sources: tuple[Source, ...] = ()


@final
@dataclass(frozen=True)
class Answer:
    """A judged answer.

    **Arguments:**

    - `text`: as the model wrote it.
    - `value`: the validated answer, of the request's `schema`; None without one.
    - `usage`, `cost`, `latency` [s], `attempts`: of all exchanges that led to it, repairs included.
      `cost` is in US dollars, None where the price of the model is unknown; it is 0 and `attempts`
      0 if all of it was stored already.
    - `model`, `provider`, `exchange`: of the last exchange; `exchange` is its id in the log.
    - `sources`: what a web search cites.
    """

    text: str
    value: pydantic.BaseModel | None
    usage: Usage
    model: str
    provider: str
    cost: Decimal | None
    latency: float
    attempts: int
    exchange: str
    sources: tuple[Source, ...] = ()

    @property
    def cached(self) -> bool:
        """Whether nothing had to be bought."""
        return self.attempts == 0
