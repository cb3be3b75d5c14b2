"""A fit of 10 parameters of World3, warm, against SciPy's simplex."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from benchmarks._result import Missing, Result, Row, Target
from benchmarks._rounds import Effort, cpu, take_turns
from benchmarks._worker import Worker


_EVALUATIONS = Target("at most", 40)
_SECONDS = Target("at most", 0.5)
_FEWER = Target("at least", 20)


def measure(effort: Effort) -> Iterator[Result]:
    with Worker(sys.executable, ["-m", "benchmarks._fitting"]) as worker:
        timings = take_turns({"fit": (worker, "fit")}, effort)["fit"]
        evaluations, loss = timings[-1].value
        yield Row("runs of a warm fit of 10 parameters, each with its Jacobian", "", [evaluations],
                  _EVALUATIONS, f"loss {loss:.6g} of 1,005 rows")  # fmt: skip
        yield Row("CPU s of the fit", "", cpu(timings), _SECONDS)
        spent, arrived = worker.time("nelder-mead").value
    if not arrived:
        yield Missing("evaluations of Nelder-Mead to the loss of the fit",
                      f"not there after {spent:g}")  # fmt: skip
    yield Row("evaluations of SciPy's Nelder-Mead over ours", "", [spent / evaluations], _FEWER,
              f"{spent:g} evaluations" + ("" if arrived else ", and still above"))  # fmt: skip
