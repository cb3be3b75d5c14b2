"""Where values are computed: inside the branch of a choice if nothing else needs them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

from wmjax.native._values import Value


Region = tuple[tuple[int, int], ...]
"""From outside in, the choices (by id) and the side of each."""
_DEEPEST = 16  # branches inside branches; what lies deeper is computed on both sides


def regions(
    values: Sequence[Value], roots: Iterable[Value], branches: Callable[[Value], bool]
) -> dict[int, Region]:
    """The region of each value by its id.

    **Arguments:**

    - `values`: each after what it is computed from.
    - `roots`: values that are needed whatever happens.
    - `branches`: whether a choice becomes a branch; the others compute both sides.
    """
    uses: dict[int, list[Region]] = defaultdict(list)
    for root in roots:
        uses[id(root)].append(())
    found: dict[int, Region] = {}
    for value in reversed(values):
        here = found[id(value)] = _common(uses[id(value)])
        splits = value.op == "if" and len(here) < _DEEPEST and branches(value)
        for i, arg in enumerate(value.args):
            uses[id(arg)].append((*here, (id(value), i)) if splits and i > 0 else here)
    return found


def _common(paths: Sequence[Region]) -> Region:
    shortest = min(paths, key=len, default=())
    for n, step in enumerate(shortest):
        if any(path[n] != step for path in paths):
            return shortest[:n]
    return shortest
