"""What a kernel keeps of a run: its rows, or what is said of them."""

from __future__ import annotations

from dataclasses import dataclass

from wmjax.native._parts import Parts
from wmjax.native._values import Value
from wmjax.native._writer import Writer


_BEFORE = {"at_min": "min", "at_max": "max"}
_NEUTRAL = {"mean": "0.0", "integral": "0.0", "min": "INFINITY", "max": "-INFINITY",
            "at_min": "0.0", "at_max": "0.0"}  # fmt: skip


@dataclass(frozen=True)
class Kept:
    """Lines of C.

    - `rows`: the number of values kept of each number.
    - `first`: the step of the first row that is looked at.
    - `declared`, `add`, `final`: before the steps, at each row, and after the last.
    """

    rows: str
    first: str
    declared: list[str]
    add: list[str]
    final: list[str]


def kept(parts: Parts, writer: Writer) -> Kept:
    keep, lane = parts.job.keep, parts.job.varied is not None
    numbers = [
        (name, element, value)
        for name, (_, values) in enumerate(parts.saved.items())
        for element, value in enumerate(values)
    ]
    sizes = [len(v) for v in parts.saved.values()]
    store = _Store(sizes, writer, lane)
    if keep is None:
        add = [line for n, e, v in numbers for line in store(n, e, "line", writer.operand(v, lane))]
        return Kept("(steps + stride - 1) / stride + 1", "0", [], add, [])
    carried = {w for w in keep if w != "final"}
    carried = sorted(carried | {_BEFORE[w] for w in carried if w in _BEFORE})
    fold = _Fold(writer, lane)
    declared = ["const double share = 1.0 / (double)((steps + stride - 1) / stride + 1);"]
    add = ["const long later = (next + stride < steps ? next + stride : steps) - next;",
           "const double weight = ((double)earlier * dt + (double)later * dt) / 2;",
           "earlier = later;"]  # fmt: skip
    declared.append("long earlier = 0;")
    final: list[str] = []
    for n, e, v in numbers:
        declared += [fold.declared(w, n, e) for w in carried]
        add += [fold.added(w, n, e, v) for w in reversed(carried) if w in _BEFORE]
        add += [fold.added(w, n, e, v) for w in carried if w not in _BEFORE]
        declared.append(f"{fold.kind} final_{n}_{e} = {'{}' if lane else '0'};")
        add.append(f"final_{n}_{e} = {writer.operand(v, lane)};")
        for i, w in enumerate(keep):
            final += store(n, e, str(i), f"{w}_{n}_{e}")
    if not carried:
        return Kept(str(len(keep)), "steps", [d for d in declared if "final_" in d],
                    [a for a in add if "final_" in a], final)  # fmt: skip
    return Kept(str(len(keep)), "0", declared, add, final)


@dataclass(frozen=True)
class _Store:
    sizes: list[int]
    writer: Writer
    lane: bool

    def __call__(self, name: int, element: int, row: str, text: str) -> list[str]:
        size = self.sizes[name]
        place = f"{row} * {size} + {element}" if size > 1 else row
        if self.lane:
            return [f"vstore(out{name} + {place}, to{size}, live, {text});",
                    f"off += {text} * 0.0;"]  # fmt: skip
        return [f"out{name}[{place}] = {text};", f"off += {text} * 0.0;"]


@dataclass(frozen=True)
class _Fold:
    """The numbers carried from row to row."""

    writer: Writer
    lane: bool

    @property
    def kind(self) -> str:
        return "V" if self.lane else "double"

    def declared(self, what: str, name: int, element: int) -> str:
        value = _NEUTRAL[what]
        return f"{self.kind} {what}_{name}_{element} = {f'all({value})' if self.lane else value};"

    def added(self, what: str, name: int, element: int, value: Value) -> str:
        """One more row; the times of extremes before the extremes themselves."""
        x, v = self.writer.operand(value, self.lane), "v" if self.lane else ""
        old = f"{what}_{name}_{element}"
        if what in ("mean", "integral"):
            return f"{old} += {'share' if what == 'mean' else 'weight'} * {x};"
        if what in ("min", "max"):
            return f"{old} = {v}{'least' if what == 'min' else 'most'}({old}, {x});"
        so_far = f"{_BEFORE[what]}_{name}_{element}"
        better = "<" if what == "at_min" else ">"
        if not self.lane:
            return f"{old} = {x} {better} {so_far} ? now : {old};"
        test = f"v{'lt' if better == '<' else 'gt'}({x}, {so_far})"
        return f"{old} = vchoose({test}, all(now), {old});"
