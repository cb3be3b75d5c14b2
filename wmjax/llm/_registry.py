"""Providers by name: ours, and those of entry points."""

from __future__ import annotations

import difflib
import importlib.metadata
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from wmjax._errors import UserError
from wmjax._resources import resource_dir
from wmjax.llm._keys import need_key
from wmjax.llm._protocol import Provider
from wmjax.llm._settings import LLMSettings


ENTRY_POINTS = "wmjax.language_models"
_OPENAI_KEYS = ("OPENAI_API_KEY", "ECON_OPENAI")
_ANTHROPIC_KEYS = ("ANTHROPIC_API_KEY",)


def providers() -> tuple[str, ...]:
    """The names that `provider` may have, entry points included."""
    found = {point.name for point in importlib.metadata.entry_points(group=ENTRY_POINTS)}
    return tuple(sorted({*_MAKERS, *found}))


def make_providers(settings: LLMSettings) -> Sequence[Provider]:
    """The endpoints of one model. **Raises:** `UserError` for an unknown name or a missing key."""
    maker = _MAKERS.get(settings.provider)
    if maker is not None:
        return maker(settings)
    for point in importlib.metadata.entry_points(group=ENTRY_POINTS, name=settings.provider):
        return [point.load()(settings)]
    names = providers()
    near = difflib.get_close_matches(settings.provider, names, n=1)
    hint = f"did you mean {near[0]!r}?" if near else "docs/language-models.md says how to add one"
    raise UserError("llm.provider", repr(settings.provider), ", ".join(names), hint)


def _model(settings: LLMSettings) -> str:
    if not settings.model:
        raise UserError(
            f"language model {settings.provider!r}",
            "no model",
            "the vendor's name of a model",
            f"llm.model=NAME, or llm={settings.provider}:NAME",
        )
    return settings.model


def _common(settings: LLMSettings) -> dict[str, Any]:
    return {
        "options": settings.options,
        "timeout": settings.timeout,
        "max_retries": settings.max_retries,
    }


def _openai(settings: LLMSettings) -> Sequence[Provider]:
    from wmjax.llm._providers._openai import OpenAI

    names = (settings.key_env,) if settings.key_env else _OPENAI_KEYS
    key = need_key("openai", names)
    model, common = _model(settings), _common(settings)
    return [
        OpenAI("openai", model, key=key, key_names=names, base_url=url, **common)
        for url in settings.base_urls or (None,)
    ]


def _anthropic(settings: LLMSettings) -> Sequence[Provider]:
    from wmjax.llm._providers._anthropic import Anthropic

    names = (settings.key_env,) if settings.key_env else _ANTHROPIC_KEYS
    key = need_key("anthropic", names)
    return [
        Anthropic(_model(settings), key=key, key_names=names, base_url=url, **_common(settings))
        for url in settings.base_urls or (None,)
    ]


def _compatible(settings: LLMSettings) -> Sequence[Provider]:
    from wmjax.llm._providers._openai import OpenAI

    if not settings.base_urls:
        raise UserError(
            "language model 'openai_compatible'",
            "no address",
            "the addresses of one server or more, /v1 included",
            "llm.base_urls=[http://127.0.0.1:8000/v1]",
        )
    names = (settings.key_env,) if settings.key_env else ()
    key = need_key("openai_compatible", names) if names else "none"
    name, model = "openai_compatible", _model(settings)
    return [
        OpenAI(name, model, key=key, key_names=names, base_url=url, **_common(settings))
        for url in settings.base_urls
    ]


def _local(settings: LLMSettings) -> Sequence[Provider]:
    from wmjax.llm._providers._local import Local

    return [Local(settings.path, **_common(settings))]


def _replay(settings: LLMSettings) -> Sequence[Provider]:
    from wmjax.llm._providers._replay import Replay

    return [Replay(_path(settings, "a zip of `wmjax runs export`"))]


def _scripted(settings: LLMSettings) -> Sequence[Provider]:
    from wmjax.llm._providers._scripted import from_file

    path = _path(settings, "a JSON file with a list of answers")
    shipped = resource_dir("data") / path
    own = Path(path).exists() or not shipped.is_file()
    return [from_file(path if own else str(shipped), settings.cycle)]


def _path(settings: LLMSettings, wanted: str) -> str:
    if not settings.path:
        raise UserError(f"language model {settings.provider!r}", "no file", wanted, "llm.path=FILE")
    return settings.path


_MAKERS: Mapping[str, Callable[[LLMSettings], Sequence[Provider]]] = {
    "anthropic": _anthropic,
    "local": _local,
    "openai": _openai,
    "openai_compatible": _compatible,
    "replay": _replay,
    "scripted": _scripted,
}
