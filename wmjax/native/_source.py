"""The C of a kernel."""

from __future__ import annotations

from pathlib import Path

from wmjax.native._job import Job
from wmjax.native._kept import Kept, kept
from wmjax.native._parts import Parts
from wmjax.native._tables import tables
from wmjax.native._writer import Writer, indented, number


LANES = 8
_HOME = Path(__file__).parent

SIGNATURE = (
    "(long n, const double *restrict axis, const double *restrict s, const double *const *p,\n"
    "    double *const *out, double *restrict wrong)"
)
"""`run` computes n runs on the axis (start, step, end, steps, steps between rows) from the shared
numbers `s` and, for each leaf that varies, those of every run one after another. For each name it
fills an array (runs, rows, elements), and `wrong` with 0 for each run that stayed finite, row by
row, or NaN."""


def source(job: Job) -> str:
    """C of the function `run`, see `SIGNATURE`; it needs nothing but the C library.

    **Raises:** `Uncovered` for what kernels lack.
    """
    parts = Parts(job)
    writer = Writer(job)
    headers = ["scalar.h"] if job.varied is None else ["scalar.h", "vector.h"]
    text = [(_HOME / name).read_text(encoding="utf-8") for name in headers]
    text += tables(job, parts.tables).constants
    text += ["", f"void run{SIGNATURE} {{", *indented(_body(parts, writer)), "}", ""]
    return "\n".join(text)


def _body(parts: Parts, writer: Writer) -> list[str]:
    job, saved = parts.job, kept(parts, writer)
    laid = tables(job, parts.tables)
    own = sorted(job.varied or ())
    pointers = [f"const double *restrict p{leaf} = p[{i}];" for i, leaf in enumerate(own)]
    sizes = [len(v) for v in parts.saved.values()]
    pointers += [f"double *restrict out{i} = out[{i}];" for i in range(len(sizes))]
    shared = [v for v in parts.still if not v.lane]
    head = [
        "const double start = axis[0], dt = axis[1], end = axis[2];",
        "const long steps = (long)axis[3], stride = (long)axis[4];",
        f"const long rows = {saved.rows};", *pointers, *laid.shared,
        *writer.block(shared, parts.still, 0),
    ]  # fmt: skip
    fixed = writer.block(parts.still, parts.still, 0)
    run = [*laid.own, *fixed, *_run(parts, writer, saved)]
    if job.varied is None:
        return [*(f"int {m} = 0;" for m in writer.memories), *head, *run]
    lanes = [
        f"const int live = n - at < {LANES} ? (int)(n - at) : {LANES};",
        "R run;",
        f"for (int i = 0; i < {LANES}; i++) run[i] = i < live ? at + i : n - 1;",
        *(f"const R to{size} = run * (long long)(rows * {size});" for size in sorted(set(sizes))),
    ]
    return [*head, f"for (long at = 0; at < n; at += {LANES}) {{", *indented([*lanes, *run]), "}"]


def _run(parts: Parts, writer: Writer, saved: Kept) -> list[str]:
    """One run, or some side by side, from their initial values to their end."""
    job = parts.job
    kind, lane = ("V", True) if job.varied is not None else ("double", False)
    starts = [f"{kind} {writer.name(y)} = {writer.operand(x, lane)};" for y, x, _ in parts.moves]
    outputs = [v for some in parts.saved.values() for v in some]
    needed = [*(rate for _, _, rate in parts.moves), *outputs]
    step = writer.block(parts.step, needed, 0, later=parts.row)
    row = writer.block(parts.row, outputs, 0)
    due = ["if (step == next) {", *indented([*row, *saved.add, *_NEXT]), "}",
           "if (step == steps) break;"]  # fmt: skip
    finish = "wrong[at + i] = off[i];" if lane else "*wrong = off;"
    return [
        *starts, f"{kind} off = {'{}' if lane else '0'};", *saved.declared,
        "long line = 0, next = 0;", "for (long step = 0;; step++) {",
        *indented(_stages(parts, writer, step, due)), "}", *saved.final,
        f"for (int i = 0; i < live; i++) {finish}" if lane else finish,
    ]  # fmt: skip


_NEXT = ["line++;", "next = next + stride < steps ? next + stride : steps;"]
_CLOCK = ["const double now = start + (double)step * dt;", "const double half = now + dt / 2;"]


def _stages(parts: Parts, writer: Writer, step: list[str], due: list[str]) -> list[str]:
    """One step of the method; rows are those of its first stage."""
    job, lane = parts.job, parts.job.varied is not None
    names = [writer.name(y) for y, _, _ in parts.moves]
    rates = [writer.operand(r, lane) for _, _, r in parts.moves]
    if len(job.weights) == 1:
        moved = [f"{y} += dt * {r};" for y, r in zip(names, rates, strict=True)]
        return [*_CLOCK, *step, *due, *moved]
    kind, count = "V" if lane else "double", len(job.weights)
    fractions, weights = (", ".join(map(number, x)) for x in (job.fractions, job.weights))
    stage = [f"static const double fraction[] = {{{fractions}, 0}};",
             f"static const double of_step[] = {{{weights}}};"]  # fmt: skip
    before = [f"const {kind} from_{y} = {y};" for y in names]
    before += [f"{kind} sum_{y} = {'{}' if lane else '0'};" for y in names]
    each: list[str] = []
    for y, r in zip(names, rates, strict=True):
        each += [f"sum_{y} += of_step[stage] * {r};",
                 f"{y} = from_{y} + fraction[stage + 1] * dt * {r};"]  # fmt: skip
    after = [f"{y} = from_{y} + dt * sum_{y};" for y in names]
    first = ["if (stage == 0) {", *indented(due), "}"]
    clock = ["const double whole = start + (double)step * dt, half = whole + dt / 2;",
             "const double now = whole + fraction[stage] * dt;"]  # fmt: skip
    return [
        *stage, *before, f"for (int stage = 0; stage < {count}; stage++) {{",
        *indented([*clock, *step, *first, *each]), "}", "if (step == steps) break;", *after,
    ]  # fmt: skip
