"""Functions with memory as hidden stocks.

Equations of smooths and delays of order n after Vensim's reference manual and Sterman, Business
Dynamics (2000), chapter 11:

- smooth: s_k' = (s_(k-1) - s_k) n / T with s_0 the input; every stage starts at `initial`.
- material delay: L_k' = out_(k-1) - L_k n / T with out_k = L_k n / T; L_k starts at initial T / n.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from wmjax.program._node import Node
from wmjax.program._program import Slot
from wmjax.program._scope import HiddenStock, refuse


if TYPE_CHECKING:
    from wmjax.program._translate import Translator

_ORDERS = {"smooth": 1, "smooth3": 3, "delay1": 1, "delay3": 3}
_HIGHEST = 1000


def expand(t: Translator, function: str, args: tuple[Node, ...]) -> Node:
    """The value of a call to a function with memory; its stocks are added to the scope."""
    if function == "initial":
        zero = t.scope.nodes.const(0.0)
        return _stock(t, "initial", args[0].dims, initial=args[0], rate=lambda s: zero)
    x, time = args[0], args[1]
    start = args[2] if len(args) > 2 else x
    order = _ORDERS[function] if function in _ORDERS else _order(t, function, *args[3:])
    cascade = _smooth if function.startswith("smooth") else _delay
    return cascade(t, function, x, time, start, order)


def _order(t: Translator, function: str, node: Node) -> int:
    value = node.data if node.op == "const" else None
    if not isinstance(value, float) or value != int(value) or not 1 <= value <= _HIGHEST:
        raise refuse(
            "delay-order", f"variables.{t.owner}",
            f"the order of {function} must be a whole number from 1 to {_HIGHEST}",
        )  # fmt: skip
    return int(value)


def _smooth(t: Translator, function: str, x: Node, time: Node, start: Node, order: int) -> Node:
    dims = t.pointwise("+", x, t.pointwise("+", time, start)).dims
    rate = t.pointwise("/", t.scope.nodes.const(order), time)
    stage = x
    for _ in range(order):
        before = stage
        stage = _stock(
            t, function, dims, initial=start,
            rate=lambda s, b=before: t.pointwise("*", t.pointwise("-", b, s), rate),
        )  # fmt: skip
    return stage


def _delay(t: Translator, function: str, x: Node, time: Node, start: Node, order: int) -> Node:
    dims = t.pointwise("+", x, t.pointwise("+", time, start)).dims
    n = t.scope.nodes.const(order)
    content = t.pointwise("/", t.pointwise("*", start, time), n)
    out = x
    for _ in range(order):
        level = _stock(
            t, function, dims, initial=content,
            rate=lambda s, b=out: t.pointwise("-", b, _outflow(t, s, n, time)),
        )  # fmt: skip
        out = _outflow(t, level, n, time)
    return out


def _outflow(t: Translator, level: Node, n: Node, time: Node) -> Node:
    return t.pointwise("/", t.pointwise("*", level, n), time)


def _stock(
    t: Translator,
    function: str,
    dims: tuple[str, ...],
    *,
    initial: Node,
    rate: Callable[[Node], Node],
) -> Node:
    """Adds a hidden stock; `rate` makes its rate of change from its own value."""
    if any(d.endswith("!") for d in dims):
        raise refuse(
            "dimension-clash", f"variables.{t.owner}",
            f"{function}() inside a sum over a dimension", "give it a variable of its own",
        )  # fmt: skip
    name = t.scope.hidden_name(t.owner, function)
    node = t.scope.nodes.ref(name, dims)
    slot = Slot(name, "stock", dims, hidden=True)
    t.scope.hidden.append(HiddenStock(slot, initial, rate(node)))
    return node
