"""Anthropic's wire format."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, final

from wmjax.llm._answer import Reply, Source, Stop, Usage
from wmjax.llm._loop import PerLoop
from wmjax.llm._request import Request
from wmjax.llm._schema import llm_schema


_STOPS: dict[str, Stop] = {
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "pause_turn": "length",
    "refusal": "refusal",
}


@final
class Anthropic:
    """One model of Anthropic's, through the official SDK. `key_names` are for error messages."""

    name = "anthropic"

    def __init__(
        self,
        model: str,
        *,
        key: str,
        key_names: Sequence[str] = (),
        base_url: str | None = None,
        options: Mapping[str, Any] | None = None,
        timeout: float = 120.0,
        max_retries: int = 2,
    ) -> None:
        self.model = model
        self.origin = base_url or ""
        self._key_names = key_names
        self._options = dict(options or {})
        self._retries = max_retries
        self._clients = PerLoop(lambda: _client(key, base_url, timeout, max_retries))

    async def send(self, request: Request) -> Reply:
        import anthropic

        from wmjax.llm._providers._http import understood

        try:
            raw = await self._clients.get().messages.with_raw_response.create(
                model=self.model, **self._arguments(request)
            )
            return _reply(await raw.parse(), raw.retries_taken)
        except Exception as error:
            raise understood(
                error, anthropic, self.name, self.model, self._key_names, self._retries
            ) from None

    async def close(self) -> None:
        client = self._clients.pop()
        if client is not None:
            await client.close()

    def _arguments(self, request: Request) -> dict[str, Any]:
        system = "\n\n".join(m.content for m in request.messages if m.role == "system")
        arguments: dict[str, Any] = {
            "max_tokens": request.max_tokens,
            "messages": [
                {"role": m.role, "content": m.content}
                for m in request.messages
                if m.role != "system"
            ],
            **self._options,
        }
        if system:
            arguments["system"] = system
        if request.schema is not None:
            form = {"type": "json_schema", "schema": llm_schema(request.schema)}
            arguments["output_config"] = {**arguments.get("output_config", {}), "format": form}
        if request.web_search is not None:
            arguments["tools"] = [_search_tool(request.web_search.max_uses, request)]
        return arguments


def _search_tool(max_uses: int, request: Request) -> dict[str, Any]:
    tool: dict[str, Any] = {
        "type": "web_search_20250305",
        "name": "web_search",
        "max_uses": max_uses,
    }
    domains = request.web_search.domains if request.web_search else ()
    return {**tool, "allowed_domains": list(domains)} if domains else tool


def _client(key: str, base_url: str | None, timeout: float, max_retries: int) -> Any:
    import anthropic

    from wmjax.llm._providers._http import Client

    return anthropic.AsyncAnthropic(
        api_key=key,
        base_url=base_url,
        timeout=timeout,
        max_retries=max_retries,
        http_client=Client(timeout),
    )


def _reply(message: Any, retries: int) -> Reply:
    blocks = [block for block in message.content if block.type == "text"]
    text = "".join(_str(block.text) for block in blocks)
    sources = (*_cited(blocks), *_seen(message.content))
    stop = _STOPS.get(message.stop_reason or "", "end")
    return Reply(text, stop, _usage(message.usage), message.model or "", retries, sources)


def _cited(blocks: Sequence[Any]) -> Iterator[Source]:
    for block in blocks:
        for c in block.citations or ():
            if c.type == "web_search_result_location":
                yield Source(c.url, c.title or "", c.cited_text)


def _seen(blocks: Sequence[Any]) -> Iterator[Source]:
    """Pages that the search found; a failed search has an error instead of a list."""
    for block in blocks:
        if block.type == "web_search_tool_result" and isinstance(block.content, list):
            yield from (Source(page.url, page.title or "") for page in block.content)


def _str(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"text of type {type(value).__name__}")
    return value


def _usage(usage: Any) -> Usage | None:
    """Their count of input leaves out what was read from and written to the cache; ours has it."""
    if usage is None or usage.input_tokens is None:
        return None
    read = usage.cache_read_input_tokens or 0
    wrote = usage.cache_creation_input_tokens or 0
    details, tools = usage.output_tokens_details, usage.server_tool_use
    return Usage(
        input=usage.input_tokens + read + wrote,
        output=usage.output_tokens,
        cached=read,
        cache_written=wrote,
        reasoning=(getattr(details, "thinking_tokens", 0) or 0) if details else 0,
        searches=(tools.web_search_requests or 0) if tools else 0,
    )
