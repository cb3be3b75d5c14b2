"""What can be measured: one module a section, each of which yields its results as it finds them."""

from __future__ import annotations

import importlib
from collections.abc import Iterator

from benchmarks._result import Result
from benchmarks._rounds import Effort


SECTIONS = {
    "single": "single",
    "sweep": "sweep",
    "gradient": "gradient",
    "compile": "compiling",
    "large": "large",
    "fit": "fitting",
    "devices": "devices",
    "spine": "spine",
    "tax": "tax",
    "startup": "startup",
}
"""Modules by the name of the section."""


def measured(section: str, effort: Effort) -> Iterator[Result]:
    """The results of one section; its module, and what that needs, is imported now."""
    module = importlib.import_module(f"benchmarks._sections.{SECTIONS[section]}")
    yield from module.measure(effort)
