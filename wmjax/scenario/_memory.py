"""Whether a result fits into memory, found out before it is computed."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from wmjax._errors import UserError


_GIB = 2**30
_SHARE = 0.8  # of the free memory; the rest is for everybody else
_COPIES = 3  # of a chunk: as it is computed, as it is returned, and on its way into the result


@dataclass(frozen=True)
class Size:
    """What a sweep stores: so many runs, rows a run, numbers a row, and bytes a number."""

    runs: int
    rows: int
    columns: int
    width: int
    chunk: int

    @property
    def result(self) -> int:
        return self.runs * self.rows * self.columns * self.width

    @property
    def chunks(self) -> int:
        return _COPIES * self.chunk * self.rows * self.columns * self.width


def refuse_too_large(size: Size) -> None:
    """Raises if the result and the work on it would not fit into the free memory.

    **Raises:** `UserError` with the size, and the options that make it fit.
    """
    limit = int(_SHARE * free_memory())
    need = size.result + size.chunks
    if need <= limit:
        return
    raise UserError(
        "sweep",
        f"a result of {size.result / _GIB:.3g} GiB ({size.runs} runs x {size.rows} times x "
        f"{size.columns} values), and {size.chunks / _GIB:.3g} GiB to compute it in chunks",
        f"at most {limit / _GIB:.3g} GiB, {_SHARE:.0%} of the free memory",
        _remedy(size, limit),
    )


def free_memory() -> int:
    """Bytes that this process may still take: of the machine, and of its control group."""
    return min(_machine(), _group())


def _remedy(size: Size, limit: int) -> str:
    if size.result <= limit // 2:
        fits = (limit - size.result) * size.chunk // max(size.chunks, 1)
        return f"compute fewer runs at a time: chunk={max(fits, 1)}"
    room = limit - min(size.chunks, limit // 2)
    columns = room // (size.runs * size.rows * size.width)
    rows = room // (size.runs * size.columns * size.width)
    ways = []
    if columns:
        ways.append(f"name at most {columns} of the {size.columns} values a row in save=(...)")
    if rows > 1:
        ways.append(f"keep at most {rows} of the {size.rows} times with a longer save_every=")
    if not ways:
        ways.append(f"take at most {max(room // (size.rows * size.width), 1)} runs at a time")
    return "; or ".join(ways)


def _machine() -> int:
    try:
        text = Path("/proc/meminfo").read_text()
        line = next(x for x in text.splitlines() if x.startswith("MemAvailable:"))
        return int(line.split()[1]) * 1024
    except (OSError, StopIteration, ValueError):
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def _group() -> int:
    folder = Path("/sys/fs/cgroup")
    try:
        most = int((folder / "memory.max").read_text())
        return max(most - int((folder / "memory.current").read_text()), 0)
    except (OSError, ValueError):  # no control group, or one without a limit ("max")
        return 2**63 - 1
