"""The content of a request as a hash."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from wmjax.llm._request import Request
from wmjax.llm._schema import llm_schema


def question_of(request: Request) -> str:
    """SHA-256 of the canonical JSON of what is asked, whoever is asked and whatever for."""
    search = request.web_search
    return _hash(
        {
            "messages": [[m.role, m.content] for m in request.messages],
            "schema": llm_schema(request.schema) if request.schema else None,
            "max_tokens": request.max_tokens,
            "sample": request.sample,
            "web_search": [search.max_uses, search.domains] if search else None,
        }
    )


def key_of(
    question: str, provider: str, model: str, options: Mapping[str, Any], origins: Sequence[str]
) -> str:
    """SHA-256 of a question and of the settings of the model that is asked.

    **Arguments:**

    - `origins`: addresses or files that tell models of one name apart.
    """
    return _hash([question, provider, model, options, *([sorted(origins)] if origins else [])])


def _hash(value: Any) -> str:
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
