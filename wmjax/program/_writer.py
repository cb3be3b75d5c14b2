"""Instructions as they are written, and what is often written with them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import repeat

import numpy as np

from wmjax.program._kinds import NUMBER


Lanes = int | np.ndarray
"""Numbers of lanes with the shape of a value; one number for a value without axes."""

Leaf = tuple[str, str, int]
"""What a lane holds from outside: kind (`const`, `ref`, `clock`, `effect`), name, element."""

Instruction = tuple[int, int, int, int, int]
"""Number of the kind, three arguments (0 where there are fewer), and which table."""

LEAF = -1
_LEAF: Instruction = (LEAF, 0, 0, 0, 0)
_PAD: Leaf = ("const", (0.5).hex(), 0)
_TRUTHS = frozenset(NUMBER[k] for k in ("<", "<=", "="))


class Writer:
    """Writes instructions; equal ones are one lane."""

    def __init__(self) -> None:
        self._known: dict[Instruction | Leaf, int] = {}  # number of each, in that order
        self._varies: list[bool] = []
        self._truths: set[int] = set()
        self.leaf(_PAD, varies=False)  # lane 0: every kind, and its slope, is finite there
        self.zero, self.one = self.const(0.0), self.const(1.0)

    def leaf(self, leaf: Leaf, *, varies: bool) -> int:
        found = self._known.get(leaf)
        if found is None:
            found = self._known[leaf] = len(self._known)
            self._varies.append(varies)
        return found

    def const(self, value: float) -> int:
        return self.leaf(("const", float(value).hex(), 0), varies=False)

    def clock(self, name: str) -> int:
        return self.leaf(("clock", name, 0), varies=name in ("time", "switch"))

    def elements(self, kind: str, name: str, shape: tuple[int, ...], *, varies: bool) -> Lanes:
        """All elements of an array from outside."""
        if not shape:
            return self.leaf((kind, name, 0), varies=varies)
        count = int(np.prod(shape))
        lanes = [self.leaf((kind, name, i), varies=varies) for i in range(count)]
        return np.array(lanes, np.int64).reshape(shape)

    def do(self, kind: str, *args: Lanes, label: int = 0) -> Lanes:
        """An operation element by element."""
        number = NUMBER[kind]
        for a in args:
            if type(a) is not int:
                break
        else:
            return self._one(number, (*args, 0, 0)[:3], label)  # pyright: ignore
        shape = np.broadcast_shapes(*(np.shape(a) for a in args))
        rows = [np.broadcast_to(a, shape).reshape(-1).tolist() for a in args]
        rows += [repeat(0)] * (3 - len(rows))
        lanes = [self._one(number, each, label) for each in zip(*rows, strict=False)]
        return np.array(lanes, np.int64).reshape(shape)

    def _one(self, kind: int, args: tuple[int, int, int], label: int) -> int:
        key = kind, *args, label
        found = self._known.get(key)
        if found is None:
            varies = self._varies
            moves = varies[args[0]] or varies[args[1]] or varies[args[2]]
            found = self._known[key] = len(self._known)
            self._varies.append(moves)
            if kind in _TRUTHS:
                self._truths.add(found)
        return found

    def written(self) -> tuple[list[Instruction], dict[int, Leaf]]:
        """All of them in order, and which of them are leaves."""
        rows: list[Instruction] = []
        leaves: dict[int, Leaf] = {}
        for what, number in self._known.items():
            if isinstance(what[0], str):
                leaves[number] = what  # pyright: ignore[reportArgumentType]
                what = _LEAF
            rows.append(what)  # pyright: ignore[reportArgumentType]
        return rows, leaves

    def no(self, x: Lanes) -> Lanes:
        """1 where a value is 0, else 0."""
        return self._logical(self.do("-", self.one, x) if self._is_truth(x)
                             else self.do("=", x, self.zero))  # fmt: skip

    def yes(self, x: Lanes) -> Lanes:
        """1 where a value is not 0, else 0."""
        return x if self._is_truth(x) else self.no(self.no(x))

    def both(self, a: Lanes, b: Lanes) -> Lanes:
        return self._logical(self.do("*", self.yes(a), self.yes(b)))

    def either(self, a: Lanes, b: Lanes) -> Lanes:
        return self._logical(self.do("max", self.yes(a), self.yes(b)))

    def _is_truth(self, x: Lanes) -> bool:
        lanes = (x,) if isinstance(x, int) else x.flat
        return all(i in self._truths for i in lanes)

    def _logical(self, x: Lanes) -> Lanes:
        self._truths.update((x,) if isinstance(x, int) else x.flat)
        return x

    def fold(self, kind: str, lanes: np.ndarray, axes: Sequence[int]) -> Lanes:
        """An operation along axes, by halves."""
        kept = [n for i, n in enumerate(lanes.shape) if i not in axes]
        rows = np.moveaxis(lanes, axes, range(-len(axes), 0)).reshape(*kept, -1)
        while (count := rows.shape[-1]) > 1:
            half = count // 2
            done = np.asarray(self.do(kind, rows[..., :half], rows[..., half : 2 * half]))
            rows = np.concatenate([done, rows[..., 2 * half :]], -1)
        found = rows[..., 0]
        return found if found.ndim else int(found)
