"""Small valid specs, drawn at random: all kinds of variable, arrays, memory, events."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st


DIMENSIONS: dict[str, Any] = {
    "d": ["p", "q"],
    "e": ["u", "v", "w"],
    "f": {"alias": "d"},
    "g": ["v", "w"],
}
NUMBERS = st.integers(-30, 30).map(lambda k: k / 8 + 0.0137)
POSITIVE = st.integers(1, 30).map(lambda k: k / 8 + 0.0137)
SHAPES = st.sampled_from([(), (), ("d",), ("e",), ("d", "e")])
_UNARY = ("tanh({})", "sin({})", "cos({})", "arctan({})", "abs({})", "exp(-abs({}))", "sign({})",
          "sqrt(1 + abs({}))", "ln(2 + abs({}))", "log(3 + abs({}), 2)", "log10(1 + abs({}))",
          "integer({})", "round({})", "-({})", "not {} > 0", "({}) ^ 2", "arcsin(tanh({}))",
          "hold(0.3 * ({}))", "line(0.3 * ({}))", "jump({})", "cosh(tanh({}))",
          "(1 / ({0}) if {0} > 0.5 else {0})", "(ln({0}) if {0} > 0 else 0.5)")  # fmt: skip
_BINARY = ("({}) + ({})", "({}) - ({})", "tanh({}) * ({})", "({}) / (1 + ({}) ^ 2)",
           "min({}, {})", "max({}, {})", "modulo({}, 1.7 + abs({}))", "zidz({}, 1 + abs({}))",
           "({} > {})", "({} <= {})", "({} > 0 and {} < 1)", "({} > 0 or {} > 2)",
           "xidz({}, ({}) ^ 2, 0.25)", "power(1.5 + tanh({}), tanh({}))",
           "({}) <> ({})")  # fmt: skip
_MEMORY = ("smooth({}, {})", "smooth3({}, {})", "delay1({}, {})", "delay3({}, {})",
           "smooth_n({}, {}, 0.4, 2)", "delay_n({}, {}, 0.4, 2)", "initial({} + {})")  # fmt: skip
_TIMED = ("step(0.7, 1.2)", "pulse(0.4, 0.6)", "pulse_train(0.2, 0.3, 0.9, 2.5)", "ramp(0.3, 0.5)",
          "ramp(0.4, 0.3, 1.1)", "time", "time_step", "final_time - initial_time")  # fmt: skip


class Known:
    """The variables that an equation may read, with their dimensions."""

    def __init__(self) -> None:
        self.dims: dict[str, tuple[str, ...]] = {}

    def within(self, dims: tuple[str, ...]) -> list[str]:
        """Ways to write a value over no other dimensions than these."""
        found = []
        for name, own in self.dims.items():
            if set(own) <= set(dims):
                found.append(name)
            if own == ("d",):
                found += [f"{name}[p]", f"sum({name})", f"mean({name}[d!])", f"prod({name}[f!])"]
            if own == ("e",):
                found += [f"{name}[w]", f"max({name}[e!])", f"min({name}[g!])", f"sum({name}[g!])"]
            if own == ("d", "e") and "d" in dims:
                found += [f"sum({name}[d, e!])", f"{name}[d, u]", f"min({name}[d, g!])"]
            if own == ("d", "e") and "e" in dims:
                found += [f"mean({name}[f!, e])", f"{name}[q, e]", f"({name}[p, e] - {name}[q, e])"]
        for d, element in (("d", "q"), ("e", "v")):
            if d in dims:
                found += [d, f"(1 if {d} = {element} else 0.5)", f"size({d})"]
        return found


@st.composite
def expressions(draw: Any, known: Known, dims: tuple[str, ...], depth: int = 2) -> str:
    """An expression over no other dimensions than `dims`, bounded in growth."""
    if depth == 0:
        names = known.within(dims)
        if names and draw(st.integers(0, 5)):
            return draw(st.sampled_from(names))
        return draw(st.sampled_from(_TIMED) | POSITIVE.map(repr))
    kind = draw(st.integers(0, 9))
    inner = expressions(known, dims, depth - 1)
    if kind < 3:
        return f"({draw(st.sampled_from(_UNARY)).format(draw(inner))})"
    if kind < 7:
        return f"({draw(st.sampled_from(_BINARY)).format(draw(inner), draw(inner))})"
    if kind < 8:
        return f"({draw(inner)} if {draw(inner)} > 0.3 else {draw(inner)})"
    if kind < 9:
        return draw(st.sampled_from(_MEMORY)).format(draw(inner), 0.6 + draw(POSITIVE))
    return draw(inner)


def formulas(known: Known, dims: tuple[str, ...]) -> st.SearchStrategy[Any]:
    """One equation, or for one dimension sometimes one for each element."""
    whole = expressions(known, dims)
    if len(dims) != 1:
        return whole
    each = st.fixed_dictionaries({k: expressions(known, dims, 1) for k in DIMENSIONS[dims[0]]})
    return st.one_of(whole, whole, each)


def _values(dims: tuple[str, ...]) -> st.SearchStrategy[Any]:
    if not dims:
        return NUMBERS
    return st.fixed_dictionaries({k: _values(dims[1:]) for k in DIMENSIONS[dims[0]]})


@st.composite
def _series(draw: Any) -> dict[str, Any]:
    n = draw(st.integers(1, 4))
    times = [draw(st.sampled_from([-0.5, 0.0, 0.3]))]
    for _ in range(n - 1):
        times.append(round(times[-1] + draw(st.sampled_from([0.2, 0.4, 0.75])), 6))
    rule = draw(st.sampled_from(["hold", "mean", "trend"]))
    return {
        "kind": "series", "times": times, "values": [draw(NUMBERS) for _ in times],
        "interpolation": draw(st.sampled_from(["linear", "previous", "next", "nearest"])),
        "beyond": {"rule": rule, "years": draw(st.sampled_from([0.5, 10.0]))},
    }  # fmt: skip


def _lookups() -> dict[str, Any]:
    def table(x: list[float], y: list[float], outside: str) -> dict[str, Any]:
        return {"kind": "lookup", "x": {"points": x}, "y": {"points": y}, "outside": outside}

    wave = [k / 4 for k in range(-12, 13)]
    return {
        "hold": table([-1, 0, 0.5, 2], [0.3, -1, 2, 1e3], "hold"),
        "line": table(wave, [0.1 * (k % 5) - 0.2 * x for k, x in enumerate(wave)], "extrapolate"),
        "jump": table([-1, 0.3, 0.3, 1.2, 1.2], [0.5, 1, 2, -1, 0], "hold"),
    }


@st.composite
def _events(draw: Any, known: Known) -> list[dict[str, Any]]:
    found = []
    for k in range(draw(st.integers(0, 2))):
        name = draw(st.sampled_from(sorted(known.dims)))
        target = f"{name}[q]" if known.dims[name] == ("d",) and draw(st.booleans()) else name
        what = draw(st.sampled_from(["multiply", "add", "set"]))
        event = {"name": f"event {k}", "start": draw(st.sampled_from([-1.0, 0.3, 0.85])),
                 "ramp": draw(st.sampled_from([0.0, 0.5])),
                 "effects": [{"target": target, what: draw(NUMBERS)}]}  # fmt: skip
        if draw(st.booleans()):
            event["duration"] = draw(st.sampled_from([0.3, 0.77]))
        found.append(event)
    return found


@st.composite
def specs(draw: Any) -> dict[str, Any]:
    """A spec as plain data; every model of these can be lowered, not all stay finite."""
    known = Known()
    variables: dict[str, Any] = _lookups()
    targets = Known()

    def add(name: str, dims: tuple[str, ...], **more: Any) -> None:
        variables[name] = {"dims": list(dims), **more} if dims else more
        known.dims[name] = dims
        if more["kind"] in ("parameter", "series", "auxiliary", "flow"):
            targets.dims[name] = dims

    for k in range(draw(st.integers(1, 3))):
        dims = draw(SHAPES)
        add(f"a{k}", dims, kind="parameter", value=draw(_values(dims)))
    if draw(st.booleans()):
        add("x", (), **draw(_series()))
    stocks = {f"s{k}": draw(SHAPES) for k in range(draw(st.integers(0, 2)))}
    initial = {n: draw(formulas(known, dims)) for n, dims in stocks.items()}
    known.dims |= stocks
    for k in range(draw(st.integers(1, 3))):
        dims = draw(SHAPES)
        add(f"y {k}" if k == 2 else f"y{k}", dims, kind="auxiliary",
            equation=draw(formulas(known, dims)))  # fmt: skip
        known.dims.pop("y 2", None)
    for name, dims in stocks.items():
        add(f"in_{name}", dims, kind="flow", equation=draw(formulas(known, dims)))
        lost = f"0.1 * tanh({draw(expressions(known, ()))})"
        add(f"out_{name}", (), kind="flow", equation=lost)
        add(name, dims, kind="stock", initial=initial[name], inflows=[f"in_{name}"],
            outflows=[f"out_{name}"])  # fmt: skip
    step = draw(st.sampled_from([0.1, 0.25, 1 / 3]))
    return {
        "name": "drawn",
        "time": {"start": 0, "end": round(6 * step, 12) if step != 1 / 3 else 2.0, "step": step},
        "dimensions": DIMENSIONS,
        "variables": variables,
        "events": draw(_events(targets)),
    }
