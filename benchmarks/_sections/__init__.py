"""What can be measured, by name; each section yields its results as it finds them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from benchmarks._result import Result
from benchmarks._rounds import Effort
from benchmarks._sections import (
    compiling,
    devices,
    fitting,
    gradient,
    large,
    single,
    spine,
    startup,
    sweep,
)


SECTIONS: dict[str, Callable[[Effort], Iterator[Result]]] = {
    "single": single.measure,
    "sweep": sweep.measure,
    "gradient": gradient.measure,
    "compile": compiling.measure,
    "large": large.measure,
    "fit": fitting.measure,
    "devices": devices.measure,
    "spine": spine.measure,
    "startup": startup.measure,
}
