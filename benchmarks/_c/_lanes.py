"""The vectorised program: eight scenarios side by side, their values at the end alone."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from benchmarks._c._graph import Division
from benchmarks._c._parts import Parts, indented
from benchmarks._c._tables import Rows
from benchmarks._c._write import Writer
from wmjax.spec import ModelSpec


LANES = 8


def lanes_program(
    spec: ModelSpec,
    outputs: Sequence[str],
    varied: Collection[str],
    division: Division = "hardware",
) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    """C of `finals`, and the names of the shared and of the varied parameters in their orders.

    `finals(n, shared, varied, out)` runs n scenarios, a multiple of 8. `varied` has a row for each
    parameter, `out` one for each output; columns are scenarios; all are aligned to 64 bytes.

    **Raises:** `UserError` for a model that has what C programs lack, see `Parts`.
    """
    parts = Parts(spec, outputs, varied, division)
    shared = tuple(n for n in parts.parameters if n not in varied)
    own = tuple(n for n in parts.parameters if n in varied)
    function = _finals(parts, shared, own)
    tables = [line for rows, name in parts.tables.items() for line in _table(name, rows)]
    text = "\n".join(['#include "vector.h"', "", *tables, "", *function, ""])
    return text, shared, own


def _finals(parts: Parts, shared: Sequence[str], own: Sequence[str]) -> list[str]:
    loads = {n: f"shared[{i}]" for i, n in enumerate(shared)}
    loads |= {n: f"*(const V *)(varied + {i} * n + at)" for i, n in enumerate(own)}
    writer, steps = parts.writer(loads), parts.graph.time.steps
    common = writer.block([v for v in parts.still if not v.lane], parts.still)
    fixed = writer.block(parts.still, parts.still, 2)
    begun = indented(parts.starts(writer, "V"), 2)
    step, last = parts.step(writer, 3), parts.last(writer, 2)
    return [
        "void finals(long n, const double *restrict shared, const double *restrict varied,",
        "            double *restrict out) {", *common,
        f"    for (long at = 0; at < n; at += {LANES}) {{", *fixed, *begun,
        f"        for (int step = 0; step < {steps}; step++) {{",
        *indented([parts.clock("step")], 3), *step, *indented(parts.moves(writer, "V"), 3),
        "        }", *indented([parts.clock(str(steps))], 2), *last,
        *indented(_stores(parts, writer), 2), "    }", "}",
    ]  # fmt: skip


def _stores(parts: Parts, writer: Writer) -> list[str]:
    return [
        f"*(V *)(out + {i} * n + at) = {writer.operand(v, True)};"
        for i, v in enumerate(parts.saved)
    ]


def _table(name: str, rows: Rows) -> list[str]:
    """Rows of whole registers: what is missing is never read."""
    room = -(-len(rows.slope) // LANES) * LANES
    lines = []
    for what, numbers in (("intercept", rows.intercept), ("slope", rows.slope)):
        text = ", ".join(map(repr, numbers))
        lines.append(f"static const double {name}_{what}[{room}] "
                     f"__attribute__((aligned(64))) = {{{text}}};")  # fmt: skip
    return lines
