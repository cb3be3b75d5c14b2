"""Sweeps over draws of 20 parameters that keep the values at the end, against C and against size.

Every number is of CPU seconds, that is per core.
"""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks._result import Missing, Result, Row, Target, ratios
from benchmarks._rounds import Effort, cpu, take_turns
from benchmarks._sections._rivals import near_metal, ours


_SCALAR = Target("at least", 6, 20)
_STRICT = Target("at least", 0.75, 0.9)
_SIZE = Target("at least", 0.9)
_MEMORY = Target("at most", 600)
_MB = 1e6


def measure(effort: Effort) -> Iterator[Result]:
    yield from _against_c(effort)
    yield from _against_size(effort)


def _against_c(effort: Effort) -> Iterator[Result]:
    runs = 1000 * effort.thousands
    metal = near_metal()
    if isinstance(metal, Missing):
        yield metal
        return
    with ours() as own, metal:
        found = take_turns(
            {
                "ours": (own, f"sweep:{runs}"),
                "by JAX": (own, f"jax:{runs}"),
                "scalar": (metal, f"finals:{runs}"),
                "strict": (metal, f"reciprocal:{runs}"),
                "divided": (metal, f"hardware:{runs}"),
            },
            effort,
        )
    seconds = {n: cpu(t) for n, t in found.items()}
    what = f"throughput of a sweep of {runs:,} runs"
    limit = Row("", "", ratios(seconds["scalar"], seconds["strict"])).median
    yield Row(what, "scalar C, gcc -O2", ratios(seconds["scalar"], seconds["ours"]), _SCALAR,
              f"strict vectorised C reaches {limit:.2g} times here")  # fmt: skip
    yield Row(what, "strict vectorised C", ratios(seconds["strict"], seconds["ours"]), _STRICT,
              "divisors known before the steps: exact quotients from reciprocals")  # fmt: skip
    yield Row(what, "the same, all divisions by the processor",
              ratios(seconds["divided"], seconds["ours"]))  # fmt: skip
    yield Row(f"{what} by JAX", "scalar C, gcc -O2", ratios(seconds["scalar"], seconds["by JAX"]))
    yield Row(f"{what} by JAX", "strict vectorised C", ratios(seconds["strict"], seconds["by JAX"]))
    yield Row("throughput of strict vectorised C", "scalar C, gcc -O2",
              ratios(seconds["scalar"], seconds["strict"]))  # fmt: skip
    for name, values in seconds.items():
        yield Row(f"microseconds a run: {name}", "", [1e6 * s / runs for s in values])


def _against_size(effort: Effort) -> Iterator[Result]:
    """A worker of its own, so that its memory is that of the large sweep."""
    small, large = 100 * effort.thousands, 10_000 * effort.thousands
    with ours() as own:
        own.time(f"sweep:{small}")
        before = own.peak_rss()
        found = take_turns(
            {"small": (own, f"sweep:{small}"), "large": (own, f"sweep:{large}")}, effort
        )
        memory = own.peak_rss()
    per_run = {"small": [s / small for s in cpu(found["small"])],
               "large": [s / large for s in cpu(found["large"])]}  # fmt: skip
    yield Row(f"throughput of {large:,} runs", f"{small:,} runs",
              ratios(per_run["small"], per_run["large"]), _SIZE)  # fmt: skip
    yield Row(f"MB of memory, {large:,} runs", "", [memory / _MB], _MEMORY,
              f"most of the whole process, of which {before / _MB:.0f} MB before: JAX, the "
              f"compiler and {small:,} runs")  # fmt: skip
