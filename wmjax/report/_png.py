"""Scenes as PNG files, by matplotlib without its global state."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import Literal

from matplotlib.artist import Artist
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path as Curve
from matplotlib.text import Text
from matplotlib.transforms import Affine2D, Transform

from wmjax.report._scene import Area, Dots, Frame, Item, Label, Scene, Stroke, Tone


_POINTS_PER_INCH = 72.0
COLOURS: dict[Tone, str] = {
    "ink": "#1c2126", "muted": "#57606a", "grid": "#dfe3e8", "paper": "#ffffff",
    "fit": "#e8f1f8", "held": "#fdf0dc", "good": "#00694d", "bad": "#b34700",
    "c0": "#0072b2", "c1": "#d55e00", "c2": "#009e73", "c3": "#cc79a7",
    "c4": "#b88700", "c5": "#56b4e9", "c6": "#5b4b9a", "c7": "#6b6b6b",
}  # fmt: skip
"""Okabe and Ito (2008), Color universal design, darkened where a thin line would be too pale."""
_SIDES: dict[str, Literal["left", "center", "right"]] = {
    "start": "left", "middle": "center", "end": "right",
}  # fmt: skip


def write_png(scene: Scene, path: Path, *, magnified: float = 2.0) -> Path:
    """Draws the scene with so many pixels to each of its own."""
    figure = Figure(
        figsize=(scene.width / _POINTS_PER_INCH, scene.height / _POINTS_PER_INCH),
        dpi=_POINTS_PER_INCH * magnified,
        facecolor=COLOURS["paper"],
    )
    canvas = FigureCanvasAgg(figure)
    paper = Affine2D().scale(magnified, -magnified).translate(0, magnified * scene.height)
    _Drawing(figure, paper).draw(scene.items)
    with warnings.catch_warnings():
        # A name in a script that the font lacks is drawn as boxes; the HTML shows it.
        warnings.filterwarnings("ignore", message="Glyph", category=UserWarning)
        canvas.print_png(path, pil_kwargs={"compress_level": 4})
    return path


class _Drawing:
    """Draws items in the coordinates of one frame, which `place` turns into those of the canvas."""

    def __init__(self, figure: Figure, place: Transform, clip: Rectangle | None = None) -> None:
        self._figure, self._place, self._clip = figure, place, clip

    def draw(self, items: Iterable[Item]) -> None:
        for item in items:
            match item:
                case Stroke():
                    self._stroke(item)
                case Area():
                    self._area(item)
                case Dots():
                    self._dots(item)
                case Label():
                    self._label(item)
                case Frame():
                    self._frame(item)

    def _frame(self, item: Frame) -> None:
        place = Affine2D().translate(item.x, item.y) + self._place
        clip = Rectangle((0, 0), item.width, item.height, transform=place)
        _Drawing(self._figure, place, clip).draw(item.items)

    def _add(self, artist: Artist) -> None:
        artist.set_transform(self._place)
        self._figure.add_artist(artist)
        if self._clip is not None:
            artist.set_clip_path(self._clip)

    def _area(self, item: Area) -> None:
        colour = COLOURS[item.tone]
        shape = Curve(item.points)
        self._add(PathPatch(shape, facecolor=colour, edgecolor="none", alpha=item.opacity))

    def _stroke(self, item: Stroke) -> None:
        curves = [Curve.MOVETO, *[Curve.CURVE4] * (len(item.points) - 1)]
        dash = (0, tuple(d / item.width for d in item.dash)) if item.dash else "solid"
        self._add(PathPatch(
            Curve(item.points, curves if item.cubic else None), fill=False,
            edgecolor=COLOURS[item.tone], linewidth=item.width, linestyle=dash,
            alpha=item.opacity, capstyle="butt", joinstyle="round",
        ))  # fmt: skip

    def _dots(self, item: Dots) -> None:
        edge = 0.8 if item.hollow else 0.0
        self._add(Line2D(
            item.points[:, 0], item.points[:, 1], linestyle="none", marker="o",
            markersize=2 * item.radius - edge, markeredgewidth=edge, zorder=1,
            markeredgecolor=COLOURS[item.tone],
            markerfacecolor=COLOURS["paper" if item.hollow else item.tone],
        ))  # fmt: skip

    def _label(self, item: Label) -> None:
        self._figure.add_artist(Text(
            item.x, item.y, item.text, transform=self._place, fontsize=0.94 * item.size,
            color=COLOURS[item.tone], horizontalalignment=_SIDES[item.anchor],
            verticalalignment="baseline",
            rotation=-item.turn, rotation_mode="anchor", zorder=1, parse_math=False,
            fontweight="bold" if item.bold else "normal",
        ))  # fmt: skip
