"""The equations of one variable: one text for all elements where XMILE can say it so, else one for
each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from wmjax._errors import UserError
from wmjax.formats._book import Book
from wmjax.formats._chains import Chains, Stage
from wmjax.formats._functions import number
from wmjax.formats._tables import TableCall, Tables
from wmjax.formats._text import NotUniform, Writer
from wmjax.formats._values import Key, Texts, keys, split_key, value_at
from wmjax.spec import Expression, parse_expression


_MOST = 100_000  # equations of one variable


@dataclass(frozen=True)
class Equations:
    """The texts, and the calls of tables and the stages of smooths and delays in them."""

    texts: Texts
    calls: tuple[TableCall, ...] = ()
    stages: tuple[Stage, ...] = ()


def written(
    book: Book, owner: str, formula: str | Mapping[str, str], dims: Sequence[str]
) -> Equations:
    """A formula of the variable `owner` with these dimensions."""
    if isinstance(formula, str):
        return write(book, owner, parse_expression(formula), dims)
    given = {split_key(key): parse_expression(text) for key, text in formula.items()}
    return _each(book, owner, given, dims)


def write(book: Book, owner: str, e: Expression, dims: Sequence[str]) -> Equations:
    """One expression for all elements."""
    tables, chains = Tables(book), Chains(book, owner)
    try:
        text = Writer(book, tables, chains, tuple(dims)).equation(e)
    except NotUniform:
        return _each(book, owner, dict.fromkeys(keys(book.spec, dims), e), dims)
    return _kept({(): text}, tables, chains)


def _kept(texts: Texts, tables: Tables, chains: Chains) -> Equations:
    tables.keep()
    chains.keep()
    return Equations(texts, tables.calls, tuple(chains.stages()))


def _each(
    book: Book, owner: str, given: Mapping[Key, Expression], dims: Sequence[str]
) -> Equations:
    if len(given) > _MOST:
        raise UserError(
            f"variable {owner!r}", f"{len(given)} elements that XMILE needs an "
            "equation for each of", f"at most {_MOST}", "use fewer elements",
        )  # fmt: skip
    tables, chains = Tables(book), Chains(book, owner)
    texts: Texts = {}
    for key in keys(book.spec, dims):
        bound = {d: book.ranges[d].index(e) for d, e in zip(dims, key, strict=True)}
        element = _xmile(book, key, dims)
        writer = Writer(book, tables, chains, (), bound, element)
        texts[element] = writer.equation(given[key])
    return _kept(texts, tables, chains)


def constants(book: Book, value: Any, dims: Sequence[str]) -> Texts:
    """The texts of a parameter's value."""
    texts = {
        _xmile(book, key, dims): number(value_at(book.spec, value, key, dims))
        for key in keys(book.spec, dims)
    }
    return {(): next(iter(texts.values()))} if len(set(texts.values())) == 1 else texts


def _xmile(book: Book, key: Key, dims: Sequence[str]) -> Key:
    """An element by its names in XMILE."""
    return tuple(book.elements[d][e] for d, e in zip(dims, key, strict=True))
