"""What moves what: the influence graph on a circle, and the same in words."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import NDArray

from wmjax.report._blocks import Cell, Key, Legend, Part, Picture, Section, Table
from wmjax.report._content import Link
from wmjax.report._links import Graph, shown_graph
from wmjax.report._scene import Area, Dots, Item, Label, Scene, Stroke, Tone
from wmjax.report._words import readable, shortened
from wmjax.spec import ModelSpec


_RING = 290.0
_LETTER = 6.6  # pixels of an average character of a label
_LONGEST = 26
_CAPTIONS = {"other": "No group"}
_SIGNS: dict[str, tuple[Tone, tuple[float, ...], str]] = {
    "+": ("c0", (), "moves it the same way (+)"),
    "-": ("c1", (5, 3), "moves it the other way (−)"),
    "": ("c7", (1.5, 2), "either way, or unknown"),
}


def graph_section(spec: ModelSpec, links: tuple[Link, ...]) -> Section:
    graph = shown_graph(spec, links)
    if not graph.links:
        return Section("What moves what", ("The model has no links between variables to draw.",))
    about = (
        f"{len(graph.nodes)} variables and {len(graph.links)} links, from cause to effect: a rise "
        "at the start of a full line raises what it reaches, that of a dashed line lowers it. "
        "Strong lines are stated by a connection of the model. Thin ones stand in its equations, "
        "with a sign where it follows from them."
    )
    if graph.hidden:
        about += f" {len(graph.hidden)} variables in between are left out; links run through them."
    keys = [Key(text, tone, dash=dash) for tone, dash, text in _SIGNS.values()]
    legend = Legend((*keys, Key("stock", "ink", "dot"), Key("other variable", "ink", "ring")))
    side = 2 * _middle(graph)
    scene = Scene(side, side, _items(graph), _said(graph))
    picture = Picture("influence", "Influence graph", scene, least=720)
    return Section("What moves what", (about, legend, picture, Part("The links in words",
                   (_table(graph),), "folded")))  # fmt: skip


def _said(graph: Graph) -> str:
    groups = "; ".join(f"{group}: {len(names)}" for group, names in graph.groups.items())
    return (
        f"Influence graph of {len(graph.nodes)} variables in {len(graph.groups)} groups ({groups}) "
        f"with {len(graph.links)} links, listed in the table below."
    )


def _table(graph: Graph) -> Table:
    rows = []
    for name in graph.nodes:
        into = [link for link in graph.links if link.target == name]
        causes = [f"{_sign(link.sign)} {readable(link.source)}" for link in into]
        reasons = [link.reasoning for link in into if link.reasoning]
        if causes:
            rows.append([readable(name), Cell(", ".join(causes), "; ".join(reasons))])
    return Table.of("Variables and what moves them directly", ("Variable", "Moved by"), rows)


def _sign(sign: str) -> str:
    return {"+": "+", "-": "−"}.get(sign, "±")


def _items(graph: Graph) -> tuple[Item, ...]:
    angles, captions = _placed(graph)
    circle = _Circle(_middle(graph))
    edges = [item for link in graph.links for item in _edge(link, angles, circle)]
    names = [
        item for name in graph.nodes
        for item in _node(name, graph.kinds[name], angles[name], circle)
    ]  # fmt: skip
    heads = [
        circle.outward(_CAPTIONS.get(group, group.capitalize()), angle, "muted", 12.5, bold=True)
        for group, angle in captions.items()
    ]
    return (*edges, *names, *heads)


def _middle(graph: Graph) -> float:
    longest = max(min(_LONGEST, len(readable(name))) for name in graph.nodes)
    return _RING + 24 + _LETTER * max(longest, 12)


def _placed(graph: Graph) -> tuple[dict[str, float], dict[str, float]]:
    """Angles of the nodes and of the group captions. Within a group, nodes move towards their
    neighbours for a few rounds, which shortens the links."""
    order = {group: list(names) for group, names in graph.groups.items()}
    near: dict[str, list[str]] = {name: [] for name in graph.nodes}
    for link in graph.links:
        near[link.source].append(link.target)
        near[link.target].append(link.source)
    angles, captions = _slots(order)
    best, least = order, _length(graph, angles)
    for _ in range(12):
        order = {g: sorted(ns, key=lambda n: _pull(n, near, angles)) for g, ns in order.items()}
        angles, captions = _slots(order)
        if (found := _length(graph, angles)) < least:
            best, least = order, found
    return _slots(best)


def _slots(order: dict[str, list[str]]) -> tuple[dict[str, float], dict[str, float]]:
    count = sum(len(names) + 1.8 for names in order.values())
    step, slot = 2 * math.pi / count, 0.0
    angles, captions = {}, {}
    for group, names in order.items():
        captions[group] = slot * step
        angles |= {name: (slot + 1.1 + i) * step for i, name in enumerate(names)}
        slot += len(names) + 1.8
    return angles, captions


def _pull(name: str, near: dict[str, list[str]], angles: dict[str, float]) -> float:
    """How far clockwise the mean direction of the neighbours lies."""
    if not near[name]:
        return angles[name]
    mean = sum(np.exp(1j * angles[other]) for other in near[name])
    turn = float(np.angle(mean * np.exp(-1j * angles[name])))
    return angles[name] + 0.5 * turn


def _length(graph: Graph, angles: dict[str, float]) -> float:
    return sum(
        abs(math.sin((angles[e.source] - angles[e.target]) / 2)) for e in graph.links
    )  # fmt: skip


@final
@dataclass(frozen=True)
class _Circle:
    """Places around (middle, middle); angles run clockwise from the top."""

    middle: float

    def point(self, angle: float, radius: float) -> NDArray[np.float64]:
        x, y = math.sin(angle), -math.cos(angle)
        return np.array([self.middle + radius * x, self.middle + radius * y])

    def outward(self, text: str, angle: float, tone: Tone, size: float, *, bold: bool) -> Label:
        """Text along the ray, never upside down."""
        degrees = math.degrees(angle) - 90
        left = math.sin(angle) < 0
        x, y = self.point(angle + (-1 if left else 1) * 0.012, _RING + 11)
        turn = degrees + 180 if left else degrees
        return Label(x, y, text, tone, size, "end" if left else "start", turn, bold)


def _node(name: str, kind: str, angle: float, circle: _Circle) -> list[Item]:
    stock = kind == "stock"
    dot = Dots(circle.point(angle, _RING)[None], "ink", 4.0 if stock else 3.2, hollow=not stock)
    text = shortened(readable(name), _LONGEST)
    return [dot, circle.outward(text, angle, "ink", 12.0, bold=stock)]


def _edge(link: Link, angles: dict[str, float], circle: _Circle) -> list[Item]:
    """A curve that bends towards the centre, with an arrow head at the effect."""
    tone, dash, _ = _SIGNS[link.sign]
    first, last = angles[link.source], angles[link.target]
    apart = abs(math.sin((first - last) / 2))
    depth = _RING * (1 - 0.85 * apart**0.6) * 0.9
    start, end = circle.point(first, _RING - 5), circle.point(last, _RING - 6)
    controls = (circle.point(first, depth), circle.point(last, depth))
    curve = np.array([start, *controls, end])
    hint = f"{readable(link.source)} → {readable(link.target)} ({_sign(link.sign)})"
    opacity = 0.9 if link.stated else 0.45
    line = Stroke(curve, tone, 1.7 if link.stated else 1.1, dash, opacity, cubic=True, hint=hint)
    return [line, Area(_head(controls[1], end), tone, opacity)]


def _head(before: NDArray[np.float64], end: NDArray[np.float64]) -> NDArray[np.float64]:
    along = (end - before) / max(float(np.hypot(*(end - before))), 1e-9)
    across = np.array([-along[1], along[0]])
    back = end - 7.5 * along
    return np.array([end + along, back + 3.2 * across, back - 3.2 * across])
