"""Instructions as they are written, and what is often written with them."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from itertools import repeat

import numpy as np

from wmjax.program._kinds import NUMBER


Lanes = int | np.ndarray
"""Numbers of lanes with the shape of a value; one number for a value without axes."""

Leaf = tuple[str, str, int]
"""What a lane holds from outside: kind (`const`, `ref`, `clock`, `effect`), name, element."""

LEAF = -1
_PAD: Leaf = ("const", (0.5).hex(), 0)
_TRUTHS = frozenset(NUMBER[k] for k in ("<", "<=", "="))


class Writer:
    """Writes instructions; equal ones are one lane."""

    def __init__(self) -> None:
        self._kind: list[int] = []
        self._args: list[tuple[int, int, int]] = []
        self._label: list[int] = []
        self._varies: list[bool] = []
        self._truth: list[bool] = []
        self._leaves: dict[int, Leaf] = {}
        self._known: dict[Hashable, int] = {}
        self.leaf(_PAD, varies=False)  # lane 0: every kind, and its slope, is finite there
        self.zero, self.one = self.const(0.0), self.const(1.0)

    def leaf(self, leaf: Leaf, *, varies: bool) -> int:
        found = self._known.get(leaf)
        if found is None:
            found = self._add(LEAF, (0, 0, 0), 0, varies, truth=False)
            self._known[leaf] = found
            self._leaves[found] = leaf
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
        if all(isinstance(a, int) for a in args):
            return self._one(number, (*args, 0, 0)[:3], label)  # pyright: ignore
        shape = np.broadcast_shapes(*(np.shape(a) for a in args))
        rows = [np.broadcast_to(a, shape).reshape(-1).tolist() for a in args]
        rows += [repeat(0)] * (3 - len(rows))
        lanes = [self._one(number, each, label) for each in zip(*rows, strict=False)]
        return np.array(lanes, np.int64).reshape(shape)

    def _one(self, kind: int, args: tuple[int, int, int], label: int) -> int:
        key = kind, args, label
        found = self._known.get(key)
        if found is None:
            varies = self._varies
            moves = varies[args[0]] or varies[args[1]] or varies[args[2]]
            found = self._add(kind, args, label, moves, truth=kind in _TRUTHS)
            self._known[key] = found
        return found

    def _add(
        self, kind: int, args: tuple[int, int, int], label: int, varies: bool, *, truth: bool
    ) -> int:
        self._kind.append(kind)
        self._args.append(args)
        self._label.append(label)
        self._varies.append(varies)
        self._truth.append(truth)
        return len(self._kind) - 1

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
        return self._truth[x] if isinstance(x, int) else all(self._truth[i] for i in x.flat)

    def _logical(self, x: Lanes) -> Lanes:
        for i in (x,) if isinstance(x, int) else x.flat:
            self._truth[i] = True
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
