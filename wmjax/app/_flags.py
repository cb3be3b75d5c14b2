"""Flags of XLA, which reads them from the environment when JAX starts its first device."""

from __future__ import annotations

import os
from pathlib import Path

from wmjax.app._settings import Compute


HOST_DEVICES = "--xla_force_host_platform_device_count"
VECTOR_WIDTH = "--xla_cpu_prefer_vector_width"
_NAME = "XLA_FLAGS"
_CPUINFO = Path("/proc/cpuinfo")


def stated_flags() -> frozenset[str]:
    """The names of the flags in the environment."""
    return frozenset(word.split("=")[0] for word in os.environ.get(_NAME, "").split())


def set_flags(compute: Compute) -> None:
    """Adds the flags that settings ask for; those of the user hold."""
    wanted = {HOST_DEVICES: compute.host_devices, VECTOR_WIDTH: _width(compute)}
    there = stated_flags()
    added = [f"{k}={v}" for k, v in wanted.items() if v is not None and k not in there]
    if added:
        os.environ[_NAME] = " ".join([*os.environ.get(_NAME, "").split(), *added])


def _width(compute: Compute) -> int | None:
    """Bits of a vector register to use.

    XLA takes 256 by itself even where there are 512, because some processors slow down under wide
    registers; sweeps of models run 1.5 to 1.8 times as fast with 512 (docs/performance.md).
    """
    if compute.vector_width != "auto":
        return compute.vector_width
    return 512 if has_wide_registers() else None


def has_wide_registers(cpuinfo: Path = _CPUINFO) -> bool:
    """Whether the processor has AVX-512, as far as the system tells."""
    try:
        text = cpuinfo.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    lines = (line.partition(":") for line in text.splitlines())
    return any(name.strip() == "flags" and "avx512f" in words.split() for name, _, words in lines)
