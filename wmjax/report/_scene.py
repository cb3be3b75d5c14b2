"""Pictures as plain values, laid out once and drawn twice: as SVG and as PNG.

Coordinates are in pixels from the top left corner. A `Tone` names a colour; the style sheet gives
it a value for light and dark paper, the PNG writer one for light paper.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias, final

import numpy as np
from numpy.typing import NDArray


Tone = Literal[
    "ink", "muted", "grid", "paper", "fit", "held", "good", "bad",
    "c0", "c1", "c2", "c3", "c4", "c5", "c6", "c7",
]  # fmt: skip
SERIES_TONES: tuple[Tone, ...] = ("c0", "c1", "c2", "c3", "c4", "c5", "c6", "c7")
DASHES: tuple[tuple[float, ...], ...] = ((), (6, 3), (2, 2.5), (8, 3, 2, 3), (4, 2), (1, 2))
Points: TypeAlias = "NDArray[np.float64]"


@final
@dataclass(frozen=True, eq=False)
class Stroke:
    """A line through `points`, shape (n, 2); or, if `cubic`, a chain of cubic Bezier curves."""

    points: Points
    tone: Tone
    width: float = 1.0
    dash: tuple[float, ...] = ()
    opacity: float = 1.0
    cubic: bool = False
    hint: str = ""


@final
@dataclass(frozen=True, eq=False)
class Area:
    """A filled polygon."""

    points: Points
    tone: Tone
    opacity: float = 1.0


@final
@dataclass(frozen=True, eq=False)
class Dots:
    """Round marks of one size; `hollow` ones show the paper inside."""

    points: Points
    tone: Tone
    radius: float = 2.0
    hollow: bool = False


@final
@dataclass(frozen=True)
class Label:
    """Text whose baseline starts, has its middle or ends at (x, y), turned clockwise by `turn`
    degrees."""

    x: float
    y: float
    text: str
    tone: Tone = "ink"
    size: float = 11.0
    anchor: Literal["start", "middle", "end"] = "start"
    turn: float = 0.0
    bold: bool = False


@final
@dataclass(frozen=True)
class Frame:
    """Items moved to (x, y) and clipped to a rectangle of this size."""

    x: float
    y: float
    width: float
    height: float
    items: tuple[Item, ...]


Item: TypeAlias = "Stroke | Area | Dots | Label | Frame"


@final
@dataclass(frozen=True)
class Scene:
    """A picture; `description` says in words what it shows."""

    width: float
    height: float
    items: tuple[Item, ...]
    description: str


def titled(scene: Scene, title: str, subtitle: str) -> Scene:
    """The scene under a heading, for a picture that stands alone."""
    top = 42.0 if subtitle else 26.0
    heading = [Label(8, 19, title, size=13, bold=True)]
    heading += [Label(8, 35, subtitle, "muted", size=10.5)] if subtitle else []
    below = Frame(0, top, scene.width, scene.height, scene.items)
    return Scene(scene.width, scene.height + top, (*heading, below), scene.description)


def polyline(x: NDArray[np.float64], y: NDArray[np.float64]) -> Points:
    return np.column_stack([x, y])


def rectangle(x: float, y: float, width: float, height: float) -> Points:
    right, below = x + width, y + height
    return np.array([(x, y), (right, y), (right, below), (x, below)])
