"""Whether an answer is one."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Sequence

import pydantic

from wmjax.llm._answer import Reply
from wmjax.llm._exchange import Verdict
from wmjax.llm._failures import Empty, Invalid, LLMFailure, Refused, Truncated
from wmjax.llm._printable import one_line, printable


_SHOWN_ERRORS = 20
_SHOWN_TEXT = 200
_BRACES = 20

VERDICTS: dict[type[LLMFailure], Verdict] = {
    Refused: "refused",
    Truncated: "truncated",
    Empty: "empty",
    Invalid: "invalid",
}


def judge(schema: type[pydantic.BaseModel] | None, reply: Reply) -> pydantic.BaseModel | None:
    """The validated value of a reply; None without a schema.

    JSON with prose or a fence around it is taken out of it, and control characters out of its
    texts.

    **Raises:** `Refused`, `Truncated`, `Empty` or `Invalid`.
    """
    if reply.stop == "refusal":
        said = one_line(_short(reply.text))
        raise Refused(f"the model refused: {said or 'without a word'}")
    if reply.stop == "length":
        raise Truncated("the answer was cut off at the token limit")
    if not reply.text.strip():
        raise Empty("the answer is empty")
    return None if schema is None else _validated(schema, reply.text)


def _validated(schema: type[pydantic.BaseModel], text: str) -> pydantic.BaseModel:
    try:
        return printable(schema.model_validate_json(text))
    except pydantic.ValidationError as error:
        inner = _object_in(text) if error.errors()[0]["type"] == "json_invalid" else None
        if inner is None:
            raise _invalid(schema, error, text) from None
    try:
        return printable(schema.model_validate_json(inner))
    except pydantic.ValidationError as error:
        raise _invalid(schema, error, inner) from None


def _object_in(text: str) -> str | None:
    """The first JSON object in `text`, if one of the first few braces begins one."""
    start = text.find("{")
    for _ in range(_BRACES):
        if start < 0:
            break
        try:
            return text[start : json.JSONDecoder().raw_decode(text, start)[1]]
        except (ValueError, RecursionError):
            start = text.find("{", start + 1)
    return None


def _invalid(
    schema: type[pydantic.BaseModel], error: pydantic.ValidationError, text: str
) -> Invalid:
    errors = _errors(error)
    failure = Invalid(f"the answer does not fit {schema.__name__}: {'; '.join(errors)}", errors)
    with contextlib.suppress(ValueError, RecursionError):
        failure.document = printable(json.loads(text))
    return failure


def _errors(error: pydantic.ValidationError) -> tuple[str, ...]:
    found: Sequence = error.errors(include_url=False, include_context=False)
    shown = [
        f"{'.'.join(map(str, e['loc'])) or 'answer'}: {e['msg']}, found {_short(repr(e['input']))}"
        for e in found[:_SHOWN_ERRORS]
    ]
    rest = len(found) - len(shown)
    return (*shown, f"and {rest} more") if rest else tuple(shown)


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN_TEXT else f"{text[:_SHOWN_TEXT]}..."
