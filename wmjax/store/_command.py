"""The command line that repeats a run."""

from __future__ import annotations

import math
import os
import re
import shlex
from collections.abc import Mapping, Sequence
from typing import Any

from wmjax.store._redact import HIDDEN
from wmjax.store._text import flatten


_PROGRAM = "wmjax"
# The command line takes the values of these keys as they stand and quotes them itself.
_LITERAL = {"model", "brief", "output", "observations", "fit", "data"}


def words_after_verb(argv: Sequence[str], verb: str) -> list[str]:
    """`argv` without the program and the verb, should it begin with them."""
    words = [str(word) for word in argv]
    if words and os.path.basename(words[0]) in (_PROGRAM, "__main__.py"):
        words = words[1:]
    return words[1:] if words[:1] == [verb] else words


def repeat(
    verb: str, argv: Sequence[str] | None, config: Mapping[str, Any], overrides: Sequence[str]
) -> str:
    """The command of a run: as it was typed, or else put together from its configuration."""
    words = list(argv) if argv is not None else from_config(config)
    replaced = {_key(word) for word in overrides}
    kept = [w for w in words if _key(w) not in replaced and not w.endswith(f"={HIDDEN}")]
    return shlex.join([_PROGRAM, verb, *kept, *overrides])


def from_config(config: Mapping[str, Any]) -> list[str]:
    """One `key=value` word for each leaf of a configuration."""
    leaves = flatten(config).items()
    return [f"{key}={_value(key, value)}" for key, value in leaves if value != HIDDEN]


def _key(word: str) -> str:
    """The key of `key=value`, `+key=value` or `++key=value`; the word itself if it has none."""
    key, equals, _ = word.partition("=")
    return key.lstrip("+") if equals else word


def _value(key: str, value: Any) -> str:
    return value if key in _LITERAL and isinstance(value, str) else _quoted(value)


def _quoted(value: Any) -> str:
    """A value in the grammar of Hydra's overrides."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (int, float)):
        return _number(value)
    if isinstance(value, list):
        return "[" + ",".join(map(_quoted, value)) + "]"
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{k}:{_quoted(v)}" for k, v in value.items()) + "}"
    return _text(value)


def _number(value: float) -> str:
    if isinstance(value, int) or math.isfinite(value):
        return repr(value)
    return "nan" if math.isnan(value) else ("inf" if value > 0 else "-inf")


def _text(value: str) -> str:
    # Hydra: a backslash is literal except in front of the quote and at the end of the text.
    escaped = re.sub(r"(\\*)('|\Z)", lambda m: m[1] * 2 + (r"\'" if m[2] else ""), value)
    return f"'{escaped}'"
