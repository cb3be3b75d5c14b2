"""Large models made up by a rule, to measure how compile time grows with the number of equations.

Values stay finite whatever is drawn: what could grow passes through a bounded function.
"""

from __future__ import annotations

import random
from typing import Any

from wmjax.spec import ModelSpec, load_spec


LAYERS = 12
LOOKUPS = 0.15
_PARAMETERS = 100
_TABLES = 20
_PERIOD = 5  # of an actor's equations one in so many is a stock

_PAIRS = ("{a} + {b}", "{a} - {b}", "{a} * {b}", "{a} / (1 + {b} ^ 2)", "min({a}, {b})",
          "max({a}, {b})", "({a} if {b} > 0.2 else {b})", "zidz({a}, 2 + {b})",
          "modulo({a}, 2 + abs({b}))", "({a} > {b})", "power(1.5 + tanh({a}), tanh({b}))",
          "xidz({a}, {b}, 0.5)", "({a} <= {b} or {a} > 2)")  # fmt: skip
_SINGLE = ("exp(-abs({a}))", "ln(2 + abs({a}))", "sqrt(1 + abs({a}))", "sin({a})", "cos({a})",
           "tanh({a})", "arctan({a})", "abs({a})", "-({a})", "sign({a}) * 0.5", "({a}) ^ 2",
           "log10(2 + abs({a}))", "round({a})", "integer(2 * {a})",
           "(1 / {a} if {a} > 0.5 else {a})", "step(0.3, 3) * {a}", "pulse(2, 3) + {a}",
           "ramp(0.01, 2, 8) + {a}", "not {a} > 0")  # fmt: skip
_TIME = {"start": 0, "end": 10, "step": 0.05, "save_every": 0.05}


def sparse(stocks: int, seed: int = 0) -> ModelSpec:
    """A random sparse graph: stocks and four times as many auxiliaries in 12 layers, all kinds of
    operations, of which 15 % are lookups of 2 to 12 points."""
    draw = random.Random(seed)
    tables = max(10, stocks // 20)
    variables = _parameters(draw) | {f"t{i}": _table(draw) for i in range(tables)}
    before = [f"s{i}" for i in range(stocks)]
    names: list[str] = []
    for layer in range(LAYERS):
        last, count = names, 4 * stocks
        span = range(count * layer // LAYERS, count * (layer + 1) // LAYERS)
        names = [f"x{layer}_{i}" for i in span]
        for name in names:
            a = draw.choice(last or before)  # one of the layer before: this makes the depth
            b = _parameter(draw) if draw.random() < 0.2 else draw.choice(before)
            variables[name] = {"kind": "auxiliary", "equation": _equation(draw, a, b, tables)}
        before = before + names
    for i in range(stocks):
        source = draw.choice(before)
        variables[f"f{i}"] = {"kind": "flow", "equation": f"0.1 * (tanh({source}) - s{i})"}
        variables[f"s{i}"] = {"kind": "stock", "initial": f"p{i % _PARAMETERS}",
                              "inflows": [f"f{i}"]}  # fmt: skip
    return load_spec({"name": f"sparse {stocks}", "time": _TIME, "variables": variables})


def actors(count: int, equations: int, seed: int = 0) -> ModelSpec:
    """Actors with `equations` equations each, no two alike, as a language model would write them:
    long names, a parameter of its own in each, and links to the stocks of other actors."""
    draw = random.Random(seed)
    variables: dict[str, Any] = {f"t{i}": _table(draw) for i in range(_TABLES)}
    for actor in range(count):
        for k in range(equations):
            name, rate = f"actor{actor}_{k}", f"actor{actor}_{k}_rate"
            variables[rate] = {"kind": "parameter", "value": round(draw.uniform(0.2, 0.8), 3)}
            other = draw.randrange(count)
            if k % _PERIOD:
                text = _written(draw, actor, other, k)
                variables[name] = {"kind": "auxiliary", "equation": text}
                continue
            pulled = f"actor{actor}_{min(k + draw.randrange(1, _PERIOD), equations - 1)}"
            stock = f"actor{other}_{_PERIOD * draw.randrange(-(-equations // _PERIOD))}"
            text = f"0.1 * (tanh({pulled} + 0.1 * {stock}) - {name}) * {rate}"
            variables[f"{name}_change"] = {"kind": "flow", "equation": text}
            variables[name] = {"kind": "stock", "initial": rate, "inflows": [f"{name}_change"]}
    name = f"{count} actors of {equations} equations"
    return load_spec({"name": name, "time": _TIME, "variables": variables})


def _written(draw: random.Random, actor: int, other: int, k: int) -> str:
    """An equation of an actor, from one of its last 30, a stock of its own and one of another."""
    earlier = f"actor{actor}_{max(k - 1 - draw.randrange(30), 0)}"
    own, far = (f"actor{a}_{_PERIOD * draw.randrange(k // _PERIOD + 1)}" for a in (actor, other))
    rate = f"actor{actor}_{k}_rate"
    first = _equation(draw, earlier, rate, _TABLES)
    second = _equation(draw, own, far if draw.random() < 0.3 else rate, _TABLES)
    return f"0.5 * ({first}) + {rate} * ({second})" if draw.random() < 0.6 else first


def _equation(draw: random.Random, a: str, b: str, tables: int) -> str:
    if draw.random() < LOOKUPS:
        return f"t{draw.randrange(tables)}({a})"
    text = draw.choice(_PAIRS if draw.random() < 0.7 else _SINGLE).format(a=a, b=b)
    return f"tanh({text})" if "*" in text or "^" in text or "+" in text else text


def _parameters(draw: random.Random) -> dict[str, Any]:
    return {f"p{i}": {"kind": "parameter", "value": draw.uniform(-1, 1)}
            for i in range(_PARAMETERS)}  # fmt: skip


def _parameter(draw: random.Random) -> str:
    return f"p{draw.randrange(_PARAMETERS)}"


def _table(draw: random.Random) -> dict[str, Any]:
    points = draw.randrange(2, 13)
    x = [-1 + 2 * i / (points - 1) for i in range(points)]
    return {"kind": "lookup", "x": {"points": x},
            "y": {"points": [draw.uniform(-1, 1) for _ in x]}}  # fmt: skip
