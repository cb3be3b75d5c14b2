"""Whether a result fits into memory and onto the disk, found out before it is computed."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from wmjax._errors import UserError


_GIB = 2**30
_SHARE = 0.8  # of the free memory; the rest is for everybody else
_COPIES = 4  # of a block: two in the making, one on its way, and its parts
_SPARE = 2**26  # bytes of disk left to everybody else


@dataclass(frozen=True)
class Size:
    """What a sweep stores: so many runs, rows a run, numbers a row, and bytes a number.

    `block` counts the runs that are computed together, each of `rows_computed` rows.
    """

    runs: int
    rows: int
    columns: int
    width: int
    block: int
    rows_computed: int

    @property
    def result(self) -> int:
        return self.runs * self.rows * self.columns * self.width

    @property
    def blocks(self) -> int:
        return _COPIES * self.block * self.rows_computed * self.columns * self.width

    def __str__(self) -> str:
        what = f"{self.runs} runs x {self.rows} times x {self.columns} values"
        return f"a result of {self.result / _GIB:.3g} GiB ({what})"


def refuse_too_large(size: Size, streams: bool = True) -> None:
    """Raises if the result and the work on it would not fit into the free memory.

    **Arguments:**

    - `streams`: whether this kind of result may be written to disk as it comes.

    **Raises:** `UserError` with the size, and the options that make it fit.
    """
    limit = int(_SHARE * free_memory())
    if size.result + size.blocks <= limit:
        return
    raise UserError(
        "sweep",
        f"{size}, and {size.blocks / _GIB:.3g} GiB to compute it in blocks",
        f"at most {limit / _GIB:.3g} GiB, {_SHARE:.0%} of the free memory",
        _remedy(size, limit, streams),
    )


def refuse_no_room(size: Size, path: Path) -> None:
    """Raises if the file would not fit onto its disk, or the blocks into memory.

    **Raises:** `UserError` with the size, and the options that make it fit.
    """
    limit = int(_SHARE * free_memory())
    if size.blocks > limit:
        fits = max(limit * size.block // size.blocks, 1)
        raise UserError(
            "sweep", f"{size.blocks / _GIB:.3g} GiB to compute {size.block} runs together",
            f"at most {limit / _GIB:.3g} GiB, {_SHARE:.0%} of the free memory",
            f"compute fewer runs at a time: chunk={fits}",
        )  # fmt: skip
    there = _occupied(path.with_name(f"{path.name}.partial"))
    room = shutil.disk_usage(_existing(path.absolute().parent)).free + there - _SPARE
    if size.result > room:
        raise UserError(
            f"sweep to {path}", str(size), f"at most {max(room, 0) / _GIB:.3g} GiB, free there",
            "write to another disk; or " + "; or ".join(_smaller(size, max(room, 0))),
        )  # fmt: skip


def free_memory() -> int:
    """Bytes that this process may still take: of the machine, and of its control group."""
    return min(_machine(), _group())


def _remedy(size: Size, limit: int, streams: bool) -> str:
    if size.result <= limit // 2:
        fits = (limit - size.result) * size.block // max(size.blocks, 1)
        return f"compute fewer runs at a time: chunk={max(fits, 1)}"
    ways = _smaller(size, limit - min(size.blocks, limit // 2))
    if streams:
        ways.insert(0, "write it to disk as it is computed: to='FILE.nc' (output=FILE.nc)")
    return "; or ".join(ways)


def _smaller(size: Size, room: int) -> list[str]:
    """Options with which the result takes at most `room` bytes."""
    columns = room // (size.runs * size.rows * size.width)
    rows = room // (size.runs * size.columns * size.width)
    ways = []
    if columns:
        ways.append(f"name at most {columns} of the {size.columns} values a row in save=(...)")
    if rows > 1:
        ways.append(f"keep at most {rows} of the {size.rows} times with a longer save_every=")
    if rows and size.rows > 1:
        ways.append("keep less of every run: keep=Final() or Summary(...) (keep=final, summary)")
    if not ways:
        fits = max(room // (size.rows * size.columns * size.width), 1)
        ways.append(f"take at most {fits} runs in one sweep")
    return ways


def _existing(folder: Path) -> Path:
    return next(p for p in (folder, *folder.parents) if p.exists())


def _occupied(path: Path) -> int:
    """Bytes of disk that a file has; those of holes in it are still to be found."""
    try:
        return path.stat().st_blocks * 512
    except OSError:
        return 0


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
