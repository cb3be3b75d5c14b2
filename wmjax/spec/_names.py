"""Names as they stand outside equations (`gdp[China]`), and the nearest of those that exist."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from wmjax.spec._expression import Reference
from wmjax.spec._parse import ExpressionError, parse_expression


def read_name(text: str) -> Reference:
    """A variable, or an element of one, as actors, levers, events and connections name it."""
    try:
        parsed = parse_expression(text)
    except ExpressionError:
        return Reference(text)
    return parsed if isinstance(parsed, Reference) else Reference(text)


def nearest(name: str, candidates: Iterable[str]) -> str | None:
    """The candidate whose spelling is nearest, whatever the case of its letters."""
    lower = {c.lower(): c for c in candidates}
    near = difflib.get_close_matches(name.lower(), lower, n=1, cutoff=0.6)
    return lower[near[0]] if near else None


def spelling_hint(name: str, candidates: Iterable[str], otherwise: str) -> str:
    """`did you mean ...?`, or what else to do."""
    near = nearest(name, candidates)
    return f"did you mean {near!r}?" if near is not None else otherwise
