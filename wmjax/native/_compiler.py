"""C sources to shared libraries, kept in a cache."""

from __future__ import annotations

import ctypes
import hashlib
import os
import platform
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path


_FLAGS = ("-O2", "-fPIC", "-shared", "-fno-math-errno", "-fno-trapping-math")
_WIDE = ("-march=native", "-mprefer-vector-width=512")
"""Nothing that changes a value but the contraction of a product and a sum into one rounding, which
compilers do by themselves where the processor can, as XLA does."""
_SEAL = 32  # bytes at the end of a file: the digest of what stands before them
_SECONDS = 300  # after which a compiler is given up


class BuildError(Exception):
    """Why there is no library."""


@dataclass(frozen=True)
class Compiler:
    """A C compiler, and what the code that it makes depends on."""

    path: str
    version: str
    flags: tuple[str, ...]

    @property
    def key(self) -> str:
        return "\0".join([self.path, self.version, *self.flags, _processor()])


@cache
def compiler() -> Compiler | None:
    """`$CC`, gcc, cc or clang, whichever is there and works; None without one."""
    names = [os.environ.get("CC", ""), "gcc", "cc", "clang"]
    for path in filter(None, (shutil.which(n) for n in names if n)):
        version = _said([path, "--version"])
        if version is None:
            continue
        wide = [f for f in _WIDE if _takes(path, f)]
        return Compiler(path, version, (*_FLAGS, *wide))
    return None


def library(source: str, folders: tuple[str, ...] = ()) -> ctypes.CDLL:
    """The library of a source: from the cache, else compiled and put there.

    A file that is not whole, not ours or cannot be loaded is replaced. Several processes may do the
    same at once: files are put in place whole.

    **Arguments:**

    - `folders`: where headers are looked for.

    **Raises:** `BuildError` with what went wrong.
    """
    chosen = compiler()
    if chosen is None:
        raise BuildError("no C compiler: neither gcc, cc nor clang works here")
    path = cache_folder() / f"{_digest(source, chosen.key)}.so"
    if is_whole(path) and (found := _loaded(path)) is not None:
        return found
    try:
        _build(source, chosen, path, folders)
    except OSError as error:
        raise BuildError(f"the cache cannot be written: {error}") from None
    found = _loaded(path)
    if found is None:
        raise BuildError(f"{path} cannot be loaded")
    return found


def is_cached(source: str) -> bool:
    """Whether the library of a source needs no compiler."""
    chosen = compiler()
    if chosen is None:
        return False
    return is_whole(cache_folder() / f"{_digest(source, chosen.key)}.so")


def cache_folder() -> Path:
    """`$WMJAX_CACHE/native`, else `~/.cache/wmjax/native`."""
    stated = os.environ.get("WMJAX_CACHE")
    home = Path(stated) if stated else Path.home() / ".cache" / "wmjax"
    return home / "native"


def is_whole(path: Path) -> bool:
    """Whether a file is ours and ends with the digest of the rest."""
    try:
        if hasattr(os, "getuid") and path.stat().st_uid != os.getuid():
            return False
        data = path.read_bytes()
    except OSError:
        return False
    return len(data) > _SEAL and hashlib.sha256(data[:-_SEAL]).digest() == data[-_SEAL:]


def _build(source: str, chosen: Compiler, path: Path, folders: tuple[str, ...]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.TemporaryDirectory(dir=path.parent) as room:
        text, made = Path(room) / "kernel.c", Path(room) / "kernel.so"
        text.write_text(source, encoding="utf-8")
        command = [chosen.path, *chosen.flags, *(f"-I{f}" for f in folders), str(text), "-o",
                   str(made), "-lm"]  # fmt: skip
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS)
        except subprocess.TimeoutExpired:
            raise BuildError(f"{chosen.path} took longer than {_SECONDS} s") from None
        if done.returncode:
            raise BuildError(f"{chosen.path} failed: {done.stderr.strip()[:500]}")
        with made.open("ab") as file:
            file.write(hashlib.sha256(made.read_bytes()).digest())
        os.replace(made, path)


def _loaded(path: Path) -> ctypes.CDLL | None:
    try:
        return ctypes.CDLL(str(path))
    except OSError:
        return None


def _digest(*parts: str) -> str:
    whole = hashlib.sha256()
    for part in parts:
        whole.update(len(part).to_bytes(8, "little") + part.encode())
    return whole.hexdigest()[:32]


def _said(command: list[str]) -> str | None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=20)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode == 0 else None


def _takes(path: str, flag: str) -> bool:
    """Whether the compiler knows a flag."""
    return _said([path, flag, "-E", "-x", "c", os.devnull]) is not None


@cache
def _processor() -> str:
    """What `-march=native` depends on."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    told = {x for x in lines if x.split("\t")[0].strip() in ("flags", "Features", "model name")}
    return "\n".join([platform.machine(), platform.processor(), *sorted(told)])
