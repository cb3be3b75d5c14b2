"""Text to expression, with limits and errors that show the place."""

from __future__ import annotations

import functools
from typing import NamedTuple

from wmjax._errors import UserError
from wmjax.spec._descent import by_descent
from wmjax.spec._expression import Expression, Mention, Operation, Place, children, mentions
from wmjax.spec._refused import Refused


LONGEST = 20_000  # characters of one expression
DEEPEST = 64  # nested parentheses, calls and choices
LONGEST_CHAIN = 400  # operators in a row, such as a + b + c


class ExpressionError(UserError):
    """Text that is not an expression; `line` and `column` (from 1) say where."""

    def __init__(
        self, place: str, found: str, wanted: str, text: str, line: int, column: int
    ) -> None:
        self.line, self.column = line, column
        self.picture = _picture(text, line, column)
        super().__init__(
            f"{place}, line {line}, column {column}", f"{found}\n{self.picture}", wanted
        )


def parse_expression(text: str, place: str = "expression") -> Expression:
    """Parses one expression.

    **Arguments:**

    - `text`: the expression, at most 20000 characters, nested at most 64 deep.
    - `place`: what to call the text in an error, for example the name of the variable.

    **Raises:** `ExpressionError` with line, column, a caret and what was expected.
    """
    return read_expression(text, place).expression


class Parsed(NamedTuple):
    """An expression, and the references and calls in it, outermost first."""

    expression: Expression
    mentions: tuple[Mention, ...]


def read_expression(text: str, place: str) -> Parsed:
    """Parses one expression; see `parse_expression`."""
    try:
        return _read(text)
    except Refused as e:
        raise ExpressionError(place, e.found, e.wanted, text, e.at.line, e.at.column) from None


@functools.lru_cache(maxsize=131072)
def _read(text: str) -> Parsed:
    if len(text) > LONGEST:
        raise Refused(f"{len(text)} characters", f"at most {LONGEST}", Place())
    found = by_descent(text)
    if found is None:
        from wmjax.spec._grammar import by_grammar  # lark is wanted for mistakes alone

        built = by_grammar(text)
        _limit(built)
        return Parsed(built, mentions(built))
    built, mentioned, tokens = found
    if tokens > DEEPEST:  # fewer cannot be too deep
        _limit(built)
    return Parsed(built, mentioned)


def _picture(text: str, line: int, column: int) -> str:
    row = text.split("\n")[line - 1] if line <= text.count("\n") + 1 else ""
    start = max(0, column - 60)
    return f"    {row[start : start + 100]}\n    {' ' * (column - 1 - start)}^"


def _limit(expression: Expression) -> None:
    """Refuses what would exhaust a stack later on."""
    stack = [(expression, 0, 0)]
    while stack:
        node, depth, chain = stack.pop()
        if depth > DEEPEST:
            raise Refused(f"nested deeper than {DEEPEST}", "a shallower expression", node.place)
        if chain > LONGEST_CHAIN:
            raise Refused(
                f"more than {LONGEST_CHAIN} operators in a row", "shorter sums", node.place
            )
        spine = isinstance(node, Operation)
        for i, child in enumerate(children(node)):
            along = spine and i == 0 and isinstance(child, Operation)
            stack.append((child, depth if along else depth + 1, chain + 1 if along else 0))
