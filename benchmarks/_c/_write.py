"""Values as lines of C."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from benchmarks._c._graph import Value
from benchmarks._c._names import Names
from benchmarks._c._regions import Region, regions
from benchmarks._c._tables import Even, Rows, Uneven


_INFIX = {"+": "+", "-": "-", "*": "*", "/": "/", "=": "==", "<>": "!=", "<": "<", "<=": "<=",
          ">": ">", ">=": ">=", "and": "&&", "or": "||"}  # fmt: skip
_CALLS = {"abs": "fabs", "ln": "log", "arcsin": "asin", "arccos": "acos", "arctan": "atan",
          "min": "least", "max": "most", "if": "choose", "=": "eq", "<>": "ne", "<": "lt",
          "<=": "le", ">": "gt", ">=": "ge"}  # fmt: skip
_INDENT = "    "


@dataclass
class Writer:
    """Writes values as declarations; those that differ between lanes as vectors.

    - `parameters`: the C expression that loads each parameter.
    - `tables`: the name of every table met so far.
    """

    names: Names
    parameters: dict[str, str]
    tables: dict[Rows, str] = field(default_factory=dict)
    _written: set[int] = field(default_factory=set)

    def block(
        self,
        values: Sequence[Value],
        roots: Sequence[Value],
        depth: int = 1,
        later: Sequence[Value] = (),
    ) -> list[str]:
        """Lines that compute what is not computed yet, in branches where nothing else needs it.

        **Arguments:**

        - `roots`: what is needed whatever happens.
        - `later`: more values, written after this block, that read some of these.
        """
        new = [v for v in values if self._is_new(v)]
        self._written.update(id(v) for v in new)
        where = regions([*new, *(v for v in later if self._is_new(v))], roots, _branches)
        return [_INDENT * depth + line for line in self._region(new, where, ())]

    def _is_new(self, value: Value) -> bool:
        return id(value) not in self._written and value.op not in ("const", "stock", "time")

    def forget(self, values: Sequence[Value]) -> None:
        """Lets values be computed once more, in another block."""
        self._written.difference_update(id(v) for v in values)

    def operand(self, value: Value, lane: bool) -> str:
        """The value where a number, or a vector of numbers, is wanted."""
        text = _number(value.data) if value.op == "const" else self.names[value]
        return f"all({text})" if lane and not value.lane else text

    def _region(
        self, values: Sequence[Value], where: dict[int, Region], path: Region
    ) -> Iterator[str]:
        for value in values:
            if where[id(value)] == path:
                yield from self._lines(value, values, where, path)

    def _lines(
        self, value: Value, values: Sequence[Value], where: dict[int, Region], path: Region
    ) -> Iterator[str]:
        if value.op == "place":
            yield from self._place(value)
            return
        sides: list[list[str]] = [[], []]
        if value.op == "if" and _branches(value):
            sides = [list(self._region(values, where, (*path, (id(value), i)))) for i in (1, 2)]
        if not any(sides):
            yield f"const {_type(value)} {self.names[value]} = {self._expression(value)};"
            return
        name = self.names[value]
        test, then, otherwise = value.args
        ends = [f"{name} = {self.operand(x, value.lane)};" for x in (then, otherwise)]
        yield f"{_type(value)} {name};"
        yield f"if ({self.operand(test, False)}) {{"
        yield from (_INDENT + line for line in (*sides[0], ends[0]))
        yield "} else {"
        yield from (_INDENT + line for line in (*sides[1], ends[1]))
        yield "}"

    def _place(self, value: Value) -> Iterator[str]:
        """The position in a table, and the row of the table."""
        x, name, grid = self.operand(value.args[0], value.lane), self.names[value], value.data
        row, v = ("R", "v") if value.lane else ("int", "")
        if isinstance(grid, Even):
            top = float(grid.count - 1)
            scaled = f"{v}scaled({x}, {grid.per!r}, {grid.offset!r})"
            clipped = f"{v}clip({scaled if grid.holds else name}, {top!r})"
            yield f"const {_type(value)} {name} = {clipped if grid.holds else scaled};"
            yield f"const {row} {name}_row = {v}row({name if grid.holds else clipped});"
            return
        assert isinstance(grid, Uneven)
        yield f"const {_type(value)} {name} = {v}scaled({x}, 1.0, {grid.points[0]!r});"
        count = " + ".join(f"{v}reached({x}, {p!r})" for p in grid.points)
        yield f"const {row} {name}_row = {count};"

    def _expression(self, value: Value) -> str:
        op, lane = value.op, value.lane
        if op == "parameter":
            return self.parameters[str(value.data)]
        if op == "entry":
            return self._entry(value)
        args = [self.operand(a, lane) for a in value.args]
        if op == "if" and _branches(value):
            test = self.operand(value.args[0], False)
            return f"{test} ? {args[1]} : {args[2]}"
        if op in _INFIX and not lane:
            return f"{args[0]} {_INFIX[op]} {args[1]}"
        if op in ("+", "-", "*") or op in ("and", "or"):
            return f"{args[0]} {'&' if op == 'and' else '|' if op == 'or' else op} {args[1]}"
        if op == "/":
            return f"{args[0]} / {args[1]}"
        return f"{'v' if lane else ''}{_CALLS.get(op, op)}({', '.join(args)})"

    def _entry(self, value: Value) -> str:
        rows = value.data
        assert isinstance(rows, Rows)
        table = self.tables.setdefault(rows, f"table{len(self.tables)}")
        place = self.names[value.args[0]]
        length = len(rows.slope)
        size = "" if not value.lane else "8" if length <= 8 else "16" if length <= 16 else "n"
        return f"{'v' if value.lane else ''}entry{size}({table}, {place}_row, {place})"


def _number(data: object) -> str:
    assert isinstance(data, float)
    return repr(data) if math.isfinite(data) else f"{'-' if data < 0 else ''}INFINITY"


def _branches(value: Value) -> bool:
    """A choice on which all lanes agree."""
    return not value.args[0].lane


def _type(value: Value) -> str:
    if value.is_truth:
        return "M" if value.lane else "int"
    return "V" if value.lane else "double"
