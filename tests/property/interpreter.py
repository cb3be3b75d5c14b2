"""The language of specs once more, number by number: plain Python, no arrays, no JAX.

Written from docs/language.md and docs/spec.md, to be compared with the engine. Every variable is a
mapping from tuples of elements to floats; an equation is evaluated once for every element, in an
environment that says at which element each dimension stands.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from typing import Any

from tests.property.functions import DOUBTS, Doubt, interpolated, pointwise, series_value
from wmjax.spec import Call, Choice, Number, Operation, Reference, parse_expression
from wmjax.spec._expression import children, walk


Env = dict[str, str]
State = dict[Any, float]
Rows = dict[tuple[str, tuple[str, ...]], list[float]]
_MEMORY = {"initial": 0, "smooth": 1, "smooth3": 3, "smooth_n": -1, "delay1": 1, "delay3": 3,
           "delay_n": -1}  # fmt: skip
_REDUCTIONS = ("sum", "mean", "prod", "min", "max")


class Interpreter:
    """Runs one spec, given as plain data."""

    def __init__(self, data: dict[str, Any]) -> None:
        self.data, self.variables = data, data["variables"]
        self.axis = data["time"]
        self.elements = {n: self._elements(n) for n in data.get("dimensions", {})}
        self.sites = list(self._sites())
        self.time = self.switch = 0.0
        self.state: State | None = None
        self.memo: dict[Any, float] = {}

    def _elements(self, name: str) -> list[str]:
        found = self.data["dimensions"][name]
        return self._elements(found["alias"]) if isinstance(found, dict) else found

    def run(self, method: str) -> tuple[list[float], Rows]:
        start, dt = self.axis["start"], self.axis["step"]
        steps = round((self.axis["end"] - start) / dt)
        state = self._at(start, start + dt / 2, None, self._initial)
        times, rows = [], {}
        for n in range(steps + 1):
            time = start + n * dt
            for key, value in self._at(time, time + dt / 2, state, self._everything).items():
                rows.setdefault(key, []).append(value)
            times.append(time)
            if n < steps:
                state = self._step(method, time, dt, state)
        return times, rows

    def _step(self, method: str, time: float, dt: float, state: State) -> State:
        def rates(fraction: float, of: State) -> State:
            return self._at(time + fraction * dt, time + dt / 2, of, self._rates)

        def moved(by: float, *parts: tuple[float, State]) -> State:
            return {k: v + by * sum(w * r.get(k, 0.0) for w, r in parts) for k, v in state.items()}

        one = rates(0, state)
        if method == "euler":
            return moved(dt, (1, one))
        if method == "rk2":
            return moved(dt / 2, (1, one), (1, rates(1, moved(dt, (1, one)))))
        two = rates(0.5, moved(dt / 2, (1, one)))
        three = rates(0.5, moved(dt / 2, (1, two)))
        four = rates(1, moved(dt, (1, three)))
        return moved(dt / 6, (1, one), (2, two), (2, three), (1, four))

    def _at(self, time: float, switch: float, state: State | None, what: Any) -> State:
        self.time, self.switch, self.state, self.memo = time, switch, state, {}
        return what()

    def _everything(self) -> State:
        return {
            (n, at): self.value(n, at)
            for n, v in self.variables.items() if v["kind"] != "lookup"
            for at in self.places(v.get("dims", ()))
        }  # fmt: skip

    def places(self, dims: Any) -> Iterator[tuple[str, ...]]:
        return itertools.product(*(self.elements[d] for d in dims))

    def _initial(self) -> State:
        state: State = {
            ("stock", n, at): self.value(n, at)
            for n, v in self.variables.items() if v["kind"] == "stock"
            for at in self.places(v.get("dims", ()))
        }  # fmt: skip
        for site, call, env in self.sites:
            start = self._start(call, env)
            order = self._order(call)
            if call.function.startswith("delay"):
                start *= self.of(call.arguments[1], env) / order
            state |= {("site", site, k): start for k in range(max(order, 1))}
        return state

    def _rates(self) -> State:
        found: State = {}
        for n, v in self.variables.items():
            if v["kind"] == "stock":
                for at in self.places(v.get("dims", ())):
                    env = dict(zip(v.get("dims", ()), at, strict=True))
                    found["stock", n, at] = self._flows(v, "inflows", env) - self._flows(
                        v, "outflows", env
                    )
        for site, call, env in self.sites:
            found |= self._cascade(site, call, env)
        return found

    def _flows(self, stock: dict[str, Any], side: str, env: Env) -> float:
        return math.fsum(self.of(parse_expression(f), env) for f in stock.get(side, ()))

    def _cascade(self, site: Any, call: Call, env: Env) -> State:
        order = self._order(call)
        if order == 0:
            return {}
        assert self.state is not None
        before, time = (self.of(a, env) for a in call.arguments[:2])
        found: State = {}
        for k in range(order):
            level = self.state["site", site, k]
            if call.function.startswith("smooth"):
                found["site", site, k] = (before - level) * order / time
                before = level
            else:
                found["site", site, k] = before - level * order / time
                before = level * order / time
        return found

    def _order(self, call: Call) -> int:
        order = _MEMORY[call.function]
        return int(self.of(call.arguments[3], {})) if order < 0 else order

    def _start(self, call: Call, env: Env) -> float:
        given = len(call.arguments) > 2
        return self.of(call.arguments[2 if given else 0], env)

    def _sites(self) -> Iterator[tuple[Any, Call, Env]]:
        """Every call of a function with memory, for every element at which it has a value."""
        for v in self.variables.values():
            formula = v.get("equation", v.get("initial", "0"))
            for key, text in formula.items() if isinstance(formula, dict) else [("", formula)]:
                bound = dict(zip(v.get("dims", ()), key.split(","), strict=True)) if key else {}
                for call in walk(parse_expression(str(text))):
                    if isinstance(call, Call) and call.function in _MEMORY:
                        free = sorted(self.free(call) - set(bound))
                        for at in self.places(free):
                            env = {**bound, **dict(zip(free, at, strict=True))}
                            yield self._site(call, env), call, env

    def _site(self, call: Call, env: Env) -> Any:
        return call, tuple(sorted((d, env[d]) for d in self.free(call)))

    def free(self, e: Any) -> set[str]:
        """The dimensions at whose elements an expression has to be read."""
        if isinstance(e, Reference):
            if e.name in self.variables:
                given = [s.name + "!" * s.reduced for s in e.subscripts]
                given = given or list(self.variables[e.name].get("dims", ()))
                return {d for d in given if d.rstrip("!") in self.elements}
            return {e.name} if e.name in self.elements else set()
        found = set().union(*map(self.free, children(e)), set())
        if isinstance(e, Call) and self._reduces(e):
            marked = {d for d in found if d.endswith("!")}
            return found - marked if marked else set()
        return found

    def _reduces(self, e: Call) -> bool:
        return e.function in _REDUCTIONS and len(e.arguments) == 1

    def value(self, name: str, at: tuple[str, ...]) -> float:
        if (name, at) not in self.memo:
            self.memo[name, at] = self._value(name, at)
        return self.memo[name, at]

    def _value(self, name: str, at: tuple[str, ...]) -> float:
        v = self.variables[name]
        env = dict(zip(v.get("dims", ()), at, strict=True))
        if v["kind"] == "stock":
            if self.state is not None:
                return self.state["stock", name, at]
            return self._formula(v["initial"], env, at)
        if v["kind"] == "parameter":
            found = v["value"]
            for element in at:
                found = found[element] if isinstance(found, dict) else found
        elif v["kind"] == "series":
            found = series_value(v, self.time, self.axis["step"])
        else:
            found = self._formula(v["equation"], env, at)
        return self._affected(name, at, float(found))

    def _formula(self, formula: Any, env: Env, at: tuple[str, ...]) -> float:
        text = formula[",".join(at)] if isinstance(formula, dict) else formula
        return self.of(parse_expression(str(text)), env)

    def _affected(self, name: str, at: tuple[str, ...], value: float) -> float:
        for event in self.data.get("events", ()):
            end = event["start"] + event.get("duration", math.inf)
            if not event["start"] < self.switch < end:
                continue
            ramp = event.get("ramp", 0.0)
            s = min(max((self.time - event["start"]) / ramp, 0.0), 1.0) if ramp else 1.0
            for effect in event["effects"]:
                target, _, rest = effect["target"].rstrip("]").partition("[")
                if target != name or (rest and tuple(rest.split(",")) != at):
                    continue
                if "multiply" in effect:
                    value *= 1 + s * (effect["multiply"] - 1)
                elif "add" in effect:
                    value += s * effect["add"]
                else:
                    value += s * (effect["set"] - value)
        return value

    def of(self, e: Any, env: Env) -> float:
        """The value of an expression where the dimensions stand as `env` says."""
        if isinstance(e, Number):
            return e.value
        if isinstance(e, Reference):
            return self._reference(e, env)
        if isinstance(e, Choice):
            return self.of(e.then if self.of(e.condition, env) else e.otherwise, env)
        if isinstance(e, Operation):
            return pointwise(e.operator, self._operands(e, env), self)
        return self._call(e, env)

    def _operands(self, e: Operation, env: Env) -> list[float]:
        names = [getattr(o, "name", "") for o in e.operands]
        found = []
        for o, own, other in zip(e.operands, names, reversed(names), strict=True):
            marks = other in self.elements and own in self.elements[other]
            found.append(self.elements[other].index(own) + 1.0 if marks else self.of(o, env))
        return found

    def _reference(self, e: Reference, env: Env) -> float:
        if e.name in self.variables:
            given = [s.name + "!" * s.reduced for s in e.subscripts]
            given = given or list(self.variables[e.name].get("dims", ()))
            return self.value(e.name, tuple(env.get(g, g) for g in given))
        if e.name in self.elements:
            return self.elements[e.name].index(env[e.name]) + 1.0
        named = {"time": self.time, "time_step": self.axis["step"],
                 "initial_time": self.axis["start"], "final_time": self.axis["end"]}  # fmt: skip
        return float(named[e.name])

    def _call(self, e: Call, env: Env) -> float:
        if e.function in self.variables:
            return interpolated(self.variables[e.function], self.of(e.arguments[0], env))
        if e.function == "size":
            return float(len(self.elements[e.arguments[0].name]))  # pyright: ignore
        if e.function in _MEMORY:
            return self._remembered(e, env)
        if self._reduces(e):
            return self._reduced(e, env)
        if e.function == "if_then_else":
            condition, then, otherwise = e.arguments
            return self.of(then if self.of(condition, env) else otherwise, env)
        return pointwise(e.function, [self.of(a, env) for a in e.arguments], self)

    def _remembered(self, e: Call, env: Env) -> float:
        if self.state is None:
            return self._start(e, env)
        order = self._order(e)
        last = self.state["site", self._site(e, env), max(order - 1, 0)]
        if e.function.startswith("delay"):
            return last * order / self.of(e.arguments[1], env)
        return last

    def _reduced(self, e: Call, env: Env) -> float:
        inside = self.free(e.arguments[0])
        marked = sorted(d for d in inside if d.endswith("!")) or sorted(inside)
        places = itertools.product(*(self.elements[d.rstrip("!")] for d in marked))
        terms = [
            self.of(e.arguments[0], {**env, **dict(zip(marked, at, strict=True))}) for at in places
        ]
        if e.function in ("min", "max"):
            return {"min": min, "max": max}[e.function](terms)
        if e.function == "prod":
            return math.prod(terms)
        return math.fsum(terms) / (len(terms) if e.function == "mean" else 1)


def interpret(data: dict[str, Any], method: str) -> tuple[list[float], Rows]:
    """Times, and the values of every variable at every element.

    **Raises:** `Doubt` if a number is not finite, or so near a switch that rounding decides.
    """
    try:
        return Interpreter(data).run(method)
    except DOUBTS as e:
        raise Doubt(str(e)) from None
