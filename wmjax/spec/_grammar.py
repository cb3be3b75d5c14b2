"""Text to expression by the grammar of the language, and what is wrong with text that is none."""

from __future__ import annotations

import functools
import math
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import lark

from wmjax.spec._expression import (
    Call,
    Choice,
    Expression,
    Number,
    Operation,
    Place,
    Reference,
    Subscript,
)
from wmjax.spec._refused import Refused


_WORDS = {
    "NUMBER": "a number", "NAME": "a name", "QUOTED": "a quoted name", "LPAR": "'('",
    "RPAR": "')'", "LSQB": "'['", "RSQB": "']'", "COMMA": "','", "PLUS": "'+'", "MINUS": "'-'",
    "STAR": "'*'", "SLASH": "'/'", "POWER": "'^'", "COMPARE": "a comparison", "BANG": "'!'",
    "_IF": "'if'", "_ELSE": "'else'", "_OR": "'or'", "_AND": "'and'", "_NOT": "'not'",
    "$END": "the end",
}  # fmt: skip
_OPERATORS = {"**": "^", "==": "=", "!=": "<>"}


def by_grammar(text: str) -> Expression:
    """The expression in a text, however deep it is nested.

    **Raises:** `Refused`.
    """
    built: Any
    try:
        built = _parser().parse(text)
    except lark.UnexpectedInput as error:
        raise _refusal(error, text) from None
    return built


@functools.cache
def _parser() -> lark.Lark:
    grammar = Path(__file__).with_name("grammar.lark").read_text(encoding="utf-8")
    # With the transformer inside the parser no tree is walked, however deep the text is nested.
    return lark.Lark(grammar, parser="lalr", transformer=_Build(), maybe_placeholders=False)


def _refusal(error: lark.UnexpectedInput, text: str) -> Refused:
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
    return Refused(found, _listing(expected), Place(line, column))


def _listing(expected: Iterable[str]) -> str:
    words = sorted({_WORDS.get(name, name.lower()) for name in expected})
    return " or ".join(words) if len(words) < 3 else f"{', '.join(words[:-1])} or {words[-1]}"


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
    return Refused(found, wanted, _place(token))


def _place(token: lark.Token) -> Place:
    return Place(token.line or 1, token.column or 1)


def _unquote(token: lark.Token) -> str:
    return str(token)[1:-1] if token.type == "QUOTED" else str(token)
