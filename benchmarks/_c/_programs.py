"""The compiled programs as Python objects."""

from __future__ import annotations

import ctypes
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

import numpy as np

from benchmarks._c._build import FLAGS, build
from benchmarks._c._source import lanes_program, scalar_program
from wmjax.native._values import Division
from wmjax.spec import ModelSpec


LANES = 8
_POINTER = ctypes.POINTER(ctypes.c_double)


class Scalar:
    """One scenario after another by plain C, gcc -O2."""

    def __init__(
        self,
        spec: ModelSpec,
        outputs: Sequence[str],
        folder: Path,
        flags: tuple[str, ...] = FLAGS["scalar"],
    ) -> None:
        source, self.parameters = scalar_program(spec, outputs)
        self._library = build(source, folder, flags)
        self._rows, self._columns = spec.time.steps + 1, len(outputs)

    def arguments(
        self, values: Mapping[str, float], draws: Mapping[str, np.ndarray] | None = None
    ) -> np.ndarray:
        """Parameters of one run, shape `(parameters,)`, or of many, `(runs, parameters)`."""
        columns = [(draws or {}).get(n, values[n]) for n in self.parameters]
        return np.ascontiguousarray(np.stack(np.broadcast_arrays(*columns), axis=-1), float)

    def path(self, parameters: np.ndarray) -> np.ndarray:
        """Outputs of one run at every step, shape `(steps + 1, outputs)`."""
        out = np.empty((self._columns, self._rows))
        self._library.path(_pointer(parameters), _pointer(out))
        return out.T

    def finals(self, parameters: np.ndarray) -> np.ndarray:
        """Outputs at the ends of the runs, shape `(runs, outputs)`."""
        runs = len(parameters)
        out = np.empty((runs, self._columns))
        self._library.finals(ctypes.c_long(runs), _pointer(parameters), _pointer(out))
        return out


class Lanes:
    """Eight scenarios side by side in 512-bit registers."""

    def __init__(
        self,
        spec: ModelSpec,
        outputs: Sequence[str],
        varied: Collection[str],
        folder: Path,
        division: Division = "reciprocal",
        flags: tuple[str, ...] = FLAGS["vector"],
    ) -> None:
        source, self.shared, self.varied = lanes_program(spec, outputs, varied, division)
        self._library = build(source, folder, flags)
        self._outputs = len(outputs)

    def arguments(
        self, values: Mapping[str, float], draws: Mapping[str, np.ndarray]
    ) -> tuple[np.ndarray, np.ndarray]:
        """All parameters, and those of each run that vary, padded to whole registers."""
        runs = len(next(iter(draws.values())))
        room = -(-runs // LANES) * LANES
        varied = _aligned(len(self.varied), room)
        for row, name in zip(varied, self.varied, strict=True):
            row[:runs], row[runs:] = draws[name], draws[name][-1]
        return np.array([values.get(n, np.nan) for n in self.shared]), varied

    def finals(self, shared: np.ndarray, varied: np.ndarray) -> np.ndarray:
        """Outputs at the ends of the runs, shape `(outputs, runs)`, padding included."""
        out = _aligned(self._outputs, varied.shape[1])
        self._library.finals(
            ctypes.c_long(varied.shape[1]), _pointer(shared), _pointer(varied), _pointer(out)
        )
        return out


def _pointer(array: np.ndarray) -> object:
    return array.ctypes.data_as(_POINTER)


def _aligned(rows: int, columns: int) -> np.ndarray:
    """Zeros whose first number stands at a multiple of 64 bytes; so do those of all rows."""
    room = np.zeros(rows * columns + LANES)
    skip = (-room.ctypes.data % 64) // 8
    return room[skip : skip + rows * columns].reshape(rows, columns)
