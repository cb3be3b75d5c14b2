"""Prints a program of World3: `python -m benchmarks._c scalar > world3.c`."""

from __future__ import annotations

import sys

import wmjax
from benchmarks._c import lanes_program, scalar_program
from benchmarks._world3 import OUTPUTS, SWEPT


def main() -> None:
    spec = wmjax.load_spec("world3")
    lanes = sys.argv[1:] == ["lanes"]
    print(lanes_program(spec, OUTPUTS, SWEPT)[0] if lanes else scalar_program(spec, OUTPUTS)[0])


if __name__ == "__main__":
    main()
