"""World3 as plain Python: what SciPy's integrators and a loop of Python are given.

One line for each operation of the tape that our back ends read, on Python's floats.
"""

from __future__ import annotations

from collections.abc import Sequence

from wmjax.program import expand_connections, lower
from wmjax.program._tape import Entry, running_tape
from wmjax.spec import Lookup, ModelSpec, Parameter


_OPERATORS = ("+", "-", "*", "/", ">", ">=", "<", "<=")
_FORMS = {
    "max": "max({}, {})", "min": "min({}, {})", "^": "{} ** {}", "neg": "-{}",
    "if_then_else": "({1} if {0} else {2})", "taken": "({} != 0)", "left": "({} == 0)",
}  # fmt: skip

_TEXT = """
from bisect import bisect_right

START, END, STEP = {start!r}, {end!r}, {step!r}
INITIAL = {initial!r}
TABLES = {tables!r}

def table(name, x):
    xs, ys = TABLES[name]
    k = min(max(bisect_right(xs, x), 1), len(xs) - 1)
    x = min(max(x, xs[0]), xs[-1])
    return ys[k - 1] + (ys[k] - ys[k - 1]) * ((x - xs[k - 1]) / (xs[k] - xs[k - 1]))

def rates(time, stocks):
{lines}
    return [{rates}], [{values}]
"""


def python_source(spec: ModelSpec, outputs: Sequence[str], initial: dict[str, float]) -> str:
    """A module with `rates(time, stocks)`, which gives the rates of change and the outputs.

    **Arguments:** `initial`: the initial values of the stocks, hidden ones too.

    **Raises:** `KeyError` for an operation that World3 does not have.
    """
    full = expand_connections(spec)
    program = lower(spec)
    tape = running_tape(program, frozenset(outputs), frozenset(initial), frozenset())
    numbers = {n: v.value for n, v in full.variables.items() if isinstance(v, Parameter)}
    places = {name: k for k, name in enumerate(tape.rates)}
    lines = [f"    v{i} = {_line(e, numbers, places)}" for i, e in enumerate(tape.entries)]
    tables = {n: (v.x.points, v.y.points) for n, v in full.variables.items()
              if isinstance(v, Lookup)}  # fmt: skip
    return _TEXT.format(
        start=spec.time.start, end=spec.time.end, step=spec.time.step, tables=tables,
        initial=[initial[n] for n in tape.rates], lines="\n".join(lines),
        rates=", ".join(f"v{i}" for i in tape.rates.values()),
        values=", ".join(f"v{tape.values[n]}" for n in outputs),
    )  # fmt: skip


def _line(e: Entry, numbers: dict[str, object], places: dict[str, int]) -> str:
    args = [f"v{i}" for i in e.args]
    if e.op in _OPERATORS:
        return f" {e.op} ".join(args)
    if e.op == "ref":
        name = str(e.data)
        return f"stocks[{places[name]}]" if name in places else repr(numbers[name])
    if e.op == "const":
        return repr(e.data)
    if e.op == "time":
        return "time"
    if e.op == "lookup":
        return f"table({e.data!r}, {args[0]})"
    if e.op == "guard":
        return f"({args[1]} if {args[0]} else {e.data!r})"
    return _FORMS[e.op].format(*args)
