"""The processes that take part in a section."""

from __future__ import annotations

import re
import sys
from collections.abc import Collection, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from xml.etree import ElementTree

from benchmarks import _c
from benchmarks._peers import PEERS, Installed, installed
from benchmarks._python import python_source
from benchmarks._result import Missing
from benchmarks._worker import HOME, Worker
from benchmarks._world3 import OUTPUTS
from wmjax._errors import WmjaxError


Rivals = dict[str, Worker | Missing]

_XMILE = "{http://docs.oasis-open.org/xmile/ns/XMILE/v1.0}"
NO_COMPILER = Missing("C programs", "no gcc on this machine: install it to measure against C")


def ours(*arguments: str) -> Worker:
    return Worker(sys.executable, ["-m", "benchmarks._ours", *arguments])


def near_metal() -> Worker | Missing:
    """The generated C programs, if there is a compiler."""
    if _c.compiler() is None:
        return NO_COMPILER
    return Worker(sys.executable, ["-m", "benchmarks._near_metal"])


PYSD_APART = "PySD, tables apart"
SCIPY = {
    "scipy, RK45 to 1e-6": "RK45", "scipy, LSODA to 1e-6": "LSODA",
    "scipy, none of it: Euler in plain Python": "python",
}  # fmt: skip


@contextmanager
def peers(without: Collection[str] = ()) -> Iterator[Rivals]:
    """A worker for every engine that runs here, or why there is none."""
    with TemporaryDirectory() as folder, ExitStack() as stack:
        xmile = _xmile(Path(folder) / "world3.xmile")
        commands = {
            "pysimlin": ("simlin_run.py", xmile),
            "fast-pyworld3": ("fast_pyworld3_run.py",),
            "pyworld3": ("pyworld3_run.py",),
            "PySD": ("pysd_run.py", xmile, *OUTPUTS),
            PYSD_APART: ("pysd_run.py", _tables_apart(xmile), *OUTPUTS),
        }
        plain = _plain_python(Path(folder) / "plain_world3.py")  # PySD writes world3.py
        commands |= {n: ("scipy_run.py", plain, how) for n, how in SCIPY.items()}
        found: Rivals = {}
        for name, (script, *arguments) in commands.items():
            if name in without:
                continue
            found[name] = _started(name, [str(HOME / script), *map(str, arguments)])
            if isinstance(worker := found[name], Worker):
                stack.callback(worker.close)
        yield found


def _started(name: str, command: list[str]) -> Worker | Missing:
    home = installed(PEERS[name.partition(",")[0]])
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


def _plain_python(path: Path) -> Path:
    """World3 as a module of plain Python."""
    import jax

    import wmjax

    spec = wmjax.load_spec("world3")
    with jax.enable_x64(True):
        stocks = wmjax.initial_state(wmjax.compile_model(spec)).stocks
        initial = {n: float(v) for n, v in stocks.items()}
    text = python_source(spec, OUTPUTS, initial)
    path.write_text(text, encoding="utf-8")
    return path


def _tables_apart(xmile: Path) -> Path:
    """The same with every table as a variable of its own, called by name, as in Vensim files."""
    ElementTree.register_namespace("", _XMILE.strip("{}"))  # PySD wants it to be the default
    tree = ElementTree.parse(xmile)
    for variables in tree.iter(f"{_XMILE}variables"):
        for variable in list(variables):
            table, equation = variable.find(f"{_XMILE}gf"), variable.find(f"{_XMILE}eqn")
            if table is not None and equation is not None:
                variable.remove(table)
                table.set("name", f"{variable.get('name')} by table")
                variables.append(table)
                called = re.sub(r"\W+", "_", table.get("name", ""))
                equation.text = f"{called}({equation.text})"
    path = xmile.with_stem("world3-tables-apart")
    tree.write(path, xml_declaration=True, encoding="utf-8")
    return path
