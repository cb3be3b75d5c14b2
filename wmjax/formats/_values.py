"""Elements of arrays, and the values of parameters at them."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from wmjax.spec import ModelSpec


Key = tuple[str, ...]
"""One element of an array: its name along each dimension."""

Texts = dict[Key, str]
"""Equations for each element by its XMILE names; `()` for one that stands for all."""


def keys(spec: ModelSpec, dims: Sequence[str]) -> Iterator[Key]:
    """Every element, the last dimension fastest; `()` alone without dimensions."""
    return itertools.product(*(spec.elements(d) for d in dims))


def split_key(text: str) -> Key:
    """An element as a spec writes it, `China, coal`."""
    return tuple(part.strip() for part in text.split(","))


def value_at(spec: ModelSpec, value: Any, key: Key, dims: Sequence[str]) -> float:
    """A value given as a number, as nested lists, or as a mapping from elements."""
    for element, dim in zip(key, dims, strict=True):
        if isinstance(value, Mapping):
            value = value[element]
        elif isinstance(value, Sequence):
            value = value[spec.elements(dim).index(element)]
    return float(value)
