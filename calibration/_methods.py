"""Minimisers by name."""

from __future__ import annotations

from collections.abc import Iterator

from calibration._bijection import Bijection
from calibration._element import near
from calibration._lbfgs import LBFGS
from calibration._least_squares import LeastSquares
from calibration._minimiser import Minimiser
from calibration._optax import OPTIMISERS, Optax
from wmjax._errors import UserError


MOST_COLUMNS = 60
"""Above as many free numbers `auto` takes reverse mode rather than a Jacobian by forward mode."""

METHODS = ("auto", "least_squares", "lbfgs", *OPTIMISERS)


def check_method(name: str) -> Iterator[UserError]:
    """A mistake if there is no such method."""
    if name not in METHODS:
        hint = near(name, METHODS)
        yield UserError(f"method {name!r}", "no such method", ", ".join(METHODS), hint)


def minimiser(
    name: str, count: int, bijection: Bijection, tolerance: float | None, rate: float
) -> Minimiser:
    """The minimiser of this name for `count` free numbers."""
    if name == "auto":
        name = "least_squares" if count <= MOST_COLUMNS else "lbfgs"
    limit = bijection.limit
    if name == "least_squares":
        return LeastSquares(tolerance or 1e-8, limit)
    if name == "lbfgs":
        return LBFGS(tolerance or 1e-9, limit=limit)
    return Optax(name, rate, tolerance or 1e-6, limit)


def allowed(method: Minimiser, stated: int | None) -> int:
    """How many evaluations a start may take: 200 for least squares, 2000 for the others."""
    return stated or (200 if method.wants == "normal" else 2000)
