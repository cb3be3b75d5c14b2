"""Where generated C cannot run JAX does, and says so once; the cache is never trusted blindly."""

from __future__ import annotations

import subprocess
import sys
import threading
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.models import decay
from wmjax import Euler, Native, Scalar, compile_model, simulate
from wmjax.native import NativeNotice, _compiler, _kernel, _notice, compiler
from wmjax.sim import _warm


needs_compiler = pytest.mark.skipif(compiler() is None, reason="no C compiler")


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of this test's alone, and nothing remembered of earlier runs."""
    monkeypatch.setenv("WMJAX_CACHE", str(tmp_path))
    _forget()
    return tmp_path / "native"


def _forget() -> None:
    _notice._given.clear()
    _warm._remembered.clear()
    _kernel.kernel.cache_clear()


def _run(**how: Any) -> np.ndarray:
    return np.asarray(simulate(compile_model(decay(), backend=Native()), **how)["x"])


_WANTED = 100 * (1 - 0.3 * 0.25) ** np.arange(41)


def test_without_a_compiler_jax_runs_and_says_so_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("CC", raising=False)
    compiler.cache_clear()
    try:
        with pytest.warns(NativeNotice, match="neither gcc, cc nor clang"):
            np.testing.assert_allclose(_run(), _WANTED, rtol=1e-12)
        _run()  # warnings are errors here
    finally:
        compiler.cache_clear()


@needs_compiler
@pytest.mark.parametrize(
    ("what", "words"),
    [("solver", "Diffrax is no method"), ("dtype", "not in float32"), ("size", "more than 3")],
)
def test_what_c_does_not_cover(what: str, words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    import diffrax

    if what == "size":
        monkeypatch.setattr("wmjax.native._parts.MOST", 3)
    dtype = np.float32 if what == "dtype" else None
    model = compile_model(decay(), backend=Native(), dtype=dtype)
    with pytest.warns(NativeNotice, match=words):
        run = simulate(model, solver=diffrax.Tsit5() if what == "solver" else None)
    ends = 100 * np.exp(-3) if what == "solver" else _WANTED[-1]
    np.testing.assert_allclose(run["x"][-1], ends, rtol=1e-5)


@needs_compiler
def test_a_compiler_that_fails_is_quoted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    fake = tmp_path / "cc"
    fake.write_text(
        '#!/bin/sh\ncase "$*" in *--version*|*-E*) exit 0;; esac\n'
        'echo "out of memory" >&2\nexit 1\n'
    )
    fake.chmod(0o755)
    monkeypatch.setenv("CC", str(fake))
    compiler.cache_clear()
    try:
        with pytest.warns(NativeNotice, match="out of memory"):
            np.testing.assert_allclose(_run(), _WANTED, rtol=1e-12)
    finally:
        compiler.cache_clear()


@needs_compiler
@pytest.mark.parametrize(
    "poison", [b"", b"\x7fELF not a library", None], ids=["empty", "other", "cut"]
)
def test_a_poisoned_file_is_replaced(cache: Path, poison: bytes | None) -> None:
    _run()
    (file,) = cache.glob("*.so")
    good = file.read_bytes()
    file.unlink()  # the loaded library keeps the old file; a new one is put in its place
    file.write_bytes(good[: len(good) // 2] if poison is None else poison)
    _forget()
    np.testing.assert_allclose(_run(), _WANTED, rtol=1e-12)
    assert _compiler.is_whole(file)


@needs_compiler
def test_the_cache_is_used(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _run()
    _forget()

    def build(*_: Any) -> None:
        raise AssertionError("compiled again")

    monkeypatch.setattr(_compiler, "_build", build)
    np.testing.assert_allclose(_run(), _WANTED, rtol=1e-12)
    assert len(list(cache.iterdir())) == 1


@needs_compiler
def test_several_build_the_same_at_once(cache: Path) -> None:
    source = "int answer(void) { return 42; }\n"
    found: list[int] = []
    threads = [
        threading.Thread(target=lambda: found.append(_compiler.library(source).answer()))
        for _ in range(4)
    ]
    code = f"from wmjax.native._compiler import library; print(library({source!r}).answer())"
    others = [
        subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) for _ in range(2)
    ]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert found == [42] * 4
    assert [p.communicate()[0] for p in others] == [b"42\n"] * 2
    assert len(list(cache.iterdir())) == 1


@needs_compiler
def test_a_cache_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("WMJAX_CACHE", str(tmp_path / "file"))
    with pytest.warns(NativeNotice, match="cannot be written"):
        np.testing.assert_allclose(_run(), _WANTED, rtol=1e-12)


@needs_compiler
def test_a_method_of_ones_own() -> None:
    class Backwards(Euler):
        """Two stages of which the second alone counts."""

        fractions = (0.0, 1.0)
        weights = (0.0, 1.0)

    one, other = (compile_model(decay(), backend=b) for b in (Native(), Scalar()))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = simulate(one, solver=Backwards())["x"]
    np.testing.assert_allclose(found, simulate(other, solver=Backwards())["x"], rtol=1e-13)
    assert not np.allclose(found, _WANTED)
