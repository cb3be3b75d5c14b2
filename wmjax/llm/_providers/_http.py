"""The HTTP client under both SDKs, and what their errors mean."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, final

import httpx2

from wmjax._errors import UserError
from wmjax.llm._failures import LLMFailure, Rejected, Unavailable
from wmjax.llm._keys import scrub
from wmjax.llm._losses import LOSSES


_NEVER_SENT = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout)
_CONNECT = 10.0  # seconds
_MOST = 1000  # connections
_PARTS = 16  # pools
_SHOWN = 500


@final
class _Pools(httpx2.AsyncBaseTransport):
    """Several small pools of connections for one large one, which looks at all of its connections
    before each request and after it."""

    def __init__(self, limits: httpx2.Limits) -> None:
        context = httpx2.create_ssl_context()
        self._pools = [
            httpx2.AsyncHTTPTransport(verify=context, limits=limits) for _ in range(_PARTS)
        ]
        self._busy = [0] * _PARTS

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        i = min(range(_PARTS), key=self._busy.__getitem__)
        self._busy[i] += 1
        try:
            return await self._pools[i].handle_async_request(request)
        finally:
            self._busy[i] -= 1

    async def aclose(self) -> None:
        for pool in self._pools:
            await pool.aclose()


class Client(httpx2.AsyncClient):
    """Counts requests that went out and brought no answer, and bounds the whole of each."""

    def __init__(self, timeout: float) -> None:
        limits = httpx2.Limits(max_connections=_MOST, max_keepalive_connections=_MOST)
        super().__init__(
            timeout=httpx2.Timeout(timeout, connect=min(timeout, _CONNECT), pool=None),
            limits=limits,
            mounts={"all://": _Pools(limits)},  # proxies of the environment go before it
            follow_redirects=True,
        )
        self._whole = timeout

    async def send(self, request: httpx2.Request, **kwargs: Any) -> httpx2.Response:
        losses = LOSSES.get()
        if losses is not None:
            await losses.before_request()
        try:
            # Time-outs of httpx are between bytes: a server could trickle for ever.
            async with asyncio.timeout(self._whole):
                return await super().send(request, **kwargs)
        except _NEVER_SENT:
            raise
        except Exception as error:
            if losses is not None:
                losses.count += 1
            if isinstance(error, TimeoutError):
                message = f"no whole answer within {self._whole:g} s"
                raise httpx2.ReadTimeout(message, request=request) from None
            raise


def understood(
    error: Any, sdk: Any, provider: str, model: str, keys: Sequence[str], retries: int
) -> Exception:
    """Our name for an error of an SDK; both SDKs have the same tree. Keys are removed."""
    where = f"{provider}:{model}"
    text = scrub(str(error))[:_SHOWN]
    if isinstance(error, sdk.AuthenticationError | sdk.PermissionDeniedError):
        return UserError(
            f"language model {where}",
            f"status {error.status_code}: {text}",
            "a key that may use this model",
            f"look at {' or '.join(keys)}" if keys else "give the key with llm.key_env=VARIABLE",
        )
    if isinstance(error, sdk.NotFoundError):
        return UserError(
            f"language model {where}", text, "a model that this address serves", "llm.model=NAME"
        )
    if isinstance(error, sdk.APIConnectionError):
        cause = scrub(str(error.__cause__ or ""))[:_SHOWN]
        return Unavailable(f"{where}: {text} {cause}".strip(), retries=retries)
    if isinstance(error, sdk.APIStatusError):
        status = error.status_code
        if status in (408, 409, 429) or status >= 500:
            return Unavailable(f"{where}: status {status}: {text}", retries=retries)
        return Rejected(f"{where}: status {status}: {text}")
    if isinstance(error, LLMFailure):
        return error
    return unreadable(where, error)


def unreadable(where: str, error: Exception) -> Unavailable:
    """An answer that is not of the wire format; it may well have been billed."""
    text = scrub(f"{type(error).__name__}: {error}")[:_SHOWN]
    return Unavailable(f"{where}: unreadable answer ({text})", lost=1)
