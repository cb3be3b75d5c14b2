"""Text to expression: an LALR parser with limits, and errors that show the place."""

from __future__ import annotations

import functools
import math
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import lark

from wmjax._errors import UserError
from wmjax.spec._expression import (
    Call,
    Choice,
    Expression,
    Number,
    Operation,
    Place,
    Reference,
    Subscript,
    children,
)


LONGEST = 20_000  # characters of one expression
DEEPEST = 64  # nested parentheses, calls and choices
LONGEST_CHAIN = 400  # operators in a row, such as a + b + c

_WORDS = {
    "NUMBER": "a number", "NAME": "a name", "QUOTED": "a quoted name", "LPAR": "'('",
    "RPAR": "')'", "LSQB": "'['", "RSQB": "']'", "COMMA": "','", "PLUS": "'+'", "MINUS": "'-'",
    "STAR": "'*'", "SLASH": "'/'", "POWER": "'^'", "COMPARE": "a comparison", "BANG": "'!'",
    "_IF": "'if'", "_ELSE": "'else'", "_OR": "'or'", "_AND": "'and'", "_NOT": "'not'",
    "$END": "the end",
}  # fmt: skip
_OPERATORS = {"**": "^", "==": "=", "!=": "<>"}


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
    try:
        return _parse(text)
    except _Refused as e:
        raise ExpressionError(place, e.found, e.wanted, text, e.at.line, e.at.column) from None


class _Refused(Exception):
    def __init__(self, found: str, wanted: str, at: Place) -> None:
        self.found, self.wanted, self.at = found, wanted, at


@functools.lru_cache(maxsize=65536)
def _parse(text: str) -> Expression:
    if len(text) > LONGEST:
        raise _Refused(f"{len(text)} characters", f"at most {LONGEST}", Place())
    try:
        built: Any = _parser().parse(text)
    except lark.UnexpectedInput as error:
        raise _refusal(error, text) from None
    _limit(built)
    return built


@functools.cache
def _parser() -> lark.Lark:
    grammar = Path(__file__).with_name("grammar.lark").read_text(encoding="utf-8")
    # With the transformer inside the parser no tree is walked, however deep the text is nested.
    return lark.Lark(grammar, parser="lalr", transformer=_Build(), maybe_placeholders=False)


def _refusal(error: lark.UnexpectedInput, text: str) -> _Refused:
    line, column = error.line, error.column
    if isinstance(error, lark.UnexpectedCharacters):
        found, expected = f"the character {error.char!r}", error.allowed or ()
    elif isinstance(error, lark.UnexpectedToken):
        at_end = error.token.type == "$END"
        found = "the end of the text" if at_end else repr(str(error.token))
        expected = error.accepts or error.expected
    else:
        at_end, found, expected = True, "the end of the text", ()
    if line < 1 or found.startswith("the end"):
        lines = text.split("\n")
        line, column = len(lines), len(lines[-1]) + 1
    return _Refused(found, _listing(expected), Place(line, column))


def _listing(expected: Iterable[str]) -> str:
    words = sorted({_WORDS.get(name, name.lower()) for name in expected})
    return " or ".join(words) if len(words) < 3 else f"{', '.join(words[:-1])} or {words[-1]}"


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
            raise _Refused(f"nested deeper than {DEEPEST}", "a shallower expression", node.place)
        if chain > LONGEST_CHAIN:
            raise _Refused(
                f"more than {LONGEST_CHAIN} operators in a row", "shorter sums", node.place
            )
        spine = isinstance(node, Operation)
        for i, child in enumerate(children(node)):
            along = spine and i == 0 and isinstance(child, Operation)
            stack.append((child, depth if along else depth + 1, chain + 1 if along else 0))


class _Build(lark.Transformer[Any, Expression]):
    """Tree to expression, bottom up."""

    def number(self, items: list[lark.Token]) -> Number:
        value = float(items[0])
        if not math.isfinite(value):
            raise _wrapped(f"the number {items[0]}", "a finite number", items[0])
        return Number(value, _place(items[0]))

    def subscript(self, items: list[lark.Token]) -> Subscript:
        return Subscript(_unquote(items[0]), reduced=len(items) == 2)

    def reference(self, items: list[Any]) -> Reference:
        return Reference(_unquote(items[0]), tuple(items[1:]), _place(items[0]))

    def call(self, items: list[Any]) -> Call:
        head = items[0]
        return Call(head.name, tuple(items[1:]), head.subscripts, head.place)

    def power(self, items: list[Any]) -> Operation:
        return Operation("^", (items[0], items[2]), _place(items[1]))

    def sign(self, items: list[Any]) -> Expression:
        if items[0].type == "PLUS":
            return items[1]
        return Operation("neg", (items[1],), _place(items[0]))

    def _chain(self, items: list[Any]) -> Expression:
        built = items[0]
        for token, right in zip(items[1::2], items[2::2], strict=True):
            built = Operation(str(token), (built, right), _place(token))
        return built

    sum = product = _chain

    def comparison(self, items: list[Any]) -> Operation:
        operator = _OPERATORS.get(str(items[1]), str(items[1]))
        return Operation(operator, (items[0], items[2]), _place(items[1]))

    def negation(self, items: list[Any]) -> Operation:
        return Operation("not", (items[0],), items[0].place)

    def both(self, items: list[Expression]) -> Expression:
        return functools.reduce(lambda a, b: Operation("and", (a, b), b.place), items)

    def either(self, items: list[Expression]) -> Expression:
        return functools.reduce(lambda a, b: Operation("or", (a, b), b.place), items)

    def choice(self, items: list[Any]) -> Choice:
        return Choice(items[1], items[0], items[2], items[0].place)


def _wrapped(found: str, wanted: str, token: lark.Token) -> Exception:
    return _Refused(found, wanted, _place(token))


def _place(token: lark.Token) -> Place:
    return Place(token.line or 1, token.column or 1)


def _unquote(token: lark.Token) -> str:
    return str(token)[1:-1] if token.type == "QUOTED" else str(token)
