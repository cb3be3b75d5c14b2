"""`make bench`: prints the table and writes benchmarks/RESULTS.md."""

from __future__ import annotations

import os
import platform
import tempfile
from importlib.metadata import version
from pathlib import Path

import jax


jax.config.update("jax_enable_x64", True)

from benchmarks import _spine, _startup  # noqa: E402 - after the switch to 64 bits


def main() -> None:
    lines = ["# Measurements", "", _machine(), "", "Ratios of CPU time, one interleaved run:", "",
             "| what | against | least | median | most |", "|---|---|---|---|---|"]  # fmt: skip
    print("\n".join(lines))
    for found in _spine.measure():
        lines.append(found.row())
        print(found.row(), flush=True)
    lines += ["", "Processes of their own, CPU seconds:", "", "| what | CPU s |", "|---|---|"]
    with tempfile.TemporaryDirectory() as folder:
        for what, seconds in _startup.measure(folder):
            lines.append(f"| {what} | {seconds:.2f} |")
            print(lines[-1], flush=True)
    path = Path(__file__).with_name("RESULTS.md")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"written to {path}")


def _machine() -> str:
    packages = ", ".join(f"{p} {version(p)}" for p in ("jax", "equinox", "diffrax", "scipy"))
    python = f"Python {platform.python_version()}"
    return f"{os.cpu_count()} cores, {platform.machine()}, {python}, {packages}."


if __name__ == "__main__":
    main()
