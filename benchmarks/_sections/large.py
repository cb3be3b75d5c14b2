"""Compilation of large models: cost, and growth from a tenth of the size."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median

from benchmarks._result import Result, Row, Target, ratios
from benchmarks._rounds import Effort
from benchmarks._sections._fresh import Compiled, compiled


_MODELS = {
    "10,000 stocks and 40,000 auxiliaries": ("sparse:1000", "sparse:10000"),
    "200 actors of 250 equations": ("actors:20x250", "actors:200x250"),
}
_TARGETS = {"forward": Target("at most", 3, 1), "gradient": Target("at most", 15, 8)}
_GROWTH = Target("at most", 1.5)
_MOST = 3  # rounds; each is a process


def measure(effort: Effort) -> Iterator[Result]:
    for name, (tenth, whole) in _MODELS.items():
        for what, target in _TARGETS.items():
            small: list[Compiled] = []
            large: list[Compiled] = []
            for _ in range(min(effort.rounds, _MOST)):
                small.append(compiled(tenth, what))
                large.append(compiled(whole, what))
            seconds = [[c.compile for c in some] for some in (small, large)]
            yield Row(f"CPU s to trace and compile {name}, {what}", "", seconds[1], target)
            yield Row(f"growth from a tenth of {name}, {what}", "", ratios(seconds[1], seconds[0]),
                      _GROWTH, _parts(small, large))  # fmt: skip
            yield Row(f"CPU s of the first run, {what}", "", [c.run for c in large])
        before = f"CPU s to check and lower {name}, before and not part of the rows on compiling it"
        yield Row(before, "", [c.built for c in large])


def _parts(small: list[Compiled], large: list[Compiled]) -> str:
    """What of both sizes is reading the equations in Python, and what XLA's work on the program."""
    read = [median(c.traced for c in some) for some in (small, large)]
    rest = [median(c.compile - c.traced for c in some) for some in (small, large)]
    return (
        f"to trace, that is to read the names and equations, {read[0]:.2g} to {read[1]:.2g} s; "
        f"to lower and compile, {rest[0]:.2g} to {rest[1]:.2g} s"
    )
