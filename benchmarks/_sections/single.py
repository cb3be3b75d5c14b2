"""One warm World3 run of 400 steps, against engines of others and against C."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks._result import Missing, Result, Row, Target, ratios
from benchmarks._rounds import Effort, cpu, take_turns
from benchmarks._sections._rivals import PYSD_APART, SCIPY, near_metal, ours, peers
from benchmarks._worker import Worker


_TIMES_FASTER = {
    "pysimlin": Target("at least", 1),
    "fast-pyworld3": Target("at least", 150),
    "PySD": Target("at least", 20_000),
    PYSD_APART: Target("at least", 20_000),
    "pyworld3": None,
    **dict.fromkeys(SCIPY),
}
_METAL = "scalar C, gcc -O2"
_NEAR_C = Target("at most", 2.5, 1.3)
_OURS = {
    "native": "one run, simulate() as generated C",
    "compiled": "one run, function compiled by JAX",
    "call": "one run, simulate() by JAX",
}


def measure(effort: Effort) -> Iterator[Result]:
    with ours() as own, peers(effort.without) as others:
        metal = near_metal()
        everyone = {**others, _METAL: metal}
        yield from (w for w in everyone.values() if isinstance(w, Missing))
        there = {n: w for n, w in everyone.items() if isinstance(w, Worker)}
        rivals = {n: (w, "path" if w is metal else "run") for n, w in there.items()}
        mine = {
            "native": (own, "native"), "compiled": (own, "run"), "call": (own, "simulate")
        }  # fmt: skip
        found = take_turns({**mine, **rivals}, effort)
        seconds = {n: cpu(t) for n, t in found.items()}
        for name, target in _TIMES_FASTER.items():
            if name in seconds:
                note = _note(str(there[name].about.get("versions", "")), seconds, name)
                yield _times(_OURS["native"], name, seconds["native"], seconds[name], target, note)
                yield _times(_OURS["compiled"], name, seconds["compiled"], seconds[name], None, "")
        for name in seconds.keys() - others.keys() - mine.keys():
            for who, what in _OURS.items():
                yield Row(f"time of {what}", name, ratios(seconds[who], seconds[name]),
                          _NEAR_C if who == "native" else None,
                          "five trajectories stored by both")  # fmt: skip
        for name, values in seconds.items():
            yield Row(f"microseconds of one run: {name}", "", [1e6 * s for s in values])
        if isinstance(metal, Worker):
            metal.close()


def _note(versions: str, seconds: dict[str, list[float]], name: str) -> str:
    """The versions of a peer, and what scalar C would reach against it."""
    metal = seconds.get(_METAL)
    if metal is None:
        return versions
    return f"{versions}; scalar C: {Row('', '', ratios(seconds[name], metal)).median:.3g} times"


def _times(
    what: str, name: str, own: list[float], other: list[float], target: Target | None, note: str
) -> Row:
    return Row(f"{what}: times faster", name, ratios(other, own), target, note)
