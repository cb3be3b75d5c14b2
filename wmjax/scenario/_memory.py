"""Whether draws and results fit into memory and onto the disk, found out before they are made."""

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
_DRAWING = 6  # copies of the numbers of a design or of draws of a fit while these are made, at most


@dataclass(frozen=True)
class Drawing:
    """Draws that are still to be made: `count` of them, each of so many numbers.

    `together` counts the draws for each one that is asked for with `n`.
    """

    count: int
    numbers: int
    together: int = 1

    @property
    def bytes(self) -> int:
        return _DRAWING * self.count * self.numbers * 8

    def fewer(self, fits: int) -> str:
        """The option with which at most `fits` draws are made: a power of two, as Sobol asks."""
        n = 1 << max((fits // self.together).bit_length() - 1, 0)
        return f"take at most {n * self.together} draws: n={n}"


@dataclass(frozen=True)
class Size:
    """What a sweep stores: so many runs, rows a run, numbers a row, and bytes a number.

    `block` counts the runs that are computed together, each of `rows_computed` rows. `beside` are
    the bytes of memory for the draws and for what is known of every run, wherever the result goes.
    """

    runs: int
    rows: int
    columns: int
    width: int
    block: int
    rows_computed: int
    drawing: Drawing = Drawing(0, 0)
    beside: int = 0

    @property
    def result(self) -> int:
        return self.runs * self.rows * self.columns * self.width

    @property
    def blocks(self) -> int:
        return _COPIES * self.block * self.rows_computed * self.columns * self.width

    def __str__(self) -> str:
        what = f"{self.runs} runs x {self.rows} times x {self.columns} values"
        return f"a result of {self.result / _GIB:.3g} GiB ({what})"

    @property
    def work(self) -> str:
        blocks = f"{self.blocks / _GIB:.3g} GiB to compute {self.block} runs together"
        if not self.beside:
            return blocks
        return f"{self.beside / _GIB:.3g} GiB for {self.drawing.count} draws and {blocks}"


def refuse_draws(place: str, drawing: Drawing) -> None:
    """**Raises:** `UserError` with the size, if memory would not hold draws while they are made."""
    limit = int(_SHARE * free_memory())
    if drawing.bytes > limit:
        raise UserError(
            place,
            f"{drawing.count} draws of {drawing.numbers} numbers, which take "
            f"{drawing.bytes / _GIB:.3g} GiB to make",
            f"at most {limit / _GIB:.3g} GiB, {_SHARE:.0%} of the free memory",
            drawing.fewer(limit * drawing.count // drawing.bytes),
        )


def refuse_too_large(size: Size, streams: bool = True) -> None:
    """Raises if the result and the work on it would not fit into the free memory.

    **Arguments:**

    - `streams`: whether this kind of result may be written to disk as it comes.

    **Raises:** `UserError` with the size, and the options that make it fit.
    """
    limit = int(_SHARE * free_memory())
    if size.result + size.blocks + size.beside <= limit:
        return
    raise UserError(
        "sweep",
        f"{size}, and {size.work}",
        f"at most {limit / _GIB:.3g} GiB, {_SHARE:.0%} of the free memory",
        _remedy(size, limit, streams),
    )


def refuse_no_room(size: Size, path: Path) -> None:
    """Raises if the file would not fit onto its disk, or the blocks into memory.

    **Raises:** `UserError` with the size, and the options that make it fit.
    """
    limit = int(_SHARE * free_memory())
    if size.blocks + size.beside > limit:
        raise UserError(
            "sweep", size.work,
            f"at most {limit / _GIB:.3g} GiB, {_SHARE:.0%} of the free memory",
            _fewer(size, limit, 0, 0) or _narrower(size, limit - size.beside),
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
    own, shared = (size.result, 0) if streams else (0, size.result)
    if fewer := _fewer(size, limit, own, shared):
        return fewer
    limit -= size.beside
    if size.result <= limit // 2:
        return _narrower(size, limit - size.result)
    ways = _smaller(size, limit - min(size.blocks, limit // 2))
    if streams:
        ways.insert(0, "write it to disk as it is computed: to='FILE.nc' (output=FILE.nc)")
    return "; or ".join(ways)


def _fewer(size: Size, limit: int, own: int, shared: int) -> str | None:
    """Fewer draws, where these alone fill half the memory.

    - `own`, `shared`: bytes of the result that grow with the draws, and those that do not.
    """
    if size.beside <= limit // 2:
        return None
    room = limit - min(size.blocks + shared, limit // 2)
    return size.drawing.fewer(room * size.drawing.count // (size.beside + own))


def _narrower(size: Size, room: int) -> str:
    fits = room * size.block // max(size.blocks, 1)
    return f"compute fewer runs at a time: chunk={max(fits, 1)}"


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
