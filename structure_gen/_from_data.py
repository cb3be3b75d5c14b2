"""A structure read from data alone, without any language model."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from scipy.stats import norm

from structure_gen._growth import Growth, growth
from structure_gen._timeline import last_seen
from wmjax._errors import UserError
from wmjax.series import Observations, ObservedSeries
from wmjax.spec import ModelSpec
from wmjax.spec import format_name as written


_LAGS = (0, 1, 2, 3, 5, 8)
_FEWEST = 15  # pairs of rows from which a correlation is read
_ORIGIN = "data"

Variables = dict[str, dict[str, Any]]


def from_data(
    observations: Observations,
    *,
    name: str = "from data",
    start: float | None = None,
    end: float | None = None,
    until: float | None = None,
    links: int = 2,
    risk: float = 0.05,
) -> ModelSpec:
    """A stock for each series, that grows by the known form that fits it best (exponential,
    logistic, approach to a limit, drift), and links between them where the growth that is left
    follows another series, at some lag.

    It is a baseline for structures that language models write, and a draft for `refine` on machines
    without one.

    **Arguments:**

    - `start`, `end`: dates of the model; the first observed time, and as far ahead as the data
        reach back, if absent.
    - `until`: the last time whose rows are read. The last 15 % are not, if absent, so that the
        test span of `refine` is unseen; `math.inf` for all.
    - `links`: at most so many into one stock.
    - `risk`: probability of a useless link in the whole structure, if rows were independent.

    **Raises:** `UserError` unless at least one series has four rows.
    """
    last = max((float(s.times[-1]) for s in observations.values() if len(s)), default=0.0)
    span = (-np.inf if start is None else start, np.inf if end is None else end)
    seen = last_seen((s.times for s in observations.values()), span) if until is None else until
    rows = [s.window(None, seen) for s in observations.values()]
    usable = [s for s in rows if len(s) >= 4 and np.ptp(s.values) > 0]
    if not usable:
        raise UserError("observations", f"{len(observations)} series, none with four rows that "
                        "move", "at least one", "give longer series")  # fmt: skip
    first = min(s.times[0] for s in usable) if start is None else start
    ahead = 2 * last - first if end is None else end
    names = _names(usable)
    forms = {n: growth(s, first) for n, s in names.items()}
    variables: Variables = {}
    for n, series in names.items():
        variables |= _stock(n, series, forms[n])
    step = min(1.0, float(min(np.median(np.diff(s.times)) for s in usable)))
    count = max(round((ahead - first) / step), 1)
    return ModelSpec.model_validate({
        "name": name, "description": "Read from data: forms of growth by an information "
        "criterion, links by correlation and lag.",
        "time": {"start": first, "end": first + count * step, "step": step},
        "units": _units(names), "variables": variables,
        "connections": list(_links(names, forms, links, risk)),
        "actors": [{"name": "World", "category": "world", "level": 1, "influence": 1.0,
                    "parameters": [written(n) for n in names]}],
        "provenance": {"author": "wmjax", "tool": "structure_gen.from_data"},
    })  # fmt: skip


def _names(usable: Sequence[ObservedSeries]) -> dict[str, ObservedSeries]:
    """Names of variables from the ids of series: the last part, unless two share it."""
    last = [s.name.rpartition(".")[2] for s in usable]
    raw = [p if last.count(p) == 1 else s.name for p, s in zip(last, usable, strict=True)]
    return {re.sub(r"\W+", "_", r).strip("_"): s for r, s in zip(raw, usable, strict=True)}


def _units(names: Mapping[str, ObservedSeries]) -> dict[str, str]:
    """Currencies and the like are no units of physics: they become base units of the model."""
    from wmjax.spec import DEFAULT_UNITS

    words = {w for s in names.values() for w in re.findall(r"[A-Za-z_]\w*", s.unit)}
    known = set(DEFAULT_UNITS) | {"year"}
    return {w: "" for w in sorted(words - known) if _is_unknown(w)}


def _is_unknown(word: str) -> bool:
    from wmjax._errors import UserError as Wrong
    from wmjax.spec import convert_factor

    try:
        convert_factor(word, word)
    except Wrong:
        return True
    return False


def _stock(name: str, series: ObservedSeries, g: Growth) -> Variables:
    unit, flow = series.unit or "1", f"{name}_growth"
    rate_unit = {"approach": "year", "drift": f"({unit})/year"}.get(g.form, "1/year")
    rate, limit, first = f"{name}_rate", f"{name}_limit", f"{name}_first"
    x = written(name)
    equation = {
        "exponential": f"{rate} * {x}", "logistic": f"{rate} * {x} * (1 - {x} / {limit})",
        "approach": f"({limit} - {x}) / {rate}", "drift": rate,
    }[g.form]  # fmt: skip
    found: Variables = {
        name: {"kind": "stock", "unit": unit, "initial": first, "inflows": [flow],
               "observed": series.name, "doc": series.note[:200]},
        flow: {"kind": "flow", "unit": f"({unit})/year", "equation": equation,
               "source": f"{g.form} growth, chosen by an information criterion"},
        rate: _free(g.rate, rate_unit, "read from changes of " + series.name),
        first: _free(g.first, unit, "read from the first rows of " + series.name, spread=0.05),
    }  # fmt: skip
    if g.limit is not None:
        found[limit] = _free(g.limit, unit, "read from changes of " + series.name)
    return found


def _free(value: float, unit: str, source: str, spread: float = 0.5) -> dict[str, Any]:
    prior = ({"lognormal": [value, spread]} if value > 0
             else {"normal": [value, max(spread * abs(value), 1e-6)]})  # fmt: skip
    return {"kind": "parameter", "value": value, "unit": unit, "prior": prior, "trainable": True,
            "source": source}  # fmt: skip


def _links(
    names: Mapping[str, ObservedSeries], forms: Mapping[str, Growth], most: int, risk: float
) -> Iterator[dict[str, Any]]:
    """The strongest leads into each stock that exceed what chance gives over all pairs and lags."""
    pairs = max(len(names) * (len(names) - 1) * len(_LAGS), 1)
    quantile = float(norm.isf(risk / (2 * pairs)))
    for target, g in forms.items():
        found = {c: _lead(g, s) for c, s in names.items() if c != target}
        strong = [(c, x) for c, x in found.items() if x is not None
                  and abs(np.arctanh(x[1])) * np.sqrt(x[2] - 3) > quantile]  # fmt: skip
        strong.sort(key=lambda pair: -abs(pair[1][1]))
        for cause, (lag, r, _) in strong[:most]:
            yield {
                "from": written(cause), "to": written(f"{target}_growth"),
                "polarity": "+" if r > 0 else "-", "form": "delay" if lag > 1 else "elasticity",
                "delay": float(lag) if lag > 1 else None, "origin": _ORIGIN,
                "prior": {"normal": [0.0, 0.5]},
                "reasoning": f"growth that is left follows {cause} after {lag} (r = {r:+.2f})",
            }  # fmt: skip


def _lead(g: Growth, cause: ObservedSeries) -> tuple[int, float, int] | None:
    """The lag, the correlation there, and the number of independent pairs; None for a cause that
    could not be a ratio to its start."""
    if cause.values[0] == 0 or not (cause.values * np.sign(cause.values[0]) > 0).all():
        return None
    best = None
    for lag in _LAGS:
        seen = (g.times - lag >= cause.times[0]) & (g.times - lag <= cause.times[-1])
        if seen.sum() < _FEWEST:
            continue
        path = np.log(np.abs(np.interp(g.times[seen] - lag, cause.times, cause.values)))
        r, n = _correlation(g.unexplained[seen], _detrended(path))
        if best is None or abs(r) > abs(best[1]):
            best = (lag, r, n)
    return best if best is not None and best[2] > 3 else None


def _detrended(values: np.ndarray) -> np.ndarray:
    line = np.vander(np.arange(len(values), dtype=float), 2)
    return values - line @ np.linalg.lstsq(line, values, rcond=None)[0]


def _correlation(x: np.ndarray, y: np.ndarray) -> tuple[float, int]:
    """With the number of independent pairs, fewer where both last (Bartlett 1935)."""
    x, y = x - x.mean(), y - y.mean()
    norms = float(np.sqrt((x @ x) * (y @ y)))
    if norms < 1e-300:
        return 0.0, 0
    both = _memory(x) * _memory(y)
    return float(np.clip(x @ y / norms, -0.999999, 0.999999)), int(len(x) * (1 - both) / (1 + both))


def _memory(x: np.ndarray) -> float:
    total = float(x @ x)
    return float(np.clip(sum(a * b for a, b in pairwise(x)) / total, 0, 0.99)) if total else 0.0
