"""Kernels as functions of JAX."""

from __future__ import annotations

import ctypes
import hashlib
import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from wmjax.native._compiler import BuildError, compiler, is_cached, library
from wmjax.native._job import Job
from wmjax.native._reading import Uncovered
from wmjax.native._source import source


_log = logging.getLogger("wmjax.native")
_registered: dict[str, ctypes.CDLL] = {}
"""Libraries by the name under which JAX knows them; they stay loaded."""
_HANDLER = (Path(__file__).parent / "handler.h").read_text(encoding="utf-8")


@dataclass(frozen=True)
class Kernel:
    """A compiled kernel, registered with JAX under a name."""

    job: Job
    target: str

    def __call__(
        self,
        axis: Float[Array, " 5"],
        shared: Float[Array, " numbers"],
        own: Sequence[Array],
        rows: int,
    ) -> tuple[list[Array], Array]:
        """Runs side by side; traceable, and no more than that.

        **Arguments:**

        - `axis`: start, step and end of the model, steps of the run, and steps from row to row.
        - `shared`: all numbers in the order of `Job.leaves`; those of leaves that vary are not
            looked at.
        - `own`: the leaves that vary, in the order of their numbers, each `(runs, ...)`.
        - `rows`: values kept of each number.

        **Returns:** for each name an array `(runs, rows, elements)`, and for each run 0, or NaN
        where a saved variable is not finite at one of its rows, or what is kept of them is not.
        """
        runs = own[0].shape[0] if own else 1
        self._check(shared, own, runs)
        program = self.job.program
        shapes = [(runs, rows, *program.shape(n)) for n in self.job.names]
        kinds = [jax.ShapeDtypeStruct(s, jnp.float64) for s in (*shapes, (runs,))]
        *found, wrong = jax.ffi.ffi_call(self.target, kinds)(axis, shared, *own)
        return found, wrong

    def _check(self, shared: Array, own: Sequence[Array], runs: int) -> None:
        """C looks at no shapes: it would read beyond the end of what is too short."""
        job = self.job
        wanted = [(runs, *job.leaves[i]) for i in sorted(job.varied or ())]
        found = [x.shape for x in own]
        if shared.shape != (job.offsets[-1],) or found != wanted:
            raise ValueError(f"numbers of shapes {shared.shape}, {found}, not {wanted}")


@lru_cache(maxsize=64)
def kernel(job: Job) -> Kernel | str:
    """The kernel of a job, compiled if need be; or in words why there is none."""
    began = time.perf_counter()
    try:
        text = whole_source(job)
        built = library(text, (jax.ffi.include_dir(),))
    except (Uncovered, BuildError) as error:
        return str(error)
    target = f"wmjax_{hashlib.sha256(text.encode()).hexdigest()[:32]}"
    if target not in _registered:  # a name is given once in a process
        jax.ffi.register_ffi_target(target, jax.ffi.pycapsule(built.handler), platform="cpu")
        _registered[target] = built
    _log.debug("a kernel of %d kB of C in %.2f s", len(text) // 1000, time.perf_counter() - began)
    return Kernel(job, target)


@lru_cache(maxsize=64)
def whole_source(job: Job) -> str:
    """C of a kernel with its handler.

    **Raises:** `Uncovered` for what kernels lack.
    """
    counts = (2 + len(job.varied or ()), 1 + len(job.names))
    sizes = "#define OPERANDS {}\n#define RESULTS {}\n".format(*counts)
    return f"/* XLA: jax {jax.__version__} */\n{source(job)}\n{sizes}{_HANDLER}"


def is_ready(job: Job) -> bool:
    """Whether a kernel needs no compiler."""
    try:
        return is_cached(whole_source(job))
    except Uncovered:
        return False


def length(job: Job) -> int | None:
    """Characters of C of a kernel; None for what no kernel covers."""
    try:
        return len(whole_source(job))
    except Uncovered:
        return None


def reason_against(platform: str, dtype: object) -> str | None:
    """Why no kernel can run, whatever the model is."""
    if platform != "cpu":
        return f"kernels run on CPUs, not on {platform}"
    if jnp.dtype(str(dtype)) != jnp.float64:
        return f"kernels compute in 64-bit floats, not in {dtype}"
    return None if compiler() is not None else "no C compiler: neither gcc, cc nor clang works here"
