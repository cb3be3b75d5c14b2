"""Value and gradient of 10 parameters against the value alone."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks._result import Result, Row, Target, ratios
from benchmarks._rounds import Effort, cpu, take_turns
from benchmarks._sections._rivals import ours


_TARGETS = {"": Target("at most", 4.5, 3), ":64": Target("at most", 6, 4)}


def measure(effort: Effort) -> Iterator[Result]:
    with ours() as own:
        for batch, target in _TARGETS.items():
            found = take_turns(
                {"value": (own, f"value{batch}"), "gradient": (own, f"gradient{batch}")}, effort
            )
            what = "value and gradient" + (", batch of 64" if batch else "")
            yield Row(what, "value alone", ratios(cpu(found["gradient"]), cpu(found["value"])),
                      target, "time; 10 parameters, five series")  # fmt: skip
            yield Row(f"microseconds of the {what}", "", [1e6 * s for s in cpu(found["gradient"])])
