"""The two protocols: a language model for those who ask, a provider for those who answer."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from wmjax.llm._answer import Answer, Reply
from wmjax.llm._request import Request


@runtime_checkable
class LanguageModel(Protocol):
    """Whoever asks needs no more than this."""

    async def complete(self, request: Request) -> Answer:
        """The validated answer.

        **Raises:** an `LLMFailure` by name; `BudgetSpent` before a call that would exceed a budget.
        """
        ...


@runtime_checkable
class Provider(Protocol):
    """One model at one vendor. Budget, log, cache and repair are laid around it.

    `name` and `model` stand in the log and find the price. Where they do not say whose answers
    these are, a text `origin` does, such as an address or the digest of a file: stored answers are
    not taken for those of another origin.
    """

    @property
    def name(self) -> str: ...

    @property
    def model(self) -> str: ...

    async def send(self, request: Request) -> Reply:
        """One call. **Raises:** `Unavailable` if another provider may do better."""
        ...
