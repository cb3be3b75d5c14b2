"""Pieces of XMILE text and the operators that join them.

Comparisons and logic give numbers in our language and truths in XMILE's, so that each is turned
into the other where it stands in the other's place.
"""

from __future__ import annotations

from dataclasses import dataclass

from wmjax._errors import UserError
from wmjax.formats._functions import number


ATOM, COMPARISON = 9, 4
_NEGATIVE = 7
_RANK = {"or": 1, "and": 2, "=": 4, "<>": 4, "<": 4, "<=": 4, ">": 4, ">=": 4,
         "+": 5, "-": 5, "*": 6, "/": 6, "^": 8}  # fmt: skip
_LONGEST = 1_000_000


@dataclass(frozen=True)
class Piece:
    """Text, how tightly its outermost operator binds, and whether it is a truth.

    **Raises:** `UserError` for more text than any program would read.
    """

    text: str
    rank: int = ATOM
    truth: bool = False

    def __post_init__(self) -> None:
        if len(self.text) > _LONGEST:
            raise UserError(
                f"equation {self.text[:40]}...", f"{len(self.text)} characters of XMILE",
                f"at most {_LONGEST}", "give parts of it variables of their own",
            )  # fmt: skip

    def within(self, rank: int) -> str:
        """The text, in parentheses if it binds less tightly than `rank`."""
        return self.text if self.rank >= rank else f"({self.text})"

    def number(self) -> Piece:
        return Piece(f"(IF {self.text} THEN 1.0 ELSE 0.0)") if self.truth else self

    def as_truth(self) -> Piece:
        if self.truth:
            return self
        return Piece(f"{self.within(COMPARISON + 1)} <> 0.0", COMPARISON, truth=True)


def literal(value: float) -> Piece:
    return Piece(number(value), ATOM if value >= 0 else _NEGATIVE)


def choice(test: str, then: Piece, otherwise: Piece) -> Piece:
    return Piece(f"(IF {test} THEN {then.number().text} ELSE {otherwise.number().text})")


def negated(piece: Piece, operator: str) -> Piece:
    """A sign or `not`. Readers rank NOT differently: it takes and stands in parentheses."""
    if operator == "not":
        return Piece(f"(NOT ({piece.as_truth().text}))", truth=True)
    return Piece(f"-{piece.number().within(ATOM)}", _NEGATIVE)


def joined(operator: str, left: Piece, right: Piece) -> Piece:
    """Two pieces and the operator between them."""
    rank = _RANK[operator]
    if operator in ("and", "or"):
        return _logic(operator, left.as_truth(), right.as_truth())
    left, right = left.number(), right.number()
    if operator == "^":  # one reader forgets the parentheses of (-2.0)^2.0
        base = f"(0.0 - {left.text[1:]})" if left.rank == _NEGATIVE else left.within(ATOM)
        return Piece(f"{base}^{right.within(ATOM)}", rank)
    low = rank + 1 if rank == COMPARISON else rank
    texts = [
        piece.within(ATOM if piece.rank == _NEGATIVE else wanted)
        for piece, wanted in ((left, low), (right, rank + 1))
    ]
    return Piece(f" {operator} ".join(texts), rank, truth=rank == COMPARISON)


def _logic(operator: str, left: Piece, right: Piece) -> Piece:
    """Truths joined. Readers rank AND and OR differently: one inside the other is bracketed."""
    rank = _RANK[operator]
    first = left.text if left.rank == rank else left.within(COMPARISON)
    return Piece(f"{first} {operator.upper()} {right.within(COMPARISON)}", rank, truth=True)
