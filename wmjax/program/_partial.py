"""Operations that can leave the finite numbers."""

from __future__ import annotations


PARTIAL: dict[str, dict[int, float]] = {
    "/": {1: 1.0},
    "^": {0: 1.0},
    "power": {0: 1.0},
    "exp": {0: 1.0},
    "sinh": {0: 1.0},
    "cosh": {0: 1.0},
    "ln": {0: 1.0},
    "log": {0: 1.0, 1: 2.0},
    "log10": {0: 1.0},
    "sqrt": {0: 1.0},
    "arcsin": {0: 0.0},
    "arccos": {0: 0.0},
    "modulo": {1: 1.0},
}
"""For each operation the arguments that decide it, and a harmless value of each.

In the branch of a choice that is not taken the arguments are replaced by these values, so that
neither the value nor the gradient of the branch can spoil the branch that is.
"""
