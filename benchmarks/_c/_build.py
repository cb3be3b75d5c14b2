"""C sources to functions that Python can call."""

from __future__ import annotations

import ctypes
import hashlib
import shutil
import subprocess
from pathlib import Path

from wmjax._errors import WmjaxError


FLAGS = {
    "scalar": ("-O2",),
    "vector": ("-O3", "-march=native", "-mprefer-vector-width=512", "-fno-math-errno",
               "-fno-trapping-math"),
}  # fmt: skip
"""Nothing that changes a value but the contraction of a product and a sum into one rounding, which
is gcc's default where the processor can do it, and XLA's."""


def compiler() -> str | None:
    """The C compiler, or None where there is none."""
    return shutil.which("gcc")


def build(source: str, folder: Path, flags: tuple[str, ...]) -> ctypes.CDLL:
    """A library compiled from a source, or the one that was compiled from it before.

    **Raises:** `WmjaxError` with what the compiler says.
    """
    key = hashlib.sha256("\0".join([source, *flags]).encode()).hexdigest()[:16]
    folder.mkdir(parents=True, exist_ok=True)
    library = folder / f"{key}.so"
    if not library.exists():
        (folder / f"{key}.c").write_text(source, encoding="utf-8")
        command = [compiler() or "gcc", *flags, "-fPIC", "-shared",
                   str(folder / f"{key}.c"), "-o", str(library), "-lm"]  # fmt: skip
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            raise WmjaxError(f"gcc failed: {done.stderr[:2000]}")
    return ctypes.CDLL(str(library))
