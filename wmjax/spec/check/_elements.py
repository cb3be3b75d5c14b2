"""What is given for each element: equations and values, and whether any is missing or too many."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from wmjax.spec._issue import Issue
from wmjax.spec._names import spelling_hint
from wmjax.spec._variable import Auxiliary, Flow, Stock
from wmjax.spec.check._codes import issue
from wmjax.spec.check._context import Context


Key = tuple[str, ...]


def element_issues(context: Context) -> Iterator[Issue]:
    """Equations for each element that name wrong elements, leave some out or give some twice."""
    for name, variable in context.spec.variables.items():
        texts = variable.initial if isinstance(variable, Stock) else None
        if isinstance(variable, Flow | Auxiliary):
            texts = variable.equation
        if texts is None or isinstance(texts, str):
            continue
        path = f"variables.{name}.{'initial' if isinstance(variable, Stock) else 'equation'}"
        if not variable.dims:
            yield issue("dimension-clash", path, "an equation for each element, of a variable "
                        "without dims", "state dims, or write one equation")  # fmt: skip
        elif all(d in context.dims.elements for d in variable.dims):
            yield from _equations(context, path, variable.dims, texts)


def _equations(
    context: Context, path: str, dims: tuple[str, ...], texts: Mapping[str, str]
) -> Iterator[Issue]:
    elements = [context.dims.elements[d] for d in dims]
    keys = Counter(tuple(part.strip() for part in key.split(",")) for key in texts)
    right = 0
    for key, times in keys.items():
        wrong = _wrong(key, elements)
        right += not wrong
        if wrong:
            shown, own = ",".join(key), [e for inside in elements for e in inside]
            yield issue(
                "element-unknown",
                path,
                f"there is no element {shown!r} of {', '.join(dims)}",
                spelling_hint(wrong, own, "name elements of the dimensions, in order"),
            )
        elif times > 1:
            yield issue("element-twice", path, f"{times} equations for {','.join(key)!r}",
                        "delete all but one")  # fmt: skip
    missing = math.prod(map(len, elements)) - right
    if missing:
        first = (",".join(k) for k in itertools.product(*elements) if k not in keys)
        yield _missing(path, "equation", list(itertools.islice(first, 5)), missing)


def _wrong(key: Key, elements: list[tuple[str, ...]]) -> str:
    """The part of a key that is no element, or the whole key if it has too few or many parts."""
    if len(key) != len(elements):
        return ",".join(key)
    return next((part for part, own in zip(key, elements, strict=True) if part not in own), "")


def _missing(path: str, what: str, first: list[str], count: int) -> Issue:
    more = f" and {count - len(first)} more" if count > len(first) else ""
    return issue("element-missing", path, f"no {what} for {', '.join(first)}{more}",
                 "give one for each element")  # fmt: skip


def value_issues(context: Context, path: str, value: Any, dims: tuple[str, ...]) -> Iterator[Issue]:
    """Issues of a number, list or mapping that gives the values of a variable with `dims`."""
    if isinstance(value, int | float) or any(d not in context.dims.elements for d in dims):
        return
    if not dims:
        yield issue("dimension-clash", path, "more values than the variable has dimensions",
                    "state dims, or give one number")  # fmt: skip
        return
    own = context.dims.elements[dims[0]]
    if isinstance(value, Mapping):
        yield from _mapping(context, path, value, dims, own)
        return
    if len(value) != len(own):
        yield issue("dimension-clash", path, f"{len(value)} values; {dims[0]!r} has {len(own)} "
                    "elements", "give one for each element, in order")  # fmt: skip
    for i, inside in enumerate(value):
        yield from value_issues(context, f"{path}[{i}]", inside, dims[1:])


def _mapping(
    context: Context, path: str, value: Mapping[str, Any], dims: tuple[str, ...], own: Key
) -> Iterator[Issue]:
    for element, inside in value.items():
        if element in own:
            yield from value_issues(context, f"{path}.{element}", inside, dims[1:])
        else:
            yield issue("element-unknown", path, f"{element!r} is no element of {dims[0]!r}",
                        spelling_hint(element, own, "delete it"))  # fmt: skip
    missing = [e for e in own if e not in value]
    if missing:
        yield _missing(path, "value", missing[:5], len(missing))


def numbers(value: Any) -> Iterator[float]:
    """All numbers of a value."""
    if isinstance(value, int | float):
        yield float(value)
        return
    for inside in value.values() if isinstance(value, Mapping) else value:
        yield from numbers(inside)
