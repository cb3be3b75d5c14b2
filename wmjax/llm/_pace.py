"""How many calls at once, and how many a second."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import final

from aiolimiter import AsyncLimiter

from wmjax.llm._loop import PerLoop


@final
class Pace:
    """At most so many calls at once, and so many begun per second."""

    def __init__(self, concurrency: int, rate: float | None) -> None:
        self._slots = PerLoop(lambda: asyncio.Semaphore(concurrency))
        # One call at a time from the bucket, refilled evenly: no bursts.
        self._rate = PerLoop(lambda: AsyncLimiter(1, 1 / rate)) if rate else None

    @asynccontextmanager
    async def slot(self) -> AsyncIterator[None]:
        async with self._slots.get():
            if self._rate is not None:
                await self._rate.get().acquire()
            yield
