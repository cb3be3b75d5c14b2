"""Values as lines of C: names of our own and numbers, nothing of the spec's text."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from wmjax.native._job import Form, Job
from wmjax.native._regions import Region, regions
from wmjax.native._values import Value


_INFIX = {"+": "+", "-": "-", "*": "*", "/": "/", "=": "==", "<>": "!=", "<": "<", "<=": "<=",
          ">": ">", ">=": ">=", "and": "&&", "or": "||"}  # fmt: skip
_CALLS = {"abs": "fabs", "ln": "log", "arcsin": "asin", "arccos": "acos", "arctan": "atan",
          "min": "least", "max": "most", "remainder": "remainder_of", "if": "choose",
          "=": "eq", "<>": "ne", "<": "lt", "<=": "le", ">": "gt", ">=": "ge"}  # fmt: skip
_MODES = {"linear": 0, "previous": 1, "next": 2, "nearest": 3}
_PLAIN = {"const", "stock", "time", "switch", "date"}  # written as they are, never declared
_INDENT = "    "


@dataclass
class Writer:
    """Writes values as declarations; those that differ between runs side by side as vectors."""

    job: Job
    memories: list[str] = field(default_factory=list)
    """Rows that outlive a step."""
    _names: dict[int, str] = field(default_factory=dict)
    _written: set[int] = field(default_factory=set)

    def block(
        self,
        values: Sequence[Value],
        roots: Iterable[Value],
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
        inside: dict[Region, list[Value]] = defaultdict(list)
        for v in new:
            inside[where[id(v)]].append(v)
        return [_INDENT * depth + line for line in self._region(inside, ())]

    def _is_new(self, value: Value) -> bool:
        return id(value) not in self._written and value.op not in _PLAIN

    def name(self, value: Value) -> str:
        if value.op == "stock":
            return f"y{value.data}"
        if value.op in ("time", "switch"):
            return {"time": "now", "switch": "half"}[value.op]
        if value.op == "date":
            return f"{value.data}"
        return self._names.setdefault(id(value), f"x{len(self._names)}")

    def operand(self, value: Value, lane: bool) -> str:
        """The value where a number, or a vector of numbers, is wanted."""
        text = number(value.data) if value.op == "const" else self.name(value)
        if not lane or value.lane:
            return text
        return f"every({text})" if value.is_truth else f"all({text})"

    def _region(self, inside: dict[Region, list[Value]], path: Region) -> list[str]:
        return [line for v in inside[path] for line in self._lines(v, inside, path)]

    def _lines(self, value: Value, inside: dict[Region, list[Value]], path: Region) -> list[str]:
        if value.op == "place":
            return self._place(value)
        name, kind = self.name(value), _type(value)
        sides: list[list[str]] = [[], []]
        if value.op == "if" and _branches(value):
            sides = [self._region(inside, (*path, (id(value), i))) for i in (1, 2)]
        if not any(sides):
            return [f"const {kind} {name} = {self._expression(value)};"]
        test, *ends = (self.operand(x, value.lane and i > 0) for i, x in enumerate(value.args))
        return [
            f"{kind} {name};", f"if ({test}) {{", *indented([*sides[0], f"{name} = {ends[0]};"]),
            "} else {", *indented([*sides[1], f"{name} = {ends[1]};"]), "}",
        ]  # fmt: skip

    def _place(self, value: Value) -> list[str]:
        """The place in a table, and the row of the table."""
        table = int(str(value.data))
        form, grid = self.job.tables[table], f"g{table}"
        x, name, kind = self.operand(value.args[0], value.lane), self.name(value), _type(value)
        if self.job.remembers(table):
            return self._remembered(value, form, grid)
        v, row = ("v", "R") if value.lane else ("", "int")
        top, own = form.points - 1, self.job.is_own(table)
        first, second, last = (self._of_grid(grid, i, value.lane, own) for i in (0, 1, top))
        if form.even:
            place = f"{v}scaled({x}, {first}, {second})"
            place = f"{v}clip({place}, {float(top)!r})" if form.holds else place
            inside = name if form.holds else f"{v}clip({name}, {float(top)!r})"
            found = f"{v}row({inside})"
        else:
            place = f"{v}within({x}, {first}, {last})" if form.holds else x
            found = f"{v}count{'_own' if own else ''}({name}, {grid}, {form.points})"
        return [f"const {kind} {name} = {place};", f"const {row} {name}_row = {found};"]

    def _remembered(self, value: Value, form: Form, grid: str) -> list[str]:
        """The same, looked for in the row of the step before."""
        x, name, holds = self.operand(value.args[0], False), self.name(value), int(form.holds)
        self.memories.append(f"{name}_row")
        if not form.even:
            return [f"double {name} = {x};",
                    f"find_at({name}, {name}_row, {grid}, {form.points}, {holds})"]  # fmt: skip
        return [f"double {name} = scaled({x}, {grid}[0], {grid}[1]);",
                f"find({name}, {name}_row, {float(form.points)!r}, {holds})"]  # fmt: skip

    def _of_grid(self, grid: str, at: int, lane: bool, own: bool) -> str:
        if own:
            return f"eight({grid}, {at})"
        return f"all({grid}[{at}])" if lane else f"{grid}[{at}]"

    def _expression(self, value: Value) -> str:
        op, lane = value.op, value.lane
        if op in _LEAVES:
            return _LEAVES[op](self, value)
        args = [self.operand(a, lane) for a in value.args]
        if op == "if" and _branches(value):
            return f"{self.operand(value.args[0], False)} ? {args[1]} : {args[2]}"
        if op in _INFIX and not lane:
            return f"{args[0]} {_INFIX[op]} {args[1]}"
        if op in ("+", "-", "*", "/", "and", "or"):
            return f"{args[0]} {'&' if op == 'and' else '|' if op == 'or' else op} {args[1]}"
        if op in ("min", "max") and any(a.op == "const" for a in value.args):
            fixed, other = args if value.args[0].op == "const" else reversed(args)
            return f"{'v' if lane else ''}{'lower' if op == 'min' else 'upper'}({fixed}, {other})"
        return f"{'v' if lane else ''}{_CALLS.get(op, op)}({', '.join(args)})"

    def _entry(self, value: Value) -> str:
        table, place = int(str(value.data)), value.args[0]
        form, name = self.job.tables[table], self.name(place)
        at = "" if form.even else "_at"
        if self.job.varied is None:
            return f"entry{at}(t{table}, {name}_row, {name})"
        part = self.job.part(table)
        if not value.lane:
            return f"entry{at}_apart(t{table}, {part}, {name}_row, {name})"
        size = "own" if self.job.is_own(table) else {8: "8", 16: "16"}.get(part, "n")
        row = f"{name}_row" if place.lane else f"all_rows({name}_row)"
        if size in ("own", "n"):
            row = f"inside({row}, {self.job.rows(table) - 1})"
        return f"ventry{at}({size}, t{table}, {part}, {row}, {self.operand(place, True)})"

    def _number(self, value: Value) -> str:
        assert isinstance(value.data, tuple)
        leaf, element = value.data
        if value.lane:
            return f"vload(p{leaf} + {element}, {self.job.sizes[leaf]})"
        return f"s[{self.job.offsets[leaf] + element}]"

    def _series(self, value: Value) -> str:
        """`v` before a name is that of the function for runs side by side."""
        at = int(str(value.data))
        first, points = self.job.first_series + 3 * at, self.job.series[at]
        t, v, slope = (self.pointer(first + i, value.lane) for i in range(3))
        mode = _MODES[self.job.program.series[at][1]]
        now = self.operand(value.args[0], False)
        call = f"series({t}, {v}, *({slope}), {points}, {now}, 1e-3 * dt, {mode})"
        return f"EACH_LANE({call})" if value.lane else call

    def pointer(self, leaf: int, lane: bool) -> str:
        """Where the numbers of a leaf stand, those of lane `i` if it varies."""
        if lane and self.job.differs(leaf, 1):
            return f"p{leaf} + run[i] * {self.job.sizes[leaf]}"
        return f"s + {self.job.offsets[leaf]}"


_LEAVES = {"number": Writer._number, "entry": Writer._entry, "series": Writer._series}


def number(data: object) -> str:
    assert isinstance(data, float)
    return repr(data) if math.isfinite(data) else f"{'-' if data < 0 else ''}INFINITY"


def indented(lines: Iterable[str], depth: int = 1) -> list[str]:
    return [_INDENT * depth + line for line in lines]


def _branches(value: Value) -> bool:
    """A choice on which all lanes agree."""
    return not value.args[0].lane


def _type(value: Value) -> str:
    if value.is_truth:
        return "M" if value.lane else "int"
    return "V" if value.lane else "double"
