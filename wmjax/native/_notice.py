"""Word that generated C gives way."""

from __future__ import annotations

import warnings


class NativeNotice(UserWarning):
    """Runs that were to be computed by generated C are computed by JAX, and why."""


def give_notice(reason: str) -> None:
    """Says once for each reason why JAX computes what C was asked for."""
    if reason not in _given:
        _given.add(reason)
        warnings.warn(f"JAX computes these runs: {reason}", NativeNotice, stacklevel=6)


_given: set[str] = set()
