"""Fetches a file over the network: http and https only, limited in size and time."""

from __future__ import annotations

import http.client
import time
import urllib.error
import urllib.request
from typing import IO
from urllib.parse import urlsplit

from wmjax._errors import DataError


MAX_BYTES = 50_000_000
_CHUNK = 65_536


class _HttpOnly(urllib.request.HTTPRedirectHandler):
    """Follows redirects to http and https, and to nothing else."""

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: http.client.HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        check_address(newurl)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def check_address(address: str) -> None:
    """**Raises:** `DataError` unless `address` is an http or https address with a host."""
    try:
        parts = urlsplit(address)
        good = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        good = False
    if not good:
        hint = "give an address that begins with https://, or load a file by its path"
        raise DataError(f"address {address!r}", "no http address", "http or https", hint)


def download(address: str, *, max_bytes: int, timeout: float) -> bytes:
    """The content at `address`.

    **Arguments:** `max_bytes` and `timeout` (seconds, in all) bound what is read.

    **Raises:** `DataError` if it cannot be reached, is refused, too large or too slow.
    """
    check_address(address)
    request = urllib.request.Request(address, headers={"User-Agent": "wmjax"})
    opener = urllib.request.build_opener(_HttpOnly)
    try:
        with opener.open(request, timeout=timeout) as answer:
            return _read(address, answer, max_bytes, time.monotonic() + timeout)
    except urllib.error.HTTPError as error:
        found = f"the server answered {error.code} {error.reason}"
        error.close()
        raise DataError(address, found, "a table", "check the address in a browser") from None
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise offline(address, error) from None


class Offline(DataError):
    """An address that could not be reached; one line says it."""

    def __str__(self) -> str:
        return f"{self.place}: {self.found}; {self.hint}"


def offline(address: str, error: Exception) -> Offline:
    """The error for an address that could not be reached."""
    reason = " ".join(str(getattr(error, "reason", error)).split())[:120]
    hint = "connect to the network; shipped and already fetched series need none"
    return Offline(address, f"offline: {reason}", "an answer from the server", hint)


def _read(address: str, answer: http.client.HTTPResponse, max_bytes: int, deadline: float) -> bytes:
    parts: list[bytes] = []
    size = 0
    # `read1` returns what has come; `read` would wait for a whole chunk, past the deadline.
    while chunk := answer.read1(_CHUNK):
        parts.append(chunk)
        size += len(chunk)
        if size > max_bytes:
            hint = "fetch a smaller table, or raise max_bytes"
            raise DataError(address, f"more than {max_bytes} bytes", "a smaller table", hint)
        if time.monotonic() > deadline:
            raise TimeoutError("the answer took too long")
    if size < int(answer.headers.get("Content-Length") or 0):
        raise ConnectionError(f"the answer was cut off after {size} bytes")
    return b"".join(parts)
