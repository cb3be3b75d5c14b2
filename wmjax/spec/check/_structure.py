"""Variables among each other: names, dimensions, flows of stocks, loops, and who is never read."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator

from wmjax.spec._expression import Call, Reference, walk
from wmjax.spec._functions import FUNCTIONS, TIME_NAMES
from wmjax.spec._graph import cycles, initial_graph, instant_graph
from wmjax.spec._issue import Issue
from wmjax.spec._names import read_name, spelling_hint
from wmjax.spec._variable import Auxiliary, Flow, Parameter, Series, Stock
from wmjax.spec.check._codes import issue
from wmjax.spec.check._context import Context


_WORDS = ("if", "else", "or", "and", "not")


def name_issues(context: Context) -> Iterator[Issue]:
    """Names that are reserved or given twice, dimensions that do not exist."""
    spec = context.spec
    for part, names in (("variables", spec.variables), ("dimensions", spec.dimensions)):
        for name in names:
            if name in FUNCTIONS or name in TIME_NAMES or name.lower() in _WORDS:
                yield issue("reserved-name", f"{part}.{name}",
                            f"{name!r} is a word of the expression language",
                            f"rename it, for example {name}_value")  # fmt: skip
    for name in (*spec.dimensions, *spec.fields):
        if name in spec.variables:
            yield issue("duplicate-name", f"variables.{name}",
                        f"{name!r} is also a dimension", "rename one of the two", "warning")  # fmt: skip
    lists = {"actors": spec.actors, "events": spec.events, "checks": spec.checks}
    for part, documents in lists.items():
        for name, times in Counter(d.name for d in documents).items():
            if times > 1:
                yield issue("duplicate-name", f"{part}.{name}", f"{times} {part} are named {name!r}",
                            "rename all but one")  # fmt: skip


def dimension_issues(context: Context) -> Iterator[Issue]:
    """Dimensions of variables and aliases that do not exist, or stand twice."""
    known = {*context.spec.dimensions, *context.spec.fields}
    for name, dimension in context.spec.dimensions.items():
        alias = dimension.alias
        if alias is not None and alias not in known | context.lost:
            yield _no_dimension(context, f"dimensions.{name}.alias", alias)
        elif alias is not None and name not in context.dims.elements and _circle(context, name):
            yield issue("dimension-unknown", f"dimensions.{name}.alias",
                        f"the aliases go round in a circle from {name!r}", "list elements in one")  # fmt: skip
    for name, variable in context.spec.variables.items():
        path = f"variables.{name}.dims"
        for dim in dict.fromkeys(variable.dims):
            if dim not in known | context.lost:
                yield _no_dimension(context, path, dim)
            if variable.dims.count(dim) > 1:
                yield issue("dimension-clash", path, f"{name!r} has dimension {dim!r} twice",
                            f"make an alias: `{dim}_2: {{alias: {dim}}}`")  # fmt: skip


def _circle(context: Context, name: str) -> bool:
    seen, dimensions = set(), context.spec.dimensions
    while name in dimensions and name not in seen:
        seen.add(name)
        name = dimensions[name].alias or ""
    return name in seen


def _no_dimension(context: Context, path: str, name: str) -> Issue:
    known = (*context.spec.dimensions, *context.spec.fields)
    hint = spelling_hint(name, known, "add it under dimensions")
    return issue("dimension-unknown", path, f"there is no dimension {name!r}", hint)


def element_issues(context: Context) -> Iterator[Issue]:
    """Equations for each element that name wrong elements, leave some out or give some twice."""
    for name, variable in context.spec.variables.items():
        texts = variable.initial if isinstance(variable, Stock) else None
        if isinstance(variable, Flow | Auxiliary):
            texts = variable.equation
        if texts is None or isinstance(texts, str):
            continue
        key = "initial" if isinstance(variable, Stock) else "equation"
        yield from _per_element(context, f"variables.{name}.{key}", variable.dims, texts)


def _per_element(
    context: Context, path: str, dims: tuple[str, ...], texts: dict[str, str]
) -> Iterator[Issue]:
    if not dims:
        yield issue("dimension-clash", path, "an equation for each element, of a variable without "
                    "dims", "state dims, or write one equation")  # fmt: skip
    if not dims or any(d not in context.dims.elements for d in dims):
        return
    wanted = set(itertools.product(*(context.dims.elements[d] for d in dims)))
    keys = Counter(tuple(part.strip() for part in key.split(",")) for key in texts)
    for key, times in keys.items():
        shown = ",".join(key)
        if key not in wanted:
            all_of = [",".join(w) for w in sorted(wanted)]
            yield issue("element-unknown", path, f"there is no element {shown!r} of {', '.join(dims)}",
                        spelling_hint(shown, all_of, "name elements of the dimensions, in order"))  # fmt: skip
        elif times > 1:
            yield issue("element-twice", path, f"{times} equations for {shown!r}", "delete one")
    missing = sorted(wanted - set(keys))
    if missing:
        listed = ", ".join(",".join(key) for key in missing[:5])
        yield issue("element-missing", path, f"no equation for {listed}"
                    + (f" and {len(missing) - 5} more" if len(missing) > 5 else ""),
                    "write one for each element")  # fmt: skip


def flow_issues(context: Context) -> Iterator[Issue]:
    """Inflows and outflows that are unknown, no rates, or on both sides."""
    for name, stock in context.spec.variables.items():
        if not isinstance(stock, Stock):
            continue
        both = sorted(set(stock.inflows) & set(stock.outflows))
        for flow in both:
            yield issue("stock-flow", f"variables.{name}", f"{flow!r} is an inflow and an outflow",
                        "keep it on one side")  # fmt: skip
        if not stock.inflows and not stock.outflows:
            yield issue("unreachable", f"variables.{name}",
                        f"the stock {name!r} has no flows and never changes",
                        "give it flows, or make it a parameter")  # fmt: skip
        for side, flows in (("inflows", stock.inflows), ("outflows", stock.outflows)):
            for flow, times in Counter(flows).items():
                path = f"variables.{name}.{side}"
                if times > 1:
                    yield issue("stock-flow", path, f"{flow!r} stands {times} times", "keep one")
                yield from _flow(context, path, name, flow)


def _flow(context: Context, path: str, stock: str, text: str) -> Iterator[Issue]:
    spec, lost = context.spec, context.lost
    name = text if text in spec.variables else read_name(text).name
    variable = spec.variables.get(name)
    if variable is None:
        if name not in lost:
            flows = [n for n, v in spec.variables.items() if v.kind in ("flow", "auxiliary")]
            yield issue("stock-flow", path, f"there is no flow {name!r}",
                        spelling_hint(name, flows, "define it as a flow"))  # fmt: skip
        return
    if variable.kind != "flow":
        severity = "error" if variable.kind in ("stock", "lookup") else "warning"
        yield issue("stock-flow", path, f"{name!r} is a {variable.kind}; wanted a flow",
                    f"make it, or name, a flow: a rate per {spec.time.unit}", severity)  # fmt: skip
    found: list[Issue] = []
    subscripts = () if text == name else read_name(text).subscripts
    left = context.dims.subscripted(name, variable.dims, subscripts,
                                    lambda c, m, h: found.append(issue(c, path, m, h)))  # fmt: skip
    yield from found
    extra = sorted((left or frozenset()) - set(spec.variables[stock].dims))
    if extra:
        yield issue("dimension-clash", path,
                    f"the flow {name!r} has dimension {extra[0]!r}, which {stock!r} has not",
                    "pick an element, or sum it in a flow of its own")  # fmt: skip


def loop_issues(context: Context) -> Iterator[Issue]:
    """Values that depend on themselves at one moment, each loop with all its names."""
    running = cycles(instant_graph(context.spec, context.formulas))
    looped = {name for loop in running for name in loop}
    for loop in running:
        yield issue("algebraic-loop", f"variables.{loop[0]}",
                    f"the values depend on themselves: {' -> '.join(loop)}",
                    "put a stock or a delay into the loop")  # fmt: skip
    for loop in cycles(initial_graph(context.spec, context.formulas)):
        if not looped & set(loop):
            yield issue("initial-loop", f"variables.{loop[0]}",
                        f"the initial values depend on themselves: {' -> '.join(loop)}",
                        "give one of them a number, or an initial value of its delay")  # fmt: skip


def unused_issues(context: Context) -> Iterator[Issue]:
    """Variables that could be deleted without anybody noticing."""
    spec = context.spec
    read = set(_read_names(context))
    read |= {read_name(text).name for actor in spec.actors for text in actor.parameters}
    read |= {read_name(lever.target).name for lever in spec.levers.values()}
    read |= {read_name(end).name for c in spec.connections for end in (c.source, c.target)}
    for name, variable in spec.variables.items():
        if isinstance(variable, Parameter):
            read |= set(variable.constituents)
        if isinstance(variable, Stock) or variable.observed is not None:
            read.add(name)
    for name, variable in spec.variables.items():
        if name not in read and not context.mentioned(name):
            yield issue("unused-variable", f"variables.{name}",
                        f"nothing reads the {variable.kind} {name!r}",
                        "use it, observe it, or delete it")  # fmt: skip


def _read_names(context: Context) -> Iterator[str]:
    for formula in context.formulas:
        if formula.expression is None:
            continue
        for node in walk(formula.expression):
            name = node.name if isinstance(node, Reference) else None
            name = node.function if isinstance(node, Call) else name
            if name is not None and name != formula.owner:
                yield name


def series_issues(context: Context) -> Iterator[Issue]:
    """Catalogue ids that do not exist, where the catalogue is known."""
    catalogue = context.catalogue
    for name, variable in context.spec.variables.items() if catalogue is not None else ():
        wanted = {"observed": variable.observed}
        if isinstance(variable, Series):
            wanted["data"] = variable.data
        for key, series in wanted.items():
            if series is not None and series not in (catalogue or ()):
                yield issue("unknown-series", f"variables.{name}.{key}",
                            f"the catalogue has no series {series!r}",
                            spelling_hint(series, catalogue or (), "see `wmjax data list`"))  # fmt: skip
