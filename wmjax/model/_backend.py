"""How the operations of a model become code."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias, final

from wmjax.program import Program, initial_instructions, running_instructions


@final
@dataclass(frozen=True)
class Scalar:
    """One operation of code for each operation of the model: fastest to run, above all in batches,
    while it can be compiled; arrays stay arrays."""


@final
@dataclass(frozen=True)
class Grouped:
    """Levels of one shape, and in each of them one vector operation for all operations of a kind:
    compile time hardly grows with the number of equations."""


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


Backend: TypeAlias = Scalar | Grouped | Native

_SECONDS_EACH = 0.004
"""CPU seconds to compile a run of the scalar code for each running operation (World3: 345
operations, 1.5 s)."""
_PATIENCE = 4.0
"""CPU seconds of compilation that the faster run of the scalar code is worth; the grouped code
takes about 1.5 whatever the size."""


def scalar_seconds(program: Program) -> float:
    """Predicted CPU seconds to compile a run of the scalar code."""
    return _SECONDS_EACH * program.operations


def chosen(program: Program) -> Backend:
    """Scalar code, which runs faster, while it compiles soon enough."""
    return Scalar() if scalar_seconds(program) <= _PATIENCE else Grouped()


def prepare(backend: Backend, program: Program) -> None:
    """Does what all runs share before any of them is traced."""
    if isinstance(backend, Grouped):
        running_instructions(program, ())
        initial_instructions(program, ())
