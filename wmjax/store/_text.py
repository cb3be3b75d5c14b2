"""Values as text: times, JSON."""

from __future__ import annotations

import dataclasses
import datetime
import enum
import json
import math
from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import Any

from wmjax._errors import StoreError


def now() -> str:
    """The present moment, UTC, ISO 8601 with microseconds: sorts as it ticks."""
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="microseconds")


def storable(text: str) -> str:
    """`text` with what UTF-8 cannot hold (file names of another encoding) written as escapes."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def plain(value: Any, place: str = "value") -> Any:
    """`value` in the types of JSON: arrays become lists, documents and dataclasses mappings.

    **Raises:** `StoreError` that names the place of a value with no such form.
    """
    if isinstance(value, enum.Enum):
        return plain(value.value, place)
    if value is None or isinstance(value, (str, bool, int, float)):
        return _builtin(value)
    if isinstance(value, Mapping):
        return _mapping(value, place)
    if isinstance(value, (set, frozenset)):
        return plain(sorted(value, key=repr), place)
    if isinstance(value, Sequence) and not isinstance(value, (bytes, bytearray, memoryview)):
        return [plain(item, f"{place}[{i}]") for i, item in enumerate(value)]
    return _object(value, place)


def _builtin(value: Any) -> Any:
    """Subclasses (numpy's float64, omegaconf's strings) as the built-in type itself."""
    for kind in (bool, int, float, str):
        if isinstance(value, kind):
            return kind(value)
    return None


def _mapping(value: Mapping[Any, Any], place: str) -> dict[str, Any]:
    result = {str(plain(k, place)): plain(v, f"{place}.{k}") for k, v in value.items()}
    if len(result) < len(value):
        raise StoreError(
            place,
            "keys that differ only in type, such as 1 and '1'",
            "keys that stay different as text",
            "rename one of them",
        )
    return result


def _object(value: Any, place: str) -> Any:
    if isinstance(value, PurePath):
        return value.as_posix()
    if isinstance(value, (datetime.date, datetime.time)):
        return value.isoformat()
    if hasattr(value, "model_dump"):
        return plain(value.model_dump(mode="json"), place)
    if hasattr(value, "tolist"):
        return plain(value.tolist(), place)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = dataclasses.fields(value)
        return {f.name: plain(getattr(value, f.name), f"{place}.{f.name}") for f in fields}
    raise StoreError(
        place,
        f"a value of type {type(value).__name__}",
        "text, a number, true or false, nothing, or lists, arrays and mappings of these",
        "convert it before it is stored",
    )


def exact(value: Any) -> str:
    """JSON for the database: NaN and the infinities come back as they went in."""
    return json.dumps(value, separators=(",", ":"))


def standard(value: Any) -> str:
    """JSON for files that others read: what JSON cannot hold (NaN, infinities) is null."""
    return json.dumps(_finite(value), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_finite(item) for item in value]
    return value


def flatten(value: Any, prefix: str = "") -> dict[str, Any]:
    """Leaves of nested mappings by dotted path; an empty mapping is a leaf, and so is a list."""
    if not isinstance(value, Mapping) or not value:
        return {prefix: value} if prefix else {}
    leaves: dict[str, Any] = {}
    for key, item in value.items():
        leaves |= flatten(item, f"{prefix}.{key}" if prefix else str(key))
    return leaves
