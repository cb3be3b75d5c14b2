"""What a user states about a table in a file beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from wmjax._errors import DataError
from wmjax.series._mistakes import Mistakes, shown
from wmjax.series._observed import FREQUENCIES, Frequency


SUFFIX = ".meta.yaml"
_TEXTS = ("source", "licence", "note", "address", "fetched")
# PyYAML lets the errors of its converters through: `!!bool x` is a KeyError.
_UNREADABLE = (
    OSError,
    ValueError,
    ArithmeticError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    yaml.YAMLError,
)
_KEYS = ("frequency", "series", *_TEXTS)
_SERIES_TEXTS = ("unit", "source", "licence", "note", "meaning")
_SERIES_KEYS = (*_SERIES_TEXTS, "sigma")


@dataclass(frozen=True)
class Sidecar:
    """Statements about a table; empty where nothing is stated."""

    frequency: Frequency | None = None
    texts: Mapping[str, str] = field(default_factory=dict)
    series: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def text(self, name: str, key: str) -> str:
        """What is said about the series `name`, else about the whole table, else ""."""
        return self.series.get(name, {}).get(key) or self.texts.get(key, "")

    def unit(self, name: str) -> str | None:
        return self.series.get(name, {}).get("unit")

    def sigma(self, name: str) -> float | None:
        return self.series.get(name, {}).get("sigma")


def sidecar_of(table: Path) -> Sidecar:
    """The sidecar `<file>.meta.yaml` of a table, or an empty one.

    ```yaml
    frequency: month
    source: our own counts
    series:
      cases: {unit: person, sigma: 5}
    ```

    **Raises:** `DataError` or `UserErrors` if it is there and wrong.
    """
    path = table.with_name(table.name + SUFFIX)
    return read_sidecar(path) if path.is_file() else Sidecar()


def read_sidecar(path: Path) -> Sidecar:
    """Reads a sidecar, YAML or JSON."""
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8-sig"))
    except _UNREADABLE as error:
        reason = " ".join(str(error).split())[:200]
        hint = "write for example  series: {cases: {unit: person}}"
        raise DataError(path.name, reason, "a YAML mapping", hint) from None
    mistakes = Mistakes(path.name)
    sidecar = _sidecar(document, mistakes)
    mistakes.raise_if_any()
    return sidecar


def _sidecar(document: object, mistakes: Mistakes) -> Sidecar:
    top = _mapping("the file", {} if document is None else document, _KEYS, mistakes)
    texts = {k: _string(k, v, mistakes) for k, v in top.items() if k in _TEXTS}
    listed = top.get("series") or {}
    if not isinstance(listed, Mapping):
        mistakes.add(
            f"series is {_said(listed)}", "a mapping from name to statements", "write it so"
        )
        listed = {}
    series = {str(name): _series(str(name), said, mistakes) for name, said in listed.items()}
    return Sidecar(_frequency(top.get("frequency"), mistakes), texts, series)


def _series(name: str, said: object, mistakes: Mistakes) -> dict[str, Any]:
    place = f"series.{name}"
    entry = _mapping(place, said, _SERIES_KEYS, mistakes)
    out: dict[str, Any] = {
        k: _string(f"{place}.{k}", v, mistakes) for k, v in entry.items() if k != "sigma"
    }
    sigma = entry.get("sigma")
    if isinstance(sigma, (int, float)) and not isinstance(sigma, bool) and 0 < sigma < float("inf"):
        out["sigma"] = float(sigma)
    elif sigma is not None:
        mistakes.add(
            f"{place}.sigma = {_said(sigma)}", "a number above zero", "write one, or leave out"
        )
    return out


def _mapping(
    place: str, value: object, keys: tuple[str, ...], mistakes: Mistakes
) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        mistakes.add(f"{place} is {_said(value)}", "a mapping", f"use {', '.join(keys)}")
        return {}
    for key in value:
        if key not in keys:
            mistakes.add(f"{place} has {_said(key)}", f"one of {', '.join(keys)}", "rename it")
    return {k: v for k, v in value.items() if k in keys}


def _said(value: object) -> str:
    """Nested values by their kind only: written out, aliases can make them endless."""
    nested = isinstance(value, (Mapping, list, tuple, set))
    return f"a {type(value).__name__}" if nested else shown(str(value))


def _string(place: str, value: object, mistakes: Mistakes) -> str:
    if isinstance(value, (Mapping, list, tuple, set)):
        mistakes.add(f"{place} is {_said(value)}", "text", "write one line of text")
        return ""
    return "" if value is None else str(value)


def _frequency(value: object, mistakes: Mistakes) -> Frequency | None:
    if value is None:
        return None
    for known in FREQUENCIES:
        if value == known:
            return known
    mistakes.add(
        f"frequency {_said(value)}", f"one of {', '.join(FREQUENCIES)}", "write one of them"
    )
    return None
