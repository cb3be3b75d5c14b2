"""A program of instructions in tables: what the grouped code reads."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from wmjax.program._kinds import ARITY, NAMES, NUMBER
from wmjax.program._schedule import arguments, scheduled


READERS = 4
"""How often a lane may be read, beyond which copies of it are: a gradient adds up as many parts."""


@dataclass(frozen=True, eq=False)
class Machine:
    """Levels one after another, each with the same number of instructions of each kind.

    Lanes are those of the source, then level after level; within a level kind after kind in the
    order of `KINDS`. An instruction that does nothing reads lane 0 alone.

    - `widths`: number of instructions of each kind in a level.
    - `args`: for the first, second and third argument an array (levels, instructions that have it).
    - `labels`: (levels, lookups): the table.
    - `out`: the lanes that are wanted.
    - `readers`: (levels, instructions, `READERS`): the parts that make up the slope of each lane. A
        part is an argument: those of a level side by side, the first of all instructions, then the
        second; after all levels the wanted lanes, and a last one that is 0.
    - `rows`, `place`: the same for the lanes of the source: tables of readers by number of columns,
        and the row of each lane among them (one past the last if nothing reads it).
    """

    sources: int
    levels: int
    widths: tuple[tuple[str, int], ...]
    args: tuple[np.ndarray, np.ndarray, np.ndarray]
    labels: np.ndarray
    out: np.ndarray
    readers: np.ndarray
    rows: tuple[np.ndarray, ...]
    place: np.ndarray

    @property
    def width(self) -> int:
        """Instructions of a level."""
        return self.args[0].shape[1]

    @property
    def parts(self) -> int:
        """Arguments of a level."""
        return sum(a.shape[1] for a in self.args)


def machine(
    kind: np.ndarray, args: np.ndarray, label: np.ndarray, sources: int, out: np.ndarray
) -> Machine:
    """**Arguments:**

    - `kind`, `args`, `label`: of each instruction; arguments below `sources` are lanes of the
        source, others are instructions.
    - `out`: which lanes are wanted, in the same numbers.
    """
    kind, args, label, out = _copied(kind, args, label, sources, out)
    level, slot, widths = scheduled(kind, args, sources)
    levels = int(level.max(initial=-1)) + 1
    first = np.concatenate([[0], np.cumsum(widths)])
    width = int(first[-1])
    at = level * width + first[kind] + slot  # of each instruction among all places
    where = np.concatenate([np.arange(sources), sources + at])
    counts = [int(first[sum(a >= n for a in ARITY)]) for n in (1, 2, 3)]
    tables = []
    for i, count in enumerate(counts):
        table = np.zeros(levels * width, np.int32)
        table[at] = where[args[:, i]]
        tables.append(np.ascontiguousarray(table.reshape(levels, width)[:, :count]))
    labels = np.zeros(levels * width, np.int32)
    labels[at] = label
    search = NUMBER["lookup"]
    edges = _edges(kind, args, level, first[kind] + slot, counts, levels, out)
    readers, rows, place = _readers(*edges, where, sources, levels * width)
    return Machine(
        sources, levels, tuple((n, int(w)) for n, w in zip(NAMES, widths, strict=True) if w),
        (tables[0], tables[1], tables[2]),
        labels.reshape(levels, width)[:, first[search] : first[search + 1]],
        where[out].astype(np.int32), readers.reshape(levels, width, READERS), rows, place,
    )  # fmt: skip


def _copied(
    kind: np.ndarray, args: np.ndarray, label: np.ndarray, sources: int, out: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """The instructions, with copies of those that are read by too many."""
    args, out = args.copy(), out.copy()
    while True:
        has = np.flatnonzero(arguments(kind))
        read = np.concatenate([args.reshape(-1)[has], out])
        count = np.bincount(read, minlength=sources + len(kind))
        count[:sources] = 0
        many = np.flatnonzero(count[read] > READERS)
        if not len(many):
            return kind, args, label, out
        many = many[np.argsort(read[many], kind="stable")]
        chunk = _rank(read[many]) // READERS
        new = np.concatenate([[True], (np.diff(read[many]) != 0) | (np.diff(chunk) != 0)])
        number = sources + len(kind) + np.cumsum(new) - 1
        read[many], original = number, read[many][new]
        flat = args.reshape(-1)
        flat[has], out = read[: len(has)], read[len(has) :]
        more = np.zeros((len(original), 3), args.dtype)
        more[:, 0] = original
        args = np.concatenate([flat.reshape(-1, 3), more])
        kind = np.concatenate([kind, np.full(len(more), NUMBER["copy"], kind.dtype)])
        label = np.concatenate([label, np.zeros(len(more), label.dtype)])


def _rank(groups: np.ndarray) -> np.ndarray:
    """The place of each element among those equal to it, which stand side by side."""
    starts = np.concatenate([[True], groups[1:] != groups[:-1]])
    first = np.flatnonzero(starts)
    return np.arange(len(groups)) - first[np.cumsum(starts) - 1]


def _edges(
    kind: np.ndarray,
    args: np.ndarray,
    level: np.ndarray,
    column: np.ndarray,
    counts: list[int],
    levels: int,
    out: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, int]:
    """What is read, by which part, and the number of the part that is 0; see `Machine.readers`."""
    parts = sum(counts)
    base = np.concatenate([[0], np.cumsum(counts)[:-1]])
    number = (level * parts + column)[:, None] + base
    has = arguments(kind)
    read = np.concatenate([args[has], out])
    part = np.concatenate([number[has], levels * parts + np.arange(len(out))])
    return read, part, levels * parts + len(out)


def _readers(
    read: np.ndarray, part: np.ndarray, nothing: int, where: np.ndarray, sources: int, places: int
) -> tuple[np.ndarray, tuple[np.ndarray, ...], np.ndarray]:
    """See `Machine`."""
    order = np.argsort(where[read], kind="stable")
    read, part = where[read][order], part[order]
    rank = _rank(read) if len(read) else read
    inner = read >= sources
    readers = np.full((places, READERS), nothing, np.int32)
    readers[read[inner] - sources, rank[inner]] = part[inner]
    return readers, *_rows(read[~inner], part[~inner], rank[~inner], nothing, sources)


def _rows(
    read: np.ndarray, part: np.ndarray, rank: np.ndarray, nothing: int, sources: int
) -> tuple[tuple[np.ndarray, ...], np.ndarray]:
    """Tables of few widths: a lane of the source may be read by all."""
    counts = np.bincount(read, minlength=sources)
    rows, place, done, low, width = [], np.full(sources, -1), 0, 0, 1
    while low < counts.max(initial=0):
        own = np.flatnonzero((counts > low) & (counts <= width))
        if len(own):
            place[own] = done + np.arange(len(own))
            mine = np.isin(read, own)
            row = np.full((len(own), width), nothing, np.int32)
            row[place[read[mine]] - done, rank[mine]] = part[mine]
            rows.append(row)
            done += len(own)
        low, width = width, 4 * width
    return tuple(rows), np.where(place < 0, done, place).astype(np.int32)
