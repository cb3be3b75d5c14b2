"""Correct text to expression, by descent: what the grammar in `grammar.lark` reads, ten times as
fast.

Anything that might be wrong is left to the grammar, which says what is.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_right
from itertools import product
from sys import intern
from typing import TypeAlias

from wmjax.spec._expression import (
    Call,
    Choice,
    Expression,
    Mention,
    Number,
    Operation,
    Place,
    Reference,
    Subscript,
)


_TOKEN = re.compile(
    r"""[ \t\r\n]*(?:
    ((?!(?i:if|else|or|and|not)\b)[^\W\d]\w*(?:\.[^\W\d]\w*)*)
    |((?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)
    |(<=|>=|<>|!=|==|\*\*|[-+*/^()\[\],<>=!])
    |("[^"\n]+")
    |((?i:if|else|or|and|not)\b)
    |(\Z)
    |(.)
    )""",
    re.VERBOSE | re.DOTALL,
)
_NAME, _NUMBER, _QUOTED, _WORD, _END = 1, 2, 4, 5, 6
_CHOICE, _NOT, _COMPARISON, _SUM, _PRODUCT, _SIGN, _POWER = 0, 3, 4, 5, 6, 7, 8


def _spellings(word: str) -> list[str]:
    """A word of the language in any case."""
    pairs = ((c, c.upper()) for c in word)
    return ["".join(spelt) for spelt in product(*pairs)]


_WORDS = {s: w for w in ("if", "else", "or", "and", "not") for s in _spellings(w)}
_BINDS = {
    **dict.fromkeys(_spellings("if"), _CHOICE), **dict.fromkeys(_spellings("or"), 1),
    **dict.fromkeys(_spellings("and"), 2), "+": _SUM, "-": _SUM, "*": _PRODUCT, "/": _PRODUCT,
    "^": _POWER, "**": _POWER, "<=": _COMPARISON, ">=": _COMPARISON, "<>": _COMPARISON,
    "!=": _COMPARISON, "==": _COMPARISON, "<": _COMPARISON, ">": _COMPARISON, "=": _COMPARISON,
}  # fmt: skip
"""How tightly each operator between two operands binds."""
_AFTER = {**{o: b + 1 for o, b in _BINDS.items()}, "^": _SIGN, "**": _SIGN}
"""What may stand at its right."""
_SHOWN = {"**": "^", "==": "=", "!=": "<>", **_WORDS}
_DEEPEST = 80  # calls inside each other; the grammar knows what to say about more

_PLACES = tuple(Place(1, column) for column in range(1, 257))
_Token: TypeAlias = "tuple[int, str, int]"
"""Kind, text and position."""


class _Unsure(Exception):
    pass


def by_descent(text: str) -> tuple[Expression, tuple[Mention, ...], int] | None:
    """The expression, its `mentions` and the number of its tokens; None if the grammar should look
    at it."""
    if text.isascii() and text.isidentifier() and text not in _WORDS:
        name = Reference(text, (), _PLACES[0])
        return name, (name,), 1
    try:
        return _Descent(text).whole()
    except _Unsure:
        return None


class _Descent:
    """One text; `at` is the next token."""

    def __init__(self, text: str) -> None:
        self.tokens = _tokens(text)
        self.at = 0
        self.mentions: list[Mention] = []
        self.lines = [i + 1 for i, c in enumerate(text) if c == "\n"] if "\n" in text else []

    def whole(self) -> tuple[Expression, tuple[Mention, ...], int]:
        found = self.expression(_CHOICE, 0)
        if self.tokens[self.at][0] != _END:
            raise _Unsure
        return found, tuple(self.mentions), len(self.tokens)

    def expression(self, least: int, depth: int) -> Expression:
        """An operand and the operators after it that bind at least as tightly as `least`."""
        if depth > _DEEPEST:
            raise _Unsure
        first = len(self.mentions)
        left = self._operand(least, depth + 1)
        compared = False
        while True:
            kind, operator, position = self.tokens[self.at]
            binds = _BINDS.get(operator, -1)
            if binds < least:
                return left
            self.at += 1
            if binds == _CHOICE:
                return self._choice(left, first, depth + 1)
            right = self.expression(_AFTER[operator], depth + 1)
            if binds == _COMPARISON:
                if compared:
                    raise _Unsure
                compared = True
            place = right.place if kind == _WORD else self._place(position)
            left = Operation(_SHOWN.get(operator, operator), (left, right), place)

    def _choice(self, then: Expression, first: int, depth: int) -> Expression:
        """The rest of a choice; the mentions of `then` begin at `first`."""
        middle = len(self.mentions)
        condition = self.expression(1, depth)
        self.mentions[first:] = self.mentions[middle:] + self.mentions[first:middle]
        if _WORDS.get(self.tokens[self.at][1]) != "else":
            raise _Unsure
        self.at += 1
        return Choice(condition, then, self.expression(_CHOICE, depth), then.place)

    def _operand(self, least: int, depth: int) -> Expression:
        kind, text, position = self.tokens[self.at]
        self.at += 1
        if kind == _NAME or kind == _QUOTED:
            return self._named(text if kind == _NAME else text[1:-1], position, depth)
        if kind == _NUMBER:
            value = float(text)
            if not math.isfinite(value):
                raise _Unsure
            return Number(value, self._place(position))
        if text == "(":
            inside = self.expression(_CHOICE, depth)
            self._skip(")")
            return inside
        if text == "-":
            return Operation("neg", (self.expression(_SIGN, depth),), self._place(position))
        if text == "+":
            return self.expression(_SIGN, depth)
        if _WORDS.get(text) == "not" and least <= _NOT:
            inside = self.expression(_NOT, depth)
            return Operation("not", (inside,), inside.place)
        raise _Unsure

    def _named(self, name: str, position: int, depth: int) -> Expression:
        """A reference or a call."""
        place = self._place(position)
        subscripts = self._subscripts() if self.tokens[self.at][1] == "[" else ()
        found: Mention = Reference(name, subscripts, place)
        first = len(self.mentions)
        self.mentions.append(found)
        if self.tokens[self.at][1] == "(":
            found = Call(name, self._arguments(depth), subscripts, place)
            self.mentions[first] = found
        return found

    def _arguments(self, depth: int) -> tuple[Expression, ...]:
        self.at += 1
        if self.tokens[self.at][1] == ")":
            self.at += 1
            return ()
        found = [self.expression(_CHOICE, depth)]
        while self.tokens[self.at][1] == ",":
            self.at += 1
            found.append(self.expression(_CHOICE, depth))
        self._skip(")")
        return tuple(found)

    def _subscripts(self) -> tuple[Subscript, ...]:
        found: list[Subscript] = []
        while not found or self.tokens[self.at][1] == ",":
            kind, name, _ = self.tokens[self.at + 1]
            if kind not in (_NAME, _QUOTED, _NUMBER):
                raise _Unsure
            self.at += 2
            reduced = self.tokens[self.at][1] == "!"
            self.at += reduced
            found.append(Subscript(name[1:-1] if kind == _QUOTED else name, reduced))
        self._skip("]")
        return tuple(found)

    def _skip(self, mark: str) -> None:
        if self.tokens[self.at][1] != mark:
            raise _Unsure
        self.at += 1

    def _place(self, position: int) -> Place:
        if not self.lines:
            return _PLACES[position] if position < len(_PLACES) else Place(1, position + 1)
        row = bisect_right(self.lines, position)
        return Place(row + 1, position + 1 - (self.lines[row - 1] if row else 0))


def _tokens(text: str) -> list[_Token]:
    matches = _TOKEN.finditer(text)
    return [(kind := m.lastindex or 0, intern(m[kind]), m.start(kind)) for m in matches]
