"""Keeping secrets out of what is stored."""

from __future__ import annotations

import functools
import os
import re
from collections.abc import Callable, Mapping
from typing import Any, Literal

from wmjax.llm import known_keys


HIDDEN = "***"

# Whole words, so that `max_tokens` and `monkey` keep their values.
_ALWAYS = {"password", "passwd", "passphrase", "secret", "secrets", "credential", "credentials"}
_IF_TEXT = {"key", "keys", "apikey", "token", "authorization", "bearer"}
# `api_key_env: OPENAI_API_KEY` says where a secret is and is needed to repeat the run.
_PLACES = {"env", "file", "path", "name", "variable"}
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_SHORTEST = 16

_LOOKS_SECRET = re.compile(
    r"""\bsk-(?:proj|ant|or|svcacct|admin)-[\w-]{16,}
      | \b(?:sk|pk|rk|gsk|xai|pplx|hf|r8|glpat|nvapi)[-_](?:(?:live|test)[-_])?[A-Za-z0-9]{16}[\w-]*
      | \b(?:gh[opsur]_|github_pat_)\w{20,}
      | \b(?:AKIA|ASIA)[A-Z0-9]{16}\b
      | \bAIza[\w-]{30,}
      | \bxox[abeprs]-[\w-]{10,}
      | \beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*
      | (?<=://)[^\s/@:]*:[^\s/@]+(?=@)
      | (?<=[Bb]earer\ )[\w.~+/=-]{16,}
      | -----BEGIN\ [A-Z ]*PRIVATE\ KEY-----.*?(?:-----END\ [A-Z ]*PRIVATE\ KEY-----|\Z)""",
    re.VERBOSE | re.DOTALL,
)


# One of these is in every match: most text has none and is spared the search.
_HINTS = (
    "sk-", "sk_", "pk-", "pk_", "rk-", "rk_", "xai-", "xai_", "pplx-", "pplx_", "hf-", "hf_",
    "r8-", "r8_", "glpat-", "glpat_", "nvapi-", "nvapi_", "gho_", "ghp_", "ghs_", "ghu_", "ghr_",
    "github_pat_", "AKIA", "ASIA", "AIza", "xox", "eyJ", "://", "earer ", "-----BEGIN",
)  # fmt: skip


def redact(value: Any) -> Any:
    """`value`, in the types of JSON, with every secret replaced by `***`.

    Hidden are the values of keys named like a key, token, secret or password (in any spelling:
    `apiKey`, `llm.api-key`), and in any text what has the form of an API key or is the value of
    such an environment variable.
    """
    if isinstance(value, Mapping):
        return {redact_text(key): _entry(key, item) for key, item in value.items()}
    if isinstance(value, list):
        return [redact(item) for item in value]
    return redact_text(value) if isinstance(value, str) else value


def redact_text(text: str) -> str:
    """`text` without what has the form of an API key or is one of the environment's secrets."""
    return redactor()(text)


def redactor() -> Callable[[str], str]:
    """`redact_text` for many texts: it looks through the environment once, now."""
    environment = _environment()

    def hide(text: str) -> str:
        for secret in sorted(environment | known_keys(), key=len, reverse=True):
            text = text.replace(secret, HIDDEN)
        return _LOOKS_SECRET.sub(HIDDEN, text) if any(h in text for h in _HINTS) else text

    return hide


def redact_text_in(value: Any) -> Any:
    """As `redact`, but names of keys hide nothing: for a spec, where `token` may be a variable."""
    return _hidden_in(value, redactor())


def _hidden_in(value: Any, hide: Callable[[str], str]) -> Any:
    if isinstance(value, Mapping):
        return {key: _hidden_in(item, hide) for key, item in value.items()}
    if isinstance(value, list):
        return [_hidden_in(item, hide) for item in value]
    return hide(value) if isinstance(value, str) else value


def redact_argv(argv: list[str]) -> list[str]:
    """A command line whose `key=value` words hide their values as `redact` does."""
    return [_word(word) for word in argv]


def _word(word: str) -> str:
    key, equals, value = word.partition("=")
    return f"{redact_text(key)}={_entry(key, value)}" if equals else redact_text(word)


def _entry(key: str, value: Any) -> Any:
    rule = _rule(key)
    if rule == "hide" or rule == "hide text" and isinstance(value, str):
        return _hide(value)
    return redact(value)


@functools.cache
def _rule(key: str) -> Literal["hide", "hide text", "keep"]:
    words = [word.lower() for word in _WORD.findall(key)]
    if words and words[-1] in _PLACES:
        return "keep"
    if _ALWAYS.intersection(words):
        return "hide"
    return "hide text" if _IF_TEXT.intersection(words) else "keep"


def _hide(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _hide(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_hide(item) for item in value]
    return value if value is None or value == "" or isinstance(value, bool) else HIDDEN


def _environment() -> set[str]:
    """Secrets of the environment; short values would match ordinary words."""
    return {v for k, v in os.environ.items() if len(v) >= _SHORTEST and _rule(k) != "keep"}
