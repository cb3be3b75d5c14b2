"""What a run does with lanes: what stays the same first, then the rest at every step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from wmjax.program._lanes import Instructions, instructions
from wmjax.program._machine import Machine, machine
from wmjax.program._program import Program
from wmjax.program._tape import initial_tape, running_tape
from wmjax.program._writer import LEAF


Blocks = tuple[tuple[str, str, int], ...]
"""Arrays that stand side by side: what kind, which name, how many elements; see `Leaf`."""


@dataclass(frozen=True, eq=False)
class Phase:
    """A machine whose source is what an earlier phase hands on, then constants, then blocks.

    - `handed`: how many lanes an earlier phase hands on.
    """

    machine: Machine
    constants: np.ndarray
    handed: int


@dataclass(frozen=True, eq=False)
class Plan:
    """Two phases.

    The first gives what the second reads of it, then the values of `still`, one after another; the
    second the values of `changing`, then the rates.
    """

    fixed: Phase
    moving: Phase
    still: tuple[str, ...]
    changing: tuple[str, ...]


Effects = tuple[tuple[str, int], ...]
"""Variables on which events act, and the number of their effects."""


@lru_cache(maxsize=16)
def running_instructions(program: Program, effects: Effects) -> Instructions:
    """All values and rates of a program: runs of some of them share this work."""
    names = program.names("stock", "flow", "auxiliary", "parameter", "series", hidden=True)
    stocks = frozenset(program.names("stock", hidden=True))
    affected = frozenset(n for n, _ in effects)
    return instructions(running_tape(program, frozenset(names), stocks, affected), program, effects)


@lru_cache(maxsize=16)
def initial_instructions(program: Program, effects: Effects) -> Instructions:
    """The initial values of all stocks."""
    stocks = frozenset(program.names("stock", hidden=True))
    tape = initial_tape(program, stocks, frozenset(n for n, _ in effects))
    return instructions(tape, program, effects)


@lru_cache(maxsize=64)
def running_plan(
    program: Program, effects: Effects, names: frozenset[str], rates: tuple[str, ...],
    fixed: Blocks, moving: Blocks,
) -> Plan:  # fmt: skip
    """The plan of a run.

    **Arguments:**

    - `names`, `rates`: the values wanted, and the stocks whose rates are.
    - `fixed`, `moving`: where the leaves of each phase are found.
    """
    lanes = running_instructions(program, effects)
    still = tuple(n for n in sorted(names) if not lanes.varies[lanes.values[n]].any())
    changing = tuple(sorted(names - {*still}))
    out = _joined([*(lanes.values[n] for n in changing), *(lanes.rates[n] for n in rates)])
    varies = lanes.varies & _needed(lanes, out)
    has = np.flatnonzero(varies & (lanes.kind != LEAF))
    read = np.unique(np.concatenate([[0], lanes.args[has].reshape(-1), out]))
    handed = read[~lanes.varies[read]]
    first = np.concatenate([handed, _joined([lanes.values[n] for n in still])])
    return Plan(
        _phase(lanes, ~lanes.varies, first, fixed),
        _phase(lanes, varies, out, moving, handed), still, changing,
    )  # fmt: skip


@lru_cache(maxsize=64)
def initial_plan(
    program: Program, effects: Effects, names: tuple[str, ...], blocks: Blocks
) -> Phase:
    """One phase that gives the named stocks at the start one after another."""
    lanes = initial_instructions(program, effects)
    out = _joined([lanes.values[n] for n in names])
    return _phase(lanes, np.ones(len(lanes.kind), bool), out, blocks)


def _joined(parts: Sequence[np.ndarray]) -> np.ndarray:
    return np.concatenate([np.zeros(0, np.int64), *(np.reshape(p, -1) for p in parts)])


_NONE = np.zeros(0, np.int64)


def _phase(
    lanes: Instructions, own: np.ndarray, out: np.ndarray, blocks: Blocks,
    before: np.ndarray = _NONE,
) -> Phase:  # fmt: skip
    """The machine of some of the lanes."""
    kept = own & _needed(lanes, out)
    kept[0] = not len(before)  # what instructions that do nothing read
    number = np.zeros(len(lanes.kind), np.int32)
    number[before] = np.arange(len(before))
    leaves = {i: lanes.leaves[i] for i in np.flatnonzero(kept & (lanes.kind == LEAF)).tolist()}
    constants = [i for i, leaf in leaves.items() if leaf[0] == "const"]
    number[constants] = len(before) + np.arange(len(constants))
    starts, sources = _starts(blocks, len(before) + len(constants))
    for i, (kind, name, element) in leaves.items():
        if kind != "const":
            number[i] = starts[kind, name] + element
    does = np.flatnonzero(kept & (lanes.kind != LEAF))
    number[does] = sources + np.arange(len(does))
    found = machine(lanes.kind[does], number[lanes.args[does]], lanes.label[does], sources,
                    number[out])  # fmt: skip
    return Phase(found, np.array([float.fromhex(leaves[i][1]) for i in constants]), len(before))


def _starts(blocks: Blocks, first: int) -> tuple[Mapping[tuple[str, str], int], int]:
    starts = {}
    for kind, name, size in blocks:
        starts[kind, name] = first
        first += size
    return starts, first


def _needed(lanes: Instructions, out: np.ndarray) -> np.ndarray:
    """Which lanes are read, directly or not, by those wanted."""
    needed = np.zeros(len(lanes.kind), bool)
    now = out
    while len(now):
        needed[now] = True
        read = np.zeros(len(needed), bool)
        read[lanes.args[now]] = True
        now = np.flatnonzero(read & ~needed)
    return needed
