"""Many questions at once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, TypeVar


T = TypeVar("T")
K = TypeVar("K")


async def together(whom: Sequence[K], ask: Callable[[K], Coroutine[Any, Any, T]]) -> list[T]:
    """The answers of all, in order. How many calls are under way at once is the model's to say.

    **Raises:** the first error, after the others are cancelled.
    """
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(ask(one)) for one in whom]
    except BaseExceptionGroup as errors:
        raise errors.exceptions[0] from None
    return [task.result() for task in tasks]
