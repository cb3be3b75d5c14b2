"""The expression language: its shape against Python's own parser, its errors and its limits."""

from __future__ import annotations

import ast
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wmjax.spec import (
    Call,
    Choice,
    Expression,
    ExpressionError,
    Number,
    Operation,
    Reference,
    Subscript,
    format_expression,
    parse_expression,
    walk,
)
from wmjax.spec._descent import by_descent
from wmjax.spec._expression import mentions
from wmjax.spec._grammar import by_grammar
from wmjax.spec._refused import Refused


_BINARY: dict[type, str] = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Pow: "^"}
_COMPARE: dict[type, str] = {
    ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "=", ast.NotEq: "<>",
}  # fmt: skip


def _from_python(node: Any) -> Expression:
    """The expression that Python reads in the same text."""
    match node:
        case ast.Expression():
            return _from_python(node.body)
        case ast.Constant():
            return Number(float(node.value))
        case ast.Name():
            return Reference(node.id)
        case ast.UnaryOp(op=ast.USub()):
            return Operation("neg", (_from_python(node.operand),))
        case ast.UnaryOp(op=ast.Not()):
            return Operation("not", (_from_python(node.operand),))
        case ast.UnaryOp():
            return _from_python(node.operand)
        case ast.BinOp():
            sides = (_from_python(node.left), _from_python(node.right))
            return Operation(_BINARY[type(node.op)], sides)
        case ast.Compare():
            sides = (_from_python(node.left), _from_python(node.comparators[0]))
            return Operation(_COMPARE[type(node.ops[0])], sides)
        case ast.BoolOp():
            name = "and" if isinstance(node.op, ast.And) else "or"
            built = _from_python(node.values[0])
            for value in node.values[1:]:
                built = Operation(name, (built, _from_python(value)))
            return built
        case ast.IfExp():
            return Choice(*(_from_python(n) for n in (node.test, node.body, node.orelse)))
        case ast.Call():
            return Call(node.func.id, tuple(_from_python(a) for a in node.args))  # pyright: ignore
    raise AssertionError(ast.dump(node))


@pytest.mark.parametrize(
    "text",
    [
        "a + b * c", "a - b - c", "a / b / c", "a / b * c", "-a ** b", "a ** -b", "a ** b ** c",
        "(-a) ** b", "-a * b", "a * -b", "--a", "+a", "not a and b", "not a == b", "a or b and c",
        "(a or b) and c", "a + b < c * d", "a if b else c if d else e",
        "(a if b else c) if d else e",
        "a or b if c and d else not e",
        "max(a, b + 1) * f(x)",
        "1.5e-3 + .5 + 2.", "a != b",
    ],
)  # fmt: skip
def test_precedence_is_pythons(text: str) -> None:
    assert parse_expression(text) == _from_python(ast.parse(text, mode="eval"))


_names = st.sampled_from(["a", "b", "growth rate", "Öl", "time", "x.y", "or"])
_subscripts = st.lists(
    st.builds(Subscript, st.sampled_from(["region", "North America", "1"]), st.booleans()),
    max_size=2,
).map(tuple)
_leaves = st.one_of(
    st.floats(min_value=0, allow_infinity=False).map(lambda v: Number(abs(v))),
    st.builds(Reference, _names, _subscripts),
)


def _larger(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    two = st.sampled_from(["+", "-", "*", "/", "^", "=", "<>", "<", "<=", ">", ">=", "and", "or"])
    one = st.sampled_from(["neg", "not"])
    return st.one_of(
        st.builds(lambda o, a, b: Operation(o, (a, b)), two, inner, inner),
        st.builds(lambda o, a: Operation(o, (a,)), one, inner),
        st.builds(Choice, inner, inner, inner),
        st.builds(
            Call,
            st.sampled_from(["max", "f", "my table"]),
            st.lists(inner, max_size=3).map(tuple),
            _subscripts,
        ),
    )


@settings(max_examples=150, deadline=None)
@given(st.recursive(_leaves, _larger, max_leaves=20))
def test_an_expression_survives_being_written_and_read(expression: Expression) -> None:
    assert parse_expression(format_expression(expression)) == expression


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.text(max_size=60), st.text("ab1.e+-*/^()[]!,<>=\" \nifelsor", max_size=60)))
def test_any_text_is_an_expression_or_an_expression_error(text: str) -> None:
    try:
        parsed = parse_expression(text)
    except ExpressionError as error:
        assert error.line >= 1 and error.column >= 1 and error.wanted
    else:
        assert parse_expression(format_expression(parsed)) == parsed


def test_words_need_a_boundary() -> None:
    assert parse_expression("orb + android") == Operation(
        "+", (Reference("orb"), Reference("android"))
    )
    with pytest.raises(ExpressionError):
        parse_expression("a orb")
    with pytest.raises(ExpressionError):
        parse_expression("or + 1")


def test_both_spellings_of_operators() -> None:
    assert parse_expression("a ** b") == parse_expression("a ^ b")
    assert parse_expression("a == b") == parse_expression("a = b")
    assert parse_expression("a != b") == parse_expression("a <> b")


def test_every_literal_is_a_float() -> None:
    number = parse_expression("3")
    assert isinstance(number, Number) and type(number.value) is float


def test_quoted_dotted_and_subscripted_names() -> None:
    assert parse_expression('"growth rate"[North, "South America"]') == Reference(
        "growth rate", (Subscript("North"), Subscript("South America"))
    )
    assert parse_expression("link.a.b") == Reference("link.a.b")
    assert parse_expression("sum(x[region!, 3])") == Call(
        "sum", (Reference("x", (Subscript("region", True), Subscript("3"))),)
    )


@pytest.mark.parametrize(
    ("text", "line", "column", "expected"),
    [
        ("population +", 1, 13, "a name"),
        ("a + * b", 1, 5, "a name"),
        ("a\n  + b )", 2, 7, "the end"),
        ("max(a, ", 1, 8, "a number"),
        ("a $ b", 1, 3, "'+'"),
        ("a < b < c", 1, 7, "the end"),
    ],
)
def test_an_error_names_the_place_and_what_was_expected(
    text: str, line: int, column: int, expected: str
) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse_expression(text, "births")
    error = caught.value
    assert (error.line, error.column) == (line, column)
    assert expected in error.wanted
    assert "births" in str(error)
    row, caret = error.picture.split("\n")
    assert row.strip() == text.split("\n")[line - 1].strip()
    assert caret.index("^") - 4 == column - 1


@pytest.mark.parametrize(
    "text",
    [
        "1e400", "a" * 20_001, "a + " * 500 + "a", "-" * 9000 + "a", "not " * 4000 + "a",
        "a^" * 4000 + "a", "f(" * 4000 + "a" + ")" * 4000, "a if b else " * 1500 + "c", "", " ",
    ],
)  # fmt: skip
def test_what_would_exhaust_the_machine_is_refused(text: str) -> None:
    with pytest.raises(ExpressionError):
        parse_expression(text)


def test_a_long_sum_is_no_deep_one() -> None:
    text = " + ".join(["a"] * 400)
    assert format_expression(parse_expression(text)) == text
    assert parse_expression("(" * 3000 + "a" + ")" * 3000) == Reference("a")


_WORDS = (
    'x y a.b "a b" 1 2.5 1e3 .5 + - * / ^ ** ( ) [ ] , ! if else and or not IF Not ıf = == != <> <'
    " <= > >= f( exp( sum( d x[d!] [a,b] é 3if not.5 x.if 1e999 # {"
).split(" ")


@settings(max_examples=400, deadline=None)
@given(
    st.recursive(_leaves, _larger, max_leaves=12).map(format_expression)
    | st.lists(st.sampled_from([*_WORDS, " ", "\n", "\t"]), max_size=14).map("".join)
    | st.lists(st.sampled_from(_WORDS), max_size=14).map("\n ".join)
)
def test_descent_reads_what_the_grammar_reads(text: str) -> None:
    try:
        right = by_grammar(text)
    except Refused:
        right = None
    found = by_descent(text)
    if right is None:
        assert found is None
        return
    assert found is not None
    expression, mentioned, tokens = found
    assert expression == right
    assert [n.place for n in walk(expression)] == [n.place for n in walk(right)]
    assert all(a is b for a, b in zip(mentioned, mentions(expression), strict=True))
    assert tokens >= sum(1 for _ in walk(expression))


def test_what_is_read_fast_is_held_to_the_same_limits() -> None:
    deep = "".join(f"f(x{i}, " for i in range(70)) + "1" + ")" * 70
    long = " + ".join(f"x{i}" for i in range(500))
    for text in (deep, long):
        with pytest.raises(ExpressionError):
            parse_expression(text)
    assert parse_expression("(" * 300 + "x" + ")" * 300) == Reference("x")


def test_correct_text_is_read_without_lark() -> None:
    code = ("import sys, wmjax.spec as s; s.check_spec(s.load_spec('world')); "
            "assert 'lark' not in sys.modules")  # fmt: skip
    subprocess.run([sys.executable, "-c", code], check=True)
