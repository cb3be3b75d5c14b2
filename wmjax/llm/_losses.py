"""Requests that went out and brought no answer, but may have been billed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from typing import final


@final
class OutOfBudget(BaseException):
    """Ends an SDK's retries at once: as an `Exception` it would be retried like any other."""


@final
class Losses:
    """What one call lost so far. `charge` is called before a request follows a lost one."""

    def __init__(self, charge: Callable[[], Awaitable[bool]]) -> None:
        self.count = 0
        self._charged = 0
        self._charge = charge

    async def before_request(self) -> None:
        """**Raises:** `OutOfBudget` if the budget does not hold the worst case once more."""
        while self._charged < self.count:
            if not await self._charge():
                raise OutOfBudget
            self._charged += 1


LOSSES: ContextVar[Losses | None] = ContextVar("wmjax_llm_losses", default=None)
