"""How many runs are computed together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

import jax

from wmjax._errors import UserError


_FEWEST, _MOST = 64, 512  # runs side by side whose values fit the cache of a core
_CACHE = 2**18  # bytes of values of one time; with what is made on the way that fills the cache
_ON_DEVICE = 16_384  # runs side by side on what is no CPU
_BLOCK_BYTES = 32 * 2**20  # that leave the device at a time
_BLOCK_SECONDS = 0.5  # between two signs of life
_SECONDS_PER_VALUE = 1e-9  # measured: 0.2 to 2 ns for one number of one step
_MOST_CHUNKS = 32
_LANES = 8  # runs that generated C computes side by side
_LONGEST = 16_384  # runs of one call of it


@final
@dataclass(frozen=True)
class Work:
    """What one run costs: numbers computed at a time, steps, and bytes that leave the loop."""

    numbers: int
    steps: int
    bytes: int


@final
@dataclass(frozen=True)
class Plan:
    """Runs in blocks; a block is one call of the compiled program.

    Every device computes `chunks` chunks one after another, of `chunk` runs side by side.
    """

    runs: int
    chunk: int
    chunks: int
    devices: int = 1

    @property
    def block(self) -> int:
        return self.chunk * self.chunks * self.devices


def planned(runs: int, work: Work, chunk: int | None = None, devices: int = 1) -> Plan:
    """Blocks of one size, so that they share a program, with little more than `runs` in all.

    **Raises:** `UserError` for a chunk below 1.
    """
    if chunk is not None and chunk < 1:
        raise UserError("sweep, chunk", str(chunk), "at least 1 run at a time")
    each = -(-runs // devices)
    side = min(chunk or _side(work), each)
    chunks = min(-(-each // side), _chunks(work, side))
    blocks = -(-each // (side * chunks))
    chunks = -(-each // (side * blocks))
    if chunk is None:
        side = -(-each // (chunks * blocks))
    return Plan(runs, side, chunks, devices)


def planned_in_c(runs: int, work: Work, chunk: int | None = None, devices: int = 1) -> Plan:
    """Blocks for generated C, which takes any number of runs: each device has one call a block.

    **Raises:** `UserError` for a chunk below 1.
    """
    if chunk is not None:
        return planned(runs, work, chunk, devices)
    each = -(-runs // devices)
    quick = int(_BLOCK_SECONDS / (work.steps * max(work.numbers, 1) * _SECONDS_PER_VALUE / 10))
    small = _BLOCK_BYTES // max(work.bytes, 1)
    blocks = -(-each // max(min(quick, small, _LONGEST), 1))
    side = -(-each // blocks)
    return Plan(runs, -(-side // _LANES) * _LANES, 1, devices)


def _side(work: Work) -> int:
    if jax.default_backend() != "cpu":
        return max(min(_ON_DEVICE, 16 * _BLOCK_BYTES // max(work.bytes, 1)), 1)
    fits = _CACHE // (8 * max(work.numbers, 1))
    cached = min(max(2 ** (fits.bit_length() - 1) if fits else 1, _FEWEST), _MOST)
    return max(min(cached, _BLOCK_BYTES // max(work.bytes, 1)), 1)


def _chunks(work: Work, side: int) -> int:
    seconds = side * work.steps * work.numbers * _SECONDS_PER_VALUE
    quick = int(_BLOCK_SECONDS / max(seconds, 1e-9))
    small = _BLOCK_BYTES // max(side * work.bytes, 1)
    return max(min(quick, small, _MOST_CHUNKS), 1)
