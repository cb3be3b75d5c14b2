"""Names of values in C: those of the model where they are fit for it."""

from __future__ import annotations

import re
from collections.abc import Iterable

from benchmarks._c._graph import Value


class Names:
    """A C name for every value, each once."""

    def __init__(self, named: Iterable[tuple[str, Value]]) -> None:
        self._names: dict[int, str] = {}
        self._taken: set[str] = set()
        for name, value in named:
            if id(value) not in self._names:
                self._names[id(value)] = self._free("v_" + re.sub(r"\W+", "_", name))

    def __getitem__(self, value: Value) -> str:
        if value.op == "time":
            return "time"
        if id(value) not in self._names:
            self._names[id(value)] = self._free(f"x{len(self._names)}")
        return self._names[id(value)]

    def _free(self, name: str) -> str:
        while name in self._taken:
            name += "_"
        self._taken.add(name)
        return name
