"""The processes that take part in a section."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks import _c
from benchmarks._peers import PEERS, Installed, installed
from benchmarks._result import Missing
from benchmarks._worker import HOME, Worker
from benchmarks._world3 import OUTPUTS
from wmjax._errors import WmjaxError


Rivals = dict[str, Worker | Missing]

NO_COMPILER = Missing("C programs", "no gcc on this machine: install it to measure against C")


def ours(*arguments: str) -> Worker:
    return Worker(sys.executable, ["-m", "benchmarks._ours", *arguments])


def near_metal() -> Worker | Missing:
    """The generated C programs, if there is a compiler."""
    if _c.compiler() is None:
        return NO_COMPILER
    return Worker(sys.executable, ["-m", "benchmarks._near_metal"])


@contextmanager
def peers() -> Iterator[Rivals]:
    """A worker for every engine that runs here, or why there is none."""
    with TemporaryDirectory() as folder, ExitStack() as stack:
        scripts = {
            "pysimlin": ("simlin_run.py",),
            "fast-pyworld3": ("fast_pyworld3_run.py",),
            "pyworld3": ("pyworld3_run.py",),
            "PySD": ("pysd_run.py",),
        }  # fmt: skip
        xmile = _xmile(Path(folder) / "world3.xmile")
        found: Rivals = {}
        for name, (script,) in scripts.items():
            files = {"pysimlin": [xmile], "PySD": [xmile, *OUTPUTS]}.get(name, [])
            found[name] = _started(name, [str(HOME / script), *map(str, files)])
            if isinstance(worker := found[name], Worker):
                stack.callback(worker.close)
        yield found


def _started(name: str, command: list[str]) -> Worker | Missing:
    home = installed(PEERS[name])
    if not isinstance(home, Installed):
        return Missing(name, home.reason)
    try:
        worker = Worker(home.python, command)
    except WmjaxError as error:
        return Missing(name, str(error).strip().splitlines()[-1])
    worker.about["versions"] = home.versions
    return worker


def _xmile(path: Path) -> Path:
    """World3 as others read it."""
    import wmjax

    wmjax.save_spec(wmjax.load_spec("world3"), path)
    return path
