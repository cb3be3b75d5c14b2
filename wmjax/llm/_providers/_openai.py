"""OpenAI's wire format: OpenAI itself, and every server that speaks it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, final

import pydantic

from wmjax._errors import UserError
from wmjax.llm._answer import Reply, Source, Stop, Usage
from wmjax.llm._loop import PerLoop
from wmjax.llm._request import Request
from wmjax.llm._schema import llm_schema


@final
class OpenAI:
    """One model at one address, through the official SDK.

    **Arguments:**

    - `key_names`: for error messages.
    - `form`: the arguments of a chat call that hold its answer to a type; those of OpenAI by
      default.
    """

    def __init__(
        self,
        name: str,
        model: str,
        *,
        key: str,
        key_names: Sequence[str] = (),
        base_url: str | None = None,
        options: Mapping[str, Any] | None = None,
        timeout: float = 120.0,
        max_retries: int = 2,
        form: Callable[[type[pydantic.BaseModel]], dict[str, Any]] | None = None,
    ) -> None:
        self.name = name
        self.model = model
        self.origin = base_url or ""
        self._key_names = key_names
        self._options = dict(options or {})
        self._form = form or strict_form
        self._retries = max_retries
        self._clients = PerLoop(lambda: _client(key, base_url, timeout, max_retries))

    async def send(self, request: Request) -> Reply:
        import openai

        from wmjax.llm._providers._http import understood

        try:
            if request.web_search is not None:
                return await self._search(request)
            return await self._chat(request)
        except UserError:
            raise
        except Exception as error:
            raise understood(
                error, openai, self.name, self.model, self._key_names, self._retries
            ) from None

    async def close(self) -> None:
        client = self._clients.pop()
        if client is not None:
            await client.close()

    async def _chat(self, request: Request) -> Reply:
        form = {} if request.schema is None else self._form(request.schema)
        extra: dict[str, Any] = {**self._options, **form}
        if "extra_body" in self._options and "extra_body" in form:
            extra["extra_body"] = {**self._options["extra_body"], **form["extra_body"]}
        raw = await self._clients.get().chat.completions.with_raw_response.create(
            model=self.model,
            messages=[{"role": m.role, "content": m.content} for m in request.messages],
            **{"max_completion_tokens": request.max_tokens, **extra},
        )
        return _chat_reply(raw.parse(), raw.retries_taken)

    async def _search(self, request: Request) -> Reply:
        """The vendor's search tool, which only its newer interface has."""
        if self.name != "openai" or request.web_search is None:
            raise UserError(
                f"language model {self.name}:{self.model}",
                "a request with web search",
                "a provider that has a search tool",
                "llm=openai or llm=anthropic",
            )
        search = request.web_search
        tool: dict[str, Any] = {"type": "web_search"}
        if search.domains:
            tool["filters"] = {"allowed_domains": list(search.domains)}
        extra: dict[str, Any] = dict(self._options)
        if request.schema is not None:
            schema = llm_schema(request.schema)
            form = {"type": "json_schema", "name": "reply", "strict": True, "schema": schema}
            extra["text"] = {"format": form}
        raw = await self._clients.get().responses.with_raw_response.create(
            model=self.model,
            input=[{"role": m.role, "content": m.content} for m in request.messages],
            max_output_tokens=request.max_tokens,
            max_tool_calls=search.max_uses,
            tools=[tool],
            store=False,
            **extra,
        )
        return _response_reply(raw.parse(), raw.retries_taken)


def strict_form(
    schema: type[pydantic.BaseModel],
    convert: Callable[[type[pydantic.BaseModel]], dict[str, Any]] = llm_schema,
) -> dict[str, Any]:
    """The argument of a chat call that OpenAI and most compatible servers understand."""
    named = {"name": "reply", "strict": True, "schema": convert(schema)}
    return {"response_format": {"type": "json_schema", "json_schema": named}}


def _client(key: str, base_url: str | None, timeout: float, max_retries: int) -> Any:
    import openai

    from wmjax.llm._providers._http import Client

    return openai.AsyncOpenAI(
        api_key=key,
        base_url=base_url,
        timeout=timeout,
        max_retries=max_retries,
        http_client=Client(timeout),
    )


def _chat_reply(completion: Any, retries: int) -> Reply:
    choice = completion.choices[0]
    refusal = getattr(choice.message, "refusal", None)
    refused = bool(refusal) or choice.finish_reason == "content_filter"
    stop: Stop = "refusal" if refused else "end"
    if choice.finish_reason == "length":
        stop = "length"
    text = refusal or choice.message.content or ""
    return Reply(_str(text), stop, _chat_usage(completion.usage), completion.model or "", retries)


def _str(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"content of type {type(value).__name__}")
    return value


def _chat_usage(usage: Any) -> Usage | None:
    if usage is None or usage.prompt_tokens is None:
        return None
    read, wrote = usage.prompt_tokens_details, usage.completion_tokens_details
    return Usage(
        input=usage.prompt_tokens,
        output=usage.completion_tokens,
        cached=_count(read, "cached_tokens"),
        cache_written=_count(read, "cache_write_tokens"),
        reasoning=_count(wrote, "reasoning_tokens"),
    )


def _count(details: Any, name: str) -> int:
    return (getattr(details, name, 0) or 0) if details is not None else 0


def _response_reply(response: Any, retries: int) -> Reply:
    items = [i for i in response.output if i.type == "message"]
    parts = [part for item in items for part in item.content]
    refusals = [part.refusal for part in parts if part.type == "refusal"]
    texts = [part for part in parts if part.type == "output_text"]
    stop: Stop = "refusal" if refusals else "end"
    if response.status == "incomplete":
        filtered = getattr(response.incomplete_details, "reason", "") == "content_filter"
        stop = "refusal" if filtered else "length"
    text = "".join(refusals) or "".join(_str(part.text) for part in texts)
    searches = sum(item.type == "web_search_call" for item in response.output)
    sources = tuple(
        Source(note.url, note.title or "", part.text[note.start_index : note.end_index])
        for part in texts
        for note in part.annotations or ()
        if note.type == "url_citation"
    )
    usage = _response_usage(response.usage, searches)
    return Reply(text, stop, usage, str(response.model), retries, sources)


def _response_usage(usage: Any, searches: int) -> Usage | None:
    if usage is None:
        return None
    return Usage(
        input=usage.input_tokens,
        output=usage.output_tokens,
        cached=_count(usage.input_tokens_details, "cached_tokens"),
        cache_written=_count(usage.input_tokens_details, "cache_write_tokens"),
        reasoning=_count(usage.output_tokens_details, "reasoning_tokens"),
        searches=searches,
    )
