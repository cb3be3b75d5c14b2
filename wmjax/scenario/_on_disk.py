"""A result beyond memory: written to its file block by block.

The numbers of a variable stand in the file as one contiguous array whose place is fixed before the
first run. So blocks are plain writes at known places: HDF5 has nothing to lose when the process is
killed, and any reader of NetCDF 4 opens the file when it is done.
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, final

import numpy as np

from wmjax._errors import UserError
from wmjax.scenario._job import Journal, identity
from wmjax.scenario._layout import FINITE, Layout
from wmjax.scenario._sink import Sink


if TYPE_CHECKING:
    import xarray as xr

_SLASH = "\N{DIVISION SLASH}"  # NetCDF forbids the ordinary one in names
JOB = "sweep"


@final
class OnDisk(Sink):
    """A NetCDF file that is called `NAME.partial`, with a journal beside it, until it is whole."""

    def __init__(self, path: Path, layout: Layout, parts: dict[str, str]) -> None:
        self.path = path
        self._layout = layout
        self._partial, journal = partial_paths(path)
        self._journal = Journal(journal, parts)
        self._file: int | None = None
        self.done = self._begin(identity(parts))

    def _begin(self, job: str) -> int:
        done = self._journal.read()
        if done is None and job_of(self.path) == job:
            return self._layout.runs
        if done is None or not self._partial.exists():
            done = 0
            _make(self._partial, self._layout, job)
            self._journal.write(done)
        self._file = _open_alone(self._partial)
        self._places = _places(self._partial, self._layout)
        return done

    def write(self, values: dict[str, np.ndarray], finite: np.ndarray) -> None:
        assert self._file is not None
        try:
            for name, rows in {**values, "finite": finite.astype(np.int8)}.items():
                data = np.ascontiguousarray(rows)
                size = data.nbytes // len(data)
                _write_at(self._file, data, self._places[name] + self.done * size)
            os.fdatasync(self._file)
            self._journal.write(self.done + len(finite))
        except OSError as error:
            raise UserError(
                str(self.path), error.strerror or str(error), "a file that can be written",
                "free some space; the same sweep then goes on where it stopped",
            ) from error  # fmt: skip
        self.done += len(finite)

    def close(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def result(self) -> xr.Dataset:
        if self._file is not None:
            self.close()
            os.replace(self._partial, self.path)
            self._journal.path.unlink()
        return opened(self.path)


def partial_paths(path: Path) -> tuple[Path, Path]:
    """The names of an unfinished file and of its journal."""
    partial = path.with_name(f"{path.name}.partial")
    return partial, partial.with_name(f"{partial.name}.json")


def opened(path: Path) -> xr.Dataset:
    """The Dataset of a file; its numbers are read when they are used."""
    import xarray as xr

    return xr.open_dataset(path, engine="h5netcdf")


def without_slashes(dataset: xr.Dataset) -> xr.Dataset:
    """The Dataset with names as they may stand in a file."""
    names = {str(n): _unslashed(str(n)) for n in (*dataset.variables, *dataset.dims)}
    return dataset.rename({n: new for n, new in names.items() if n != new})


def job_of(path: Path) -> str | None:
    """The digest of the job that a finished file holds."""
    if not path.is_file():
        return None
    import h5py

    try:
        with h5py.File(path) as file:
            return str(file.attrs.get(JOB))
    except OSError:  # no such file of ours: it will be replaced
        return None


def _make(partial: Path, layout: Layout, job: str) -> None:
    """A file with all but the numbers, which have their places."""
    import h5netcdf
    import h5py

    draft = partial.with_name(f"{partial.name}.{os.getpid()}.tmp")
    without_slashes(layout.coords.assign_attrs({JOB: job})).to_netcdf(draft, engine="h5netcdf")
    early = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    early.set_alloc_time(h5py.h5d.ALLOC_TIME_EARLY)
    early.set_fill_time(h5py.h5d.FILL_TIME_NEVER)
    with h5netcdf.File(draft, "a") as file:
        for name, label in {**layout.labels, "finite": "finite"}.items():
            dims, dtype, attrs = _variable(layout, name)
            made = file.create_variable(_unslashed(label), dims, dtype, dcpl=early)
            for key, value in attrs.items():
                made.attrs[key] = value
    os.replace(draft, partial)


def _variable(layout: Layout, name: str) -> tuple[tuple[str, ...], np.dtype, dict[str, Any]]:
    if name == "finite":
        return ("scenario", "draw"), np.dtype(np.int8), {**FINITE, "dtype": "bool"}
    dims = ("scenario", "draw", *map(_unslashed, layout.dims[name]))
    return dims, layout.dtype, layout.attrs[name]


def _places(partial: Path, layout: Layout) -> dict[str, int]:
    """Where the numbers of each variable begin, in bytes."""
    import h5py

    with h5py.File(partial, locking=False) as file:  # we hold the lock already
        return {
            name: file[_unslashed(label)].id.get_offset()  # pyright: ignore
            for name, label in {**layout.labels, "finite": "finite"}.items()
        }


def _open_alone(partial: Path) -> int:
    """**Raises:** `UserError` if another process has it."""
    file = os.open(partial, os.O_RDWR)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(file)
        raise UserError(
            str(partial), "a file that another process is writing", "one sweep a file",
            "wait for it, end it, or name another file",
        ) from None  # fmt: skip
    return file


def _write_at(file: int, data: np.ndarray, place: int) -> None:
    left = memoryview(data).cast("B")
    while left:
        count = os.pwrite(file, left, place)
        left, place = left[count:], place + count


def _unslashed(name: str) -> str:
    return name.replace("/", _SLASH)
