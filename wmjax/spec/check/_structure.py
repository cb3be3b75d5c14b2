"""Variables among each other: flows of stocks, loops, and who is never read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from wmjax.spec._expression import Reference
from wmjax.spec._graph import cycles, initial_graph, instant_graph
from wmjax.spec._issue import Issue
from wmjax.spec._names import read_name, spelling_hint
from wmjax.spec._variable import Parameter, Stock
from wmjax.spec.check._codes import issue
from wmjax.spec.check._context import Context


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
    starting = cycles(initial_graph(context.spec, context.formulas))
    if not starting:  # what is read at every moment is read at the start, too
        return
    running = cycles(instant_graph(context.spec, context.formulas))
    looped = {name for loop in running for name in loop}
    for loop in running:
        yield issue("algebraic-loop", f"variables.{loop[0]}",
                    f"the values depend on themselves: {' -> '.join(loop)}",
                    "put a stock or a delay into the loop")  # fmt: skip
    for loop in starting:
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
        for mention in formula.mentions:
            name = mention.name if isinstance(mention, Reference) else mention.function
            if name != formula.owner:
                yield name
