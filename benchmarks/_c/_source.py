"""Programs from specs."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

import numpy as np

from wmjax._errors import UserError
from wmjax.native import Form, Job, Uncovered, source
from wmjax.native._values import Division
from wmjax.program import expand_connections, lower
from wmjax.spec import Lookup, ModelSpec, Parameter, Series


_EVEN = 1e-12  # of a spacing: how far points may stand from an even grid

_SCALAR = """
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define OUTPUTS {outputs}
#define PARAMETERS {parameters}
#define STEPS {steps}
static const double every_step[] = {{{axis}, 1}}, last_step[] = {{{axis}, STEPS}};
static const double usual[] = {{{usual}}};

/* All rows of one run: out[output][step]. */
void path(const double *p, double *out) {{
    double wrong, *outs[OUTPUTS];
    for (int i = 0; i < OUTPUTS; i++) outs[i] = out + i * (STEPS + 1L);
    run(1, every_step, p, 0, outs, &wrong);
}}

/* The last rows of n runs: p[run][parameter], out[run][output]. */
void finals(long n, const double *p, double *out) {{
    double wrong, both[OUTPUTS][2], *outs[OUTPUTS];
    for (int i = 0; i < OUTPUTS; i++) outs[i] = both[i];
    for (long k = 0; k < n; k++) {{
        run(1, last_step, p + k * PARAMETERS, 0, outs, &wrong);
        for (int i = 0; i < OUTPUTS; i++) out[k * OUTPUTS + i] = both[i][1];
    }}
}}

/* Some runs of the usual parameters: the last row, and microseconds a run. */
int main(int count, char **words) {{
    const long n = count > 1 ? atol(words[1]) : 1;
    double out[OUTPUTS];
    const clock_t began = clock();
    for (long k = 0; k < n; k++) finals(1, usual, out);
    const double each = 1e6 * (double)(clock() - began) / CLOCKS_PER_SEC / (double)n;
    for (int i = 0; i < OUTPUTS; i++) printf("%.17g\\n", out[i]);
    fprintf(stderr, "%.1f us a run\\n", each);
    return 0;
}}
"""

_LANES = """
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define OUTPUTS {outputs}
#define VARIED {varied}
static const double last_step[] = {{{axis}, {steps}}};
static const double usual[] = {{{usual}}}, middle[] = {{{middle}}};

/* The last rows of n runs: shared[parameter], varied[parameter][run], out[output][run]. */
void finals(long n, const double *shared, const double *varied, double *out) {{
    const double *rows[VARIED];
    double *outs[OUTPUTS], *wrong = malloc((size_t)n * sizeof *wrong);
    for (int i = 0; i < VARIED; i++) rows[i] = varied + i * n;
    for (int i = 0; i < OUTPUTS; i++) outs[i] = out + i * n;
    run(n, last_step, shared, rows, outs, wrong);
    free(wrong);
}}

/* Some runs, each parameter within 5 % of its usual value: the first last row, and time. */
int main(int count, char **words) {{
    const long n = count > 1 ? atol(words[1]) : 1000;
    double *varied = malloc((size_t)n * VARIED * sizeof *varied);
    double *out = malloc((size_t)n * OUTPUTS * sizeof *out);
    for (int i = 0; i < VARIED; i++)
        for (long k = 0; k < n; k++)
            varied[i * n + k] = middle[i] * (k ? 0.95 + 0.1 * rand() / RAND_MAX : 1.0);
    const clock_t began = clock();
    finals(n, usual, varied, out);
    const double each = 1e6 * (double)(clock() - began) / CLOCKS_PER_SEC / (double)n;
    for (int i = 0; i < OUTPUTS; i++) printf("%.17g\\n", out[i * n]);
    fprintf(stderr, "%.2f us a run\\n", each);
    return 0;
}}
"""


def scalar_program(spec: ModelSpec, outputs: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    """C of `path` and `finals`, and the names of the parameters in the order in which they go in.

    **Raises:** `UserError` for a model that has what C programs lack: dimensions of parameters,
    exogenous series, methods other than Euler's.
    """
    full, job = _job(spec, outputs)
    names = job.program.names("parameter")
    text = _SCALAR.format(
        outputs=len(outputs), parameters=len(names), steps=spec.time.steps, axis=_axis(spec),
        usual=_joined(_value(full, n) for n in names),
    )  # fmt: skip
    return _source(job) + text, names


def lanes_program(
    spec: ModelSpec,
    outputs: Sequence[str],
    varied: Collection[str],
    division: Division = "reciprocal",
) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    """C of `finals`, and the names of all and of the varied parameters in their orders.

    **Raises:** `UserError` as `scalar_program`.
    """
    full, job = _job(spec, outputs, varied, division)
    names = job.program.names("parameter")
    own = tuple(n for n in names if n in varied)
    text = _LANES.format(
        outputs=len(outputs), varied=len(own), steps=spec.time.steps, axis=_axis(spec),
        usual=_joined(_value(full, n) for n in names), middle=_joined(_value(full, n) for n in own),
    )  # fmt: skip
    return _source(job) + text, names, own


def _job(
    spec: ModelSpec,
    outputs: Sequence[str],
    varied: Collection[str] | None = None,
    division: Division = "hardware",
) -> tuple[ModelSpec, Job]:
    full, program = expand_connections(spec), lower(spec)
    for name, v in full.variables.items():
        if isinstance(v, Series) or (isinstance(v, Parameter) and v.dims):
            raise _unsupported(f"a series or array, {name!r}")
    if spec.time.method != "euler":
        raise _unsupported(f"the method {spec.time.method!r}")
    names = program.names("parameter")
    own = None if varied is None else frozenset(names.index(n) for n in varied if n in names)
    keep = None if varied is None else ("final",)
    return full, Job(
        program, tuple(outputs), _forms(full, program.lookups), (), (), keep=keep, varied=own,
        division=division,
    )  # fmt: skip


def _forms(spec: ModelSpec, lookups: Sequence[tuple[str, str]]) -> tuple[Form, ...]:
    first: dict[object, int] = {}
    found = []
    for i, (name, outside) in enumerate(lookups):
        table = spec.variables[name]
        assert isinstance(table, Lookup)
        x, y = (tuple(map(float, axis.points)) for axis in (table.x, table.y))
        width = np.diff(x)
        even = bool(width.min() > 0 and np.ptp(width) < _EVEN * width.mean())
        grid = first.setdefault((x, outside), i)
        found.append(Form(len(x), even, grid, outside == "hold", (x, y)))
    return tuple(found)


def _source(job: Job) -> str:
    try:
        return source(job)
    except Uncovered as error:
        raise _unsupported(str(error)) from None


def _unsupported(found: str) -> UserError:
    return UserError(
        "C program", found, "scalar parameters, Euler's method and no series",
        "leave this model out of the comparison with C",
    )  # fmt: skip


def _axis(spec: ModelSpec) -> str:
    time = spec.time
    return _joined((time.start, time.step, time.end, float(time.steps)))


def _joined(numbers: Iterable[float]) -> str:
    return ", ".join(repr(float(x)) for x in numbers)


def _value(spec: ModelSpec, name: str) -> float:
    parameter = spec.variables[name]
    assert isinstance(parameter, Parameter) and isinstance(parameter.value, int | float)
    return float(parameter.value)
