"""The results as a page."""

from __future__ import annotations

import os
import platform
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

from benchmarks import _c
from benchmarks._result import Missing, Result, Row
from benchmarks._rounds import Effort


_PACKAGES = ("jax", "jaxlib", "equinox", "diffrax", "numpy", "scipy")
_HEAD = ("what", "against", "target", "least", "median", "most", "verdict", "note")


@dataclass
class Report:
    """Collects results section by section."""

    effort: Effort
    _sections: dict[str, Sequence[Result]] = field(default_factory=dict)
    _load: tuple[float, float, float] = field(default_factory=os.getloadavg)
    _began: float = field(default_factory=time.time)

    def add(self, section: str, results: Sequence[Result]) -> None:
        self._sections[section] = results

    def text(self) -> str:
        rows = [r for some in self._sections.values() for r in some if isinstance(r, Row)]
        targets = _table([r for r in rows if r.target])
        parts = ["# Measurements", self._about(), "## Targets", targets]
        for name, some in self._sections.items():
            other = [r for r in some if isinstance(r, Row) and not r.target]
            if other:
                parts += [f"## {name.capitalize()}: the rest", _table(other)]
        missing = [r for some in self._sections.values() for r in some if isinstance(r, Missing)]
        if missing:
            parts += ["## Not measured", "\n".join(f"- {m.what}: {m.reason}" for m in missing)]
        return "\n\n".join(parts) + "\n"

    def _about(self) -> str:
        load = " then ".join(f"{x:.2f}" for x in (self._load[0], os.getloadavg()[0]))
        packages = ", ".join(f"{p} {version(p)}" for p in _PACKAGES)
        return "\n".join([
            "`make bench` writes this page; docs/performance.md says what is measured and how to "
            "read it. Rivals took turns in processes of their own; a ratio is that of one round, "
            f"and {self.effort.rounds} rounds give least, median and most. Seconds are CPU seconds "
            "unless wall time is said.",
            "",
            f"- machine: {_processor()}, {os.cpu_count()} cores, {platform.system()}",
            f"- versions: Python {platform.python_version()}, {packages}, {_gcc()}",
            "- flags of C: " + "; ".join(f"{k} `{' '.join(v)}`" for k, v in _c.FLAGS.items()),
            f"- {time.strftime('%Y-%m-%d', time.gmtime(self._began))}, "
            f"{(time.time() - self._began) / 60:.0f} minutes; load of the machine {load}",
        ])  # fmt: skip


def _table(rows: Sequence[Row]) -> str:
    lines = ["| " + " | ".join(_HEAD) + " |", "|" + "---|" * len(_HEAD)]
    lines += ["| " + " | ".join(row.cells()) + " |" for row in rows]
    return "\n".join(lines)


def _processor() -> str:
    try:
        text = Path("/proc/cpuinfo").read_text()
    except OSError:
        return platform.processor() or platform.machine()
    names = [x.partition(":")[2].strip() for x in text.splitlines() if x.startswith("model name")]
    wide = ", AVX-512" if " avx512f " in text else ""
    return (names[0] if names else platform.machine()) + wide


def _gcc() -> str:
    if _c.compiler() is None:
        return "no gcc"
    done = subprocess.run(["gcc", "--version"], capture_output=True, text=True)
    return done.stdout.splitlines()[0]
