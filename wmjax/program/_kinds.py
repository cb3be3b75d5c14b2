"""The few kinds of instructions that every operation is written in."""

from __future__ import annotations


KINDS: dict[str, int] = {
    "select": 3,
    "+": 2,
    "-": 2,
    "*": 2,
    "/": 2,
    "min": 2,
    "max": 2,
    "<": 2,
    "<=": 2,
    "=": 2,
    "power": 2,
    "remainder": 2,
    "copy": 1,
    "lookup": 1,
    "exp": 1,
    "ln": 1,
    "log10": 1,
    "sqrt": 1,
    "sin": 1,
    "cos": 1,
    "tan": 1,
    "arcsin": 1,
    "arccos": 1,
    "arctan": 1,
    "sinh": 1,
    "cosh": 1,
    "tanh": 1,
    "abs": 1,
    "sign": 1,
    "integer": 1,
    "round": 1,
}
"""How many arguments each has: those of three first, then those of two, then those of one."""

NAMES = tuple(KINDS)
NUMBER = {name: i for i, name in enumerate(NAMES)}
ARITY = tuple(KINDS.values())
