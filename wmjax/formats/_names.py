"""Names as XMILE knows them: without case, with blanks and underscores alike, and no reserved word.

Rules after XMILE 1.0, section 3.2 (identifiers); the reserved words also hold the functions that
programs add to it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable


_RESERVED = frozenset(
    """and or not mod if then else time dt starttime stoptime pi inf nan self abs arccos arcsin
    arctan cos exp int ln log10 max min sin sqrt tan exprnd lognormal normal poisson random delay
    delay1 delay3 delayn forcst smth1 smth3 smthn trend pulse ramp step init previous lookup safediv
    sum mean prod size rank stddev round sign sinh cosh tanh history initial_time final_time
    time_step saveper""".split()
)
_BLANKS = re.compile(r"\s+")
_UNSAID = re.compile(r'[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff.\\"\[\]]')
_WORD = re.compile(r"(?!not)[^\W\d]\w*", re.IGNORECASE)  # some readers take `notional` for NOT
_NO_ELEMENT = re.compile(r"[^\w ]")


def fold(name: str) -> str:
    """The form in which XMILE compares two names."""
    return re.sub(r"[\s_]+", "_", name.strip()).casefold()


def quoted(name: str) -> str:
    """The name as it stands in an equation."""
    word = name.replace(" ", "_")
    return word if _WORD.fullmatch(word) else f'"{name}"'


class Names:
    """XMILE names that no two things of one file share."""

    def __init__(self) -> None:
        self._used: set[str] = set(_RESERVED)

    def free(self, wanted: str, besides: Collection[str] = ()) -> str:
        """The nearest name to the one wanted that is not taken, nor one of `besides`."""
        taken = {fold(b) for b in besides}
        base = _BLANKS.sub(" ", _UNSAID.sub("_", wanted)).strip() or "unnamed"
        name, number = base, 1
        while fold(name) in self._used or fold(name) in taken:
            number += 1
            name = f"{base} {number}"
        return name

    def take(self, name: str) -> str:
        """Marks a free name as taken."""
        self._used.add(fold(name))
        return name


def element_names(dimension: str, elements: Iterable[str]) -> dict[str, str]:
    """XMILE names of the elements of a dimension: letters, digits and single blanks.

    A whole number as a subscript is a position in XMILE; it stays one where it is the right one.
    """
    names, found = Names(), {}
    for position, element in enumerate(elements, 1):
        name = _NO_ELEMENT.sub("_", element).replace("_", " ")
        if name[:1].isdigit() and element != str(position):
            name = f"{dimension} {name}"
        if element == str(position):
            found[element] = name
        else:
            found[element] = names.take(names.free(name))
    return found
