"""Models that need every part of a kernel, and random ones."""

from __future__ import annotations

import random
from typing import Any


def arrays(**time: Any) -> dict[str, Any]:
    """Dimensions, reductions, elements, series of every kind, tables of every form, guards."""
    series = {
        f"series_{mode}": {
            "kind": "series", "times": [0, 2, 5, 6], "values": [1, 3, 2, 4],
            "interpolation": mode, "beyond": {"rule": "trend", "years": 4},
        }
        for mode in ("linear", "previous", "next", "nearest")
    }  # fmt: skip
    return {
        "name": "arrays",
        "time": {"start": 0, "end": 8, "step": 0.25, **time},
        "dimensions": {"place": ["A", "B", "C"], "age": ["young", "old"]},
        "variables": {
            **series,
            "rate": {"kind": "parameter", "dims": ["place"], "value": [0.1, 0.2, 0.05]},
            "share": {"kind": "parameter", "dims": ["place", "age"],
                      "value": [[0.2, 0.8], [0.5, 0.5], [0.9, 0.1]]},
            "cap": {"kind": "parameter", "value": 40.0},
            "even": {"kind": "lookup", "x": {"points": [0, 1, 2, 3]},
                     "y": {"points": [1, 2, 1.5, 4]}},
            "on": {"kind": "lookup", "outside": "extrapolate", "x": {"points": [0, 1, 2, 3]},
                   "y": {"points": [1, 0.5, 1.5, 1]}},
            "long": {"kind": "lookup", "x": {"points": list(range(20))},
                     "y": {"points": [(7 * i) % 5 for i in range(20)]}},
            "jump": {"kind": "lookup", "x": {"points": [0, 2, 2, 7]},
                     "y": {"points": [1, 2, 3, 1]}},
            "people": {"kind": "stock", "dims": ["place", "age"], "initial": "5 + 10 * share",
                       "inflows": ["births"], "outflows": ["deaths"]},
            "births": {"kind": "flow", "dims": ["place", "age"],
                       "equation": "people * rate * even(time / 2) * series_linear / 4"},
            "deaths": {"kind": "flow", "dims": ["place", "age"],
                       "equation": "people * share / (cap / long(people)) * jump(time)"},
            "total": {"kind": "auxiliary", "dims": ["place"],
                      "equation": "sum(people[place, age!])"},
            "spread": {"kind": "auxiliary", "equation":
                       "max(total[A], total[B]) - min(total[B], total[C]) + mean(total[place!])"},
            "outside": {"kind": "auxiliary", "equation":
                        "series_previous + series_next * series_nearest + on(time - 2)"},
            "guarded": {"kind": "auxiliary", "dims": ["place"], "equation":
                        "ln(total - 10) if total > 10 else sqrt(10 - total)"},
        },
        "events": [
            {"name": "own", "start": 1, "duration": 3, "ramp": 1,
             "effects": [{"target": "births[B, young]", "multiply": 2},
                         {"target": "cap", "set": 30}]},
        ],
    }  # fmt: skip


def generated(seed: int, stocks: int = 4, auxiliaries: int = 14) -> dict[str, Any]:
    """A random model whose values stay moderate; each auxiliary reads what stands before it."""
    rng = random.Random(seed)
    names = [f"s{i}" for i in range(stocks)] + ["p", "q"]
    variables: dict[str, Any] = {
        "p": {"kind": "parameter", "value": rng.uniform(0.5, 2)},
        "q": {"kind": "parameter", "value": rng.uniform(-1, 1)},
        "t": {"kind": "lookup", "outside": rng.choice(["hold", "extrapolate"]),
              "x": {"points": [-2, -1, 0, rng.choice([1, 1.5]), 2]},
              "y": {"points": [rng.uniform(-1, 1) for _ in range(5)]}},
    }  # fmt: skip
    forms = (
        "tanh({a} + {b})", "{a} * tanh({b})", "sin({a} - {b})", "min({a}, {b}) / (1 + abs({c}))",
        "max({a}, {b} * {c}) / (2 + {b} ^ 2)", "({a} if {b} > {c} else -{b})", "t({a})",
        "zidz({a}, {b} * {b} + 1)", "exp(-abs({a})) * {b}", "step({a}, 2) + pulse(1, 1) * {b}",
        "smooth({a}, 2)", "delay3({a}, 3)", "({a} >= {b} and not ({c} > 0)) - 0.5",
        "modulo({a}, 2) + round({b}) / 4", "sqrt(abs({a})) * integer({b} * 2) / 4",
    )  # fmt: skip
    for i in range(auxiliaries):
        a, b, c = (rng.choice(names) for _ in range(3))
        equation = rng.choice(forms).format(a=a, b=b, c=c)
        variables[f"x{i}"] = {"kind": "auxiliary", "equation": equation}
        names.append(f"x{i}")
    for i in range(stocks):
        variables[f"s{i}"] = {"kind": "stock", "initial": rng.uniform(-1, 1), "inflows": [f"f{i}"]}
        moved = " + ".join(rng.sample(names, 3))
        variables[f"f{i}"] = {"kind": "flow", "equation": f"tanh({moved}) - 0.5 * s{i}"}
    method = rng.choice(["euler", "rk2", "rk4"])
    time = {"start": 0, "end": 6, "step": 0.25, "method": method,
            "save_every": rng.choice([0.25, 0.5, 1])}  # fmt: skip
    return {"name": f"generated {seed}", "time": time, "variables": variables}
