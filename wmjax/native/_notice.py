"""Word that generated C gives way."""

from __future__ import annotations


class NativeNotice(UserWarning):
    """Runs that were to be computed by generated C are computed by JAX, and why."""
