"""Texts of language models without characters that a terminal obeys."""

from __future__ import annotations

import re
from typing import Any, TypeVar

import pydantic


# All control characters but tab and line feed, and those that turn the direction of writing.
_OBEYED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")

T = TypeVar("T")


def printable(value: T) -> T:
    """A text, or a value with texts in it, without control characters."""
    found: Any = value
    if isinstance(value, str):
        found = _OBEYED.sub("", value)
    elif isinstance(value, list | tuple):
        found = type(value)(map(printable, value))
    elif isinstance(value, dict):
        found = {k: printable(v) for k, v in value.items()}
    elif isinstance(value, pydantic.BaseModel):
        old = {n: getattr(value, n) for n in type(value).model_fields}
        new = {n: printable(v) for n, v in old.items()}
        changed = {n: v for n, v in new.items() if v != old[n]}
        found = value.model_copy(update=changed) if changed else value
    return found


def one_line(text: str) -> str:
    """A text in one line, without control characters."""
    return " ".join(printable(text).split())
