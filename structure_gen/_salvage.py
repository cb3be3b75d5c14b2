"""What can be saved of an answer that does not fit: its sound items."""

from __future__ import annotations

import types
from typing import Any, TypeVar, get_args, get_origin

import pydantic

from wmjax.llm import Invalid


A = TypeVar("A", bound=pydantic.BaseModel)


def salvaged(schema: type[A], failure: Invalid) -> tuple[A, list[Any]] | None:
    """The answer with those items of its lists that fit, and the items that do not; None if
    something outside of the lists is wrong, or no item fits."""
    document = failure.document
    if not isinstance(document, dict):
        return None
    kept: dict[str, Any] = dict(document)
    lost: list[Any] = []
    for name, field in schema.model_fields.items():
        if isinstance(kept.get(name), list):
            kept[name], bad = _sorted(kept[name], _item(field.annotation), _most(field))
            lost += bad
    try:
        value = schema.model_validate(kept)
    except pydantic.ValidationError:
        return None
    some = any(isinstance(v, list) and v for v in kept.values())
    return (value, lost) if some else None


def _sorted(items: list[Any], kind: Any, most: int | None) -> tuple[list[Any], list[Any]]:
    fit, bad = [], []
    check = pydantic.TypeAdapter(kind).validate_python
    for one in items:
        try:
            check(one)
        except pydantic.ValidationError:
            bad.append(one)
        else:
            fit.append(one)
    return fit[:most], [*bad, *(fit[most:] if most is not None else ())]


def _item(annotation: Any) -> Any:
    """What a list holds."""
    if get_origin(annotation) in (list, types.GenericAlias):
        return get_args(annotation)[0]
    return Any


def _most(field: Any) -> int | None:
    found = (getattr(m, "max_length", None) for m in field.metadata)
    return next((n for n in found if n is not None), None)
