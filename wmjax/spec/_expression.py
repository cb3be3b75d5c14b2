"""Expressions as values: what the parser makes, and what everything else reads.

All numeric literals are floats. Nodes compare by content; the place in the text is kept beside.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Place:
    """Line and column (from 1) in the text of an equation."""

    line: int = 1
    column: int = 1


@dataclass(frozen=True, slots=True)
class Number:
    value: float
    place: Place = field(default=Place(), compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Subscript:
    """One subscript; `reduced` marks a dimension that the surrounding sum runs over (`region!`)."""

    name: str
    reduced: bool = False


@dataclass(frozen=True, slots=True)
class Reference:
    name: str
    subscripts: tuple[Subscript, ...] = ()
    place: Place = field(default=Place(), compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Operation:
    """An operator: `+ - * / ^ = <> < <= > >= and or not neg`."""

    operator: str
    operands: tuple[Expression, ...]
    place: Place = field(default=Place(), compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Choice:
    """`then if condition else otherwise`; only the chosen branch matters."""

    condition: Expression
    then: Expression
    otherwise: Expression
    place: Place = field(default=Place(), compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Call:
    """A function, or a lookup of the model, applied to arguments."""

    function: str
    arguments: tuple[Expression, ...]
    subscripts: tuple[Subscript, ...] = ()
    place: Place = field(default=Place(), compare=False, repr=False)


Expression = Number | Reference | Operation | Choice | Call
Mention = Reference | Call
"""What names a variable, a function or a dimension."""


def children(node: Expression) -> tuple[Expression, ...]:
    """The expressions directly inside."""
    # not `match`, which takes three times as long: every expression is walked more than once
    if type(node) is Operation:
        return node.operands
    if type(node) is Call:
        return node.arguments
    if type(node) is Choice:
        return (node.condition, node.then, node.otherwise)
    return ()


def walk(node: Expression) -> Iterator[Expression]:
    """The node and everything inside, outermost first."""
    stack = [node]
    while stack:
        current = stack.pop()
        yield current
        stack.extend(reversed(children(current)))


def mentions(node: Expression) -> tuple[Mention, ...]:
    """The references and calls of `walk`."""
    return tuple(n for n in walk(node) if type(n) is Reference or type(n) is Call)


def spine(node: Expression) -> tuple[Expression, list[Operation]]:
    """The innermost first operand of nested operations, and the operations around it, inner first.

    A long sum is a deep tree; folding along its spine keeps recursion within the nesting.
    """
    around: list[Operation] = []
    while isinstance(node, Operation):
        around.append(node)
        node = node.operands[0]
    return node, around[::-1]
