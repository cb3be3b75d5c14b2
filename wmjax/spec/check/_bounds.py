"""Numbers: values, bounds, priors, and the levers that move within bounds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from wmjax.spec._actor import Lever
from wmjax.spec._issue import Issue
from wmjax.spec._names import read_name
from wmjax.spec._prior import Prior
from wmjax.spec._variable import Lookup, Parameter
from wmjax.spec.check._codes import issue
from wmjax.spec.check._context import Context
from wmjax.spec.check._elements import numbers, value_issues


Bounds = tuple[float, float]


def number_issues(context: Context) -> Iterator[Issue]:
    """Issues of the numbers of every parameter, lookup and connection."""
    for name, variable in context.spec.variables.items():
        path = f"variables.{name}"
        if isinstance(variable, Parameter):
            yield from value_issues(context, f"{path}.value", variable.value, variable.dims)
            yield from _within(path, numbers(variable.value), variable.bounds, "value")
            yield from _prior(path, variable.prior, variable.bounds)
            for part in variable.constituents:
                yield from context.target(part, f"{path}.constituents", "unknown-name")
        elif isinstance(variable, Lookup):
            yield from _within(path, variable.y.points, variable.bounds, "point")
    for i, connection in enumerate(context.spec.connections):
        path = f"connections[{i}]"
        value = 1.0 if connection.form == "lookup" else connection.value
        yield from _within(path, (value,), connection.bounds, "value")
        yield from _prior(path, connection.prior, connection.bounds)


def _within(
    path: str, values: Iterable[float], bounds: Bounds | None, what: str
) -> Iterator[Issue]:
    if bounds is None:
        return
    lower, upper = bounds
    if upper <= lower:
        yield issue("bounds-exclude-value", f"{path}.bounds", f"no room in {_shown(bounds)}",
                    "put the lower bound first, the upper above it")  # fmt: skip
        return
    outside = [v for v in values if not lower <= v <= upper]
    if outside:
        more = f" and {len(outside) - 1} more" if len(outside) > 1 else ""
        yield issue("bounds-exclude-value", f"{path}.bounds",
                    f"the {what} {outside[0]:g}{more} lies outside {_shown(bounds)}",
                    f"widen the bounds, or correct the {what}")  # fmt: skip


def _shown(bounds: Bounds) -> str:
    return f"[{bounds[0]:g}, {bounds[1]:g}]"


def _prior(path: str, prior: Prior | None, bounds: Bounds | None) -> Iterator[Issue]:
    if prior is None or bounds is None:
        return
    lower, upper = bounds
    if prior.uniform is not None:
        off = prior.uniform[1] < lower or prior.uniform[0] > upper
        what = f"the uniform prior {_shown(prior.uniform)}"
    else:
        centre = (prior.normal or prior.lognormal or (lower, 0.0))[0]
        off, what = not lower <= centre <= upper, f"the centre {centre:g} of the prior"
    if off:
        yield issue("prior-outside-bounds", f"{path}.prior",
                    f"{what} lies outside the bounds {_shown(bounds)}",
                    "widen the bounds, or correct the prior")  # fmt: skip


def lever_issues(context: Context) -> Iterator[Issue]:
    """Levers on what is no parameter, or with bounds that do not fit it."""
    for name, lever in context.spec.levers.items():
        path = f"levers.{name}"
        yield from context.target(lever.target, f"{path}.target", "lever-target", ("parameter",))
        target = context.spec.variables.get(read_name(lever.target).name)
        if isinstance(target, Parameter):
            yield from _lever_bounds(path, lever, target)


def _lever_bounds(path: str, lever: Lever, target: Parameter) -> Iterator[Issue]:
    lower, upper = lever.bounds
    one = not read_name(lever.target).subscripts
    if one and any(not lower <= v <= upper for v in numbers(target.value)):
        yield issue("lever-bounds", f"{path}.bounds",
                    f"the present value of {lever.target!r} lies outside {_shown(lever.bounds)}",
                    "widen the bounds of the lever")  # fmt: skip
    if target.bounds is not None and (lower < target.bounds[0] or upper > target.bounds[1]):
        yield issue("lever-bounds", f"{path}.bounds",
                    f"{_shown(lever.bounds)} leaves the bounds {_shown(target.bounds)} of "
                    f"{lever.target!r}", "narrow the lever, or widen the parameter")  # fmt: skip
