"""Variables and their elements by the names of columns: `gdp`, `gdp[China]`."""

from __future__ import annotations

import difflib
import itertools
from collections.abc import Iterable

import numpy as np

from wmjax._errors import UserError
from wmjax.model import CompiledModel
from wmjax.program import Program


def near(name: str, known: Iterable[str]) -> str:
    """A hint with the nearest names."""
    names = list(known)
    found = difflib.get_close_matches(name, names, n=3, cutoff=0.5)
    if found:
        return f"did you mean {', '.join(map(repr, found))}?"
    return f"for example {', '.join(map(repr, names[:5]))}" if names else "there are none"


def split(label: str) -> tuple[str, tuple[str, ...]]:
    """`gdp[China,rural]` as a name and its subscripts."""
    name, _, rest = label.partition("[")
    inside = rest.rpartition("]")[0]
    return name.strip(), tuple(s.strip() for s in inside.split(",")) if inside else ()


def labels(model: CompiledModel, name: str) -> tuple[str, ...]:
    """The name of every element, in the order of the flattened array.

    The points of a lookup are `name(x)`.
    """
    if name in model.lookups:
        return tuple(f"{name}({x:.6g})" for x in np.asarray(model.lookups[name].x))
    dims = model.program.slot[name].dims
    if not dims:
        return (name,)
    elements = (model.program.elements(d) for d in dims)
    return tuple(f"{name}[{','.join(e)}]" for e in itertools.product(*elements))


def position(program: Program, label: str, place: str) -> int:
    """The place of one element in the flattened array of a variable.

    **Raises:** `UserError` unless `label` names exactly one element.
    """
    name, subscripts = split(label)
    dims = program.slot[name].dims
    if len(subscripts) != len(dims):
        wanted = f"one element of {name!r}, with subscripts {', '.join(dims)}" if dims else name
        example = ",".join(program.elements(d)[0] for d in dims)
        hint = f"for example {name}[{example}]" if dims else "leave the brackets out"
        raise UserError(place, repr(label), wanted, hint)
    index = 0
    for dim, subscript in zip(dims, subscripts, strict=True):
        elements = program.elements(dim)
        if subscript not in elements:
            raise UserError(
                place, f"no element {subscript!r} in dimension {dim!r}",
                f"one of {', '.join(elements[:12])}", near(subscript, elements),
            )  # fmt: skip
        index = index * len(elements) + elements.index(subscript)
    return index
