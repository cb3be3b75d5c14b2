"""Worker: the generated C programs on World3. `python -m benchmarks._near_metal`."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np

import wmjax
from benchmarks import _c
from benchmarks._peers import ROOT
from benchmarks._workers.serve import serve
from benchmarks._world3 import OUTPUTS, SWEPT, draws
from wmjax.spec import Parameter


HOME = ROOT / ".cache" / "bench-c"


def main() -> None:
    spec = wmjax.load_spec("world3")
    values = {
        n: float(v.value) for n, v in spec.variables.items()
        if isinstance(v, Parameter) and isinstance(v.value, int | float)
    }  # fmt: skip
    scalar = _c.Scalar(spec, OUTPUTS, HOME)
    lanes = {
        "hardware": _c.Lanes(spec, OUTPUTS, SWEPT, HOME, "hardware"),
        "reciprocal": _c.Lanes(spec, OUTPUTS, SWEPT, HOME, "reciprocal"),
    }
    one = scalar.arguments(values)

    @cache
    def many(runs: int) -> np.ndarray:
        return scalar.arguments(values, draws(values, runs))

    @cache
    def side_by_side(division: str, runs: int) -> tuple[np.ndarray, np.ndarray]:
        return lanes[division].arguments(values, draws(values, runs))

    def case(name: str) -> Callable[[], float]:
        what, _, count = name.partition(":")
        runs = int(count or 0)
        if what == "path":
            return lambda: float(scalar.path(one)[-1, 0])
        if what == "finals":
            return lambda: float(scalar.finals(many(runs))[-1, 0])
        return lambda: float(lanes[what].finals(*side_by_side(what, runs))[0, runs - 1])

    serve(case, flags=_c.FLAGS)


if __name__ == "__main__":
    main()
