"""What a kernel keeps of a run: its rows, or what is said of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from wmjax.native._parts import Parts
from wmjax.native._values import Value
from wmjax.native._writer import Writer, indented


_BEFORE = {"at_min": "min", "at_max": "max"}
_NEUTRAL = {"mean": "0.0", "integral": "0.0", "min": "INFINITY", "max": "-INFINITY",
            "at_min": "0.0", "at_max": "0.0"}  # fmt: skip
_TOGETHER = 4  # numbers looked at in one sum: each sum waits for the one before it
_SHARES = [
    "const double share = 1.0 / (double)((steps + stride - 1) / stride + 1);",
    "long earlier = 0;",
]
_WEIGHT = [
    "const long later = (next + stride < steps ? next + stride : steps) - next;",
    "const double weight = ((double)earlier * dt + (double)later * dt) / 2;",
    "earlier = later;",
]


@dataclass(frozen=True)
class Kept:
    """Lines of C.

    - `rows`: the number of values kept of each number.
    - `declared`, `add`, `final`: before the steps, at each row, and after the last.
    """

    rows: str
    declared: list[str]
    add: list[str]
    final: list[str]


def kept(parts: Parts, writer: Writer) -> Kept:
    """`off` becomes NaN where a saved number is not finite at a row, whatever is kept of it."""
    keep, lane = parts.job.keep, parts.job.varied is not None
    numbers = [
        (name, element, value)
        for name, (_, values) in enumerate(parts.saved.items())
        for element, value in enumerate(values)
    ]
    still, moving = (
        _looked_at([writer.operand(v, lane) for _, _, v in numbers if v.moves == moves])
        for moves in (False, True)
    )
    store = _Store([len(v) for v in parts.saved.values()], lane)
    if keep is None:
        stored = [store(n, e, "line", writer.operand(v, lane)) for n, e, v in numbers]
        return Kept("(steps + stride - 1) / stride + 1", still, [*stored, *moving], [])
    carried = {w for w in keep if w != "final"}
    carried = sorted(carried | {_BEFORE[w] for w in carried if w in _BEFORE})
    fold = _Fold(writer, lane)
    declared, add = [*still, *(_SHARES if carried else ())], [*(_WEIGHT if carried else ())]
    last: list[str] = []
    final: list[str] = []
    for n, e, v in numbers:
        declared += [fold.declared(w, n, e) for w in carried]
        add += [fold.added(w, n, e, v) for w in reversed(carried) if w in _BEFORE]
        add += [fold.added(w, n, e, v) for w in carried if w not in _BEFORE]
        for i, w in enumerate(keep):
            if w == "final":
                last.append(store(n, e, str(i), writer.operand(v, lane)))
            else:
                final.append(store(n, e, str(i), f"{w}_{n}_{e}"))
    final += _looked_at([f"{w}_{n}_{e}" for n, e, _ in numbers for w in keep if w != "final"])
    ends = ["if (step == steps) {", *indented(last), "}"] if last else []
    return Kept(str(len(keep)), declared, [*add, *moving, *ends], final)


def _looked_at(texts: Sequence[str]) -> list[str]:
    """Adds nothing to `off` unless one of some numbers is not finite."""
    parts = [texts[i : i + _TOGETHER] for i in range(0, len(texts), _TOGETHER)]
    return [f"off += {' + '.join(f'{x} * 0.0' for x in some)};" for some in parts]


@dataclass(frozen=True)
class _Store:
    sizes: list[int]
    lane: bool

    def __call__(self, name: int, element: int, row: str, text: str) -> str:
        size = self.sizes[name]
        place = f"{row} * {size} + {element}" if size > 1 else row
        if self.lane:
            return f"vstore(out{name} + {place}, to{size}, live, {text});"
        return f"out{name}[{place}] = {text};"


@dataclass(frozen=True)
class _Fold:
    """The numbers carried from row to row."""

    writer: Writer
    lane: bool

    def declared(self, what: str, name: int, element: int) -> str:
        kind, value = "V" if self.lane else "double", _NEUTRAL[what]
        return f"{kind} {what}_{name}_{element} = {f'all({value})' if self.lane else value};"

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
