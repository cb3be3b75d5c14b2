"""Exchanges in the types of JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from wmjax.llm._answer import Reply, Source, Usage


def reply_document(reply: Reply) -> dict[str, Any]:
    """A reply as a mapping that `reply_from` reads."""
    return asdict(reply)


def reply_from(document: Mapping[str, Any]) -> Reply:
    """The reply that a mapping stands for."""
    usage = document["usage"]
    return Reply(
        text=document["text"],
        stop=document["stop"],
        usage=None if usage is None else Usage(**usage),
        model=document["model"],
        retries=document["retries"],
        sources=tuple(Source(**source) for source in document["sources"]),
    )
