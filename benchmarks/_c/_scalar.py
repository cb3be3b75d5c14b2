"""The scalar program: one scenario after another, nothing stored but the outputs."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks._c._graph import below
from benchmarks._c._parts import Parts, indented
from benchmarks._c._tables import Rows
from benchmarks._c._write import Writer
from wmjax.spec import ModelSpec


def scalar_program(spec: ModelSpec, outputs: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    """C of `path` and `finals`, and the names of the parameters in the order in which they go in.

    `path(p, out)` stores the outputs of one run at every step, first to last;
    `finals(n, p, out)` those of n runs at their ends. Rows of `p` are runs, rows of `out` times
    or runs.

    **Raises:** `UserError` for a model that has what C programs lack, see `Parts`.
    """
    parts = Parts(spec, outputs)
    functions = [*_path(parts), "", *_finals(parts)]
    tables = [_table(name, rows) for rows, name in parts.tables.items()]
    return "\n".join(['#include "scalar.h"', "", *tables, "", *functions, ""]), parts.parameters


def _path(parts: Parts) -> list[str]:
    writer, fixed = _begun(parts)
    roots = [*parts.saved, *parts.rates.values()]
    at_once = [v for v in below(parts.saved) if v.moves]
    first = writer.block(at_once, roots, 2, later=parts.moving)
    rest = writer.block(parts.moving, roots, 2)
    return [
        "void path(const double *restrict p, double *restrict out) {", *fixed,
        "    for (int step = 0;; step++) {", *indented([parts.clock("step")], 2), *first,
        *indented(_stores(parts, writer), 2),
        f"        if (step == {parts.graph.time.steps}) break;",
        *rest, *indented(parts.moves(writer, "double"), 2), "    }", "}",
    ]  # fmt: skip


def _finals(parts: Parts) -> list[str]:
    writer, fixed = _begun(parts)
    steps = parts.graph.time.steps
    step, last = parts.step(writer, 2), parts.last(writer, 1)
    return [
        "static void final(const double *restrict p, double *restrict out) {", *fixed,
        f"    for (int step = 0; step < {steps}; step++) {{",
        *indented([parts.clock("step")], 2), *step,
        *indented(parts.moves(writer, "double"), 2), "    }",
        *indented([parts.clock(str(steps))], 1), *last, *indented(_stores(parts, writer), 1), "}",
        "",
        "void finals(long n, const double *restrict p, double *restrict out) {",
        f"    for (long i = 0; i < n; i++) final(p + i * {len(parts.parameters)}, "
        f"out + i * {len(parts.saved)});", "}",
    ]  # fmt: skip


def _begun(parts: Parts) -> tuple[Writer, list[str]]:
    """What does not move stands before the loop, with the initial values."""
    writer = parts.writer({n: f"p[{i}]" for i, n in enumerate(parts.parameters)})
    fixed = writer.block(parts.still, parts.still)
    return writer, [*fixed, *indented(parts.starts(writer, "double"), 1)]


def _stores(parts: Parts, writer: Writer) -> list[str]:
    return [f"*out++ = {writer.operand(v, False)};" for v in parts.saved]


def _table(name: str, rows: Rows) -> str:
    pairs = ", ".join(f"{{{a!r}, {b!r}}}" for a, b in zip(rows.intercept, rows.slope, strict=True))
    return f"static const double {name}[][2] = {{{pairs}}};"
