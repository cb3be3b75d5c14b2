"""When each instruction is done: levels of one shape, so that code is made for one of them."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from wmjax.program._kinds import ARITY, NAMES


_LEVEL = 400  # lanes that cost as much as one more level
_SLACK = (1.1, 1.6)  # of the widths over those that would do if nothing had to wait


def arguments(kind: np.ndarray) -> np.ndarray:
    """Which of the three arguments each instruction has."""
    return np.arange(3) < np.array(ARITY)[kind][:, None]


def scheduled(
    kind: np.ndarray, args: np.ndarray, sources: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Level and place in it of each instruction, and the width of each kind."""
    graph = _Graph(kind, args, sources)
    count = np.bincount(kind, minlength=len(NAMES))
    depth = max(int(graph.tail.max(initial=0)), 1)
    best, least = None, np.inf
    for slack in _SLACK:
        widths = np.ceil(slack * count / depth).astype(np.int64)
        found = _listed(kind, graph, widths)
        cost = (int(found[0].max(initial=-1)) + 1) * (_LEVEL + int(widths.sum()))
        if cost < least:
            best, least = (*found, widths), cost
    assert best is not None
    return best


def _listed(kind: np.ndarray, graph: _Graph, widths: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """As many of each kind as a level holds, those with the longest way to go first."""
    level, slot = np.zeros((2, graph.size), np.int64)
    waits = graph.waits.copy()
    ready: list[np.ndarray] = [np.zeros(0, np.int64)] * len(widths)
    new, now, left = np.flatnonzero(waits == 0), 0, graph.size
    while left:
        for k, some in _by_kind(kind, new):
            some = np.concatenate([ready[k], some])
            ready[k] = some[np.argsort(-graph.tail[some], kind="stable")]
        taken = []
        for k, width in enumerate(widths):
            if len(ready[k]):
                some, ready[k] = np.sort(ready[k][:width]), ready[k][width:]
                slot[some] = np.arange(len(some))
                taken.append(some)
        done = np.concatenate(taken)
        level[done] = now
        now, left = now + 1, left - len(done)
        new = _released(waits, graph.readers(done))
    return level, slot


def _by_kind(kind: np.ndarray, some: np.ndarray) -> Iterable[tuple[int, np.ndarray]]:
    order = some[np.argsort(kind[some], kind="stable")]
    kinds, first = np.unique(kind[order], return_index=True)
    return zip(kinds.tolist(), np.split(order, first[1:]), strict=True) if len(some) else ()


class _Graph:
    """Which instructions read which."""

    def __init__(self, kind: np.ndarray, args: np.ndarray, sources: int) -> None:
        reader, column = np.nonzero(arguments(kind) & (args >= sources))
        read = args[reader, column] - sources
        self.size = len(kind)
        self.waits = np.bincount(reader, minlength=self.size)
        self._down = _grouped(read, reader, self.size)
        self._up = _grouped(reader, read, self.size)
        self.tail = self._tails(np.bincount(read, minlength=self.size))

    def readers(self, of: np.ndarray) -> np.ndarray:
        return _members(*self._down, of)

    def _tails(self, waits: np.ndarray) -> np.ndarray:
        """Length of the longest way to the end, each instruction's own step included."""
        tail, now = np.zeros(self.size, np.int64), np.flatnonzero(waits == 0)
        length = 0
        while len(now):
            length += 1
            tail[now] = length
            now = _released(waits, _members(*self._up, now))
        return tail


def _grouped(key: np.ndarray, value: np.ndarray, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Values ordered by key, and where those of each key begin."""
    ends = np.cumsum(np.bincount(key, minlength=size))
    return value[np.argsort(key, kind="stable")], np.concatenate([[0], ends])


def _members(values: np.ndarray, starts: np.ndarray, of: np.ndarray) -> np.ndarray:
    count = starts[of + 1] - starts[of]
    before = np.concatenate([[0], np.cumsum(count)[:-1]])
    return values[np.arange(count.sum()) + np.repeat(starts[of] - before, count)]


def _released(waits: np.ndarray, read: np.ndarray) -> np.ndarray:
    """Takes what is done from the counts, and returns those that wait no longer."""
    np.subtract.at(waits, read, 1)
    found = np.unique(read)
    return found[waits[found] == 0]
