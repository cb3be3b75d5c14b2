"""How the operations of a model become code."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias, final

from wmjax.program import Program


@final
@dataclass(frozen=True)
class Scalar:
    """One operation of code for each operation of the model: fastest to run, above all in batches,
    while it can be compiled; arrays stay arrays."""


@final
@dataclass(frozen=True)
class Native:
    """C made for the model, compiled by the compiler of the system and called by JAX: the fastest
    for runs and sweeps on CPUs, in 64-bit floats and by fixed steps.

    Derivatives, other solvers and dtypes, other devices, and models that C is not made for are left
    to the back end that would be chosen without it; where that surprises, a `NativeNotice` says so
    once. Compiled code is kept in `$WMJAX_CACHE/native`. Results agree with those of the others to
    rounding.
    """


Backend: TypeAlias = Native | Scalar


def chosen(program: Program) -> Backend:
    """The back end that is used where none is asked for."""
    return Scalar()
