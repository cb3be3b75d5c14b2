"""Scenes as PNG files, by matplotlib without its global state."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path as Curve
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


def write_png(scene: Scene, path: Path, *, magnified: float = 2.0) -> Path:
    """Draws the scene with so many pixels to each of its own."""
    figure = Figure(
        figsize=(scene.width / _POINTS_PER_INCH, scene.height / _POINTS_PER_INCH),
        dpi=_POINTS_PER_INCH * magnified,
        facecolor=COLOURS["paper"],
    )
    canvas = FigureCanvasAgg(figure)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, scene.width), ylim=(scene.height, 0))
    axes.set_axis_off()
    _Drawing(axes).draw(scene.items)
    with warnings.catch_warnings():
        # A name in a script that the font lacks is drawn as boxes; the HTML shows it.
        warnings.filterwarnings("ignore", message="Glyph", category=UserWarning)
        canvas.print_png(path)
    return path


class _Drawing:
    """Draws items in the coordinates of one frame."""

    def __init__(
        self, axes: Axes, shift: tuple[float, float] = (0, 0), clip: Rectangle | None = None
    ) -> None:
        self._axes, self._shift, self._clip = axes, shift, clip
        self._move: Transform = Affine2D().translate(*shift) + axes.transData

    def draw(self, items: Iterable[Item]) -> None:
        for item in items:
            match item:
                case Stroke():
                    self._stroke(item)
                case Area():
                    self._patch(PathPatch(
                        Curve(item.points, closed=False), facecolor=COLOURS[item.tone],
                        edgecolor="none", alpha=item.opacity,
                    ))  # fmt: skip
                case Dots():
                    self._dots(item)
                case Label():
                    self._label(item)
                case Frame():
                    self._frame(item)

    def _frame(self, item: Frame) -> None:
        x, y = self._shift[0] + item.x, self._shift[1] + item.y
        clip = Rectangle((x, y), item.width, item.height, transform=self._axes.transData)
        _Drawing(self._axes, (x, y), clip).draw(item.items)

    def _patch(self, patch: PathPatch) -> None:
        patch.set_transform(self._move)
        self._axes.add_artist(patch)
        if self._clip is not None:
            patch.set_clip_path(self._clip)

    def _stroke(self, item: Stroke) -> None:
        codes = None
        if item.cubic:
            codes = [Curve.MOVETO, *[Curve.CURVE4] * (len(item.points) - 1)]
        dash = (0, tuple(d / item.width for d in item.dash)) if item.dash else "solid"
        self._patch(PathPatch(
            Curve(item.points, codes), fill=False, edgecolor=COLOURS[item.tone],
            linewidth=item.width, linestyle=dash, alpha=item.opacity, capstyle="butt",
            joinstyle="round",
        ))  # fmt: skip

    def _dots(self, item: Dots) -> None:
        if not len(item.points):
            return
        x, y = np.asarray(item.points).T
        marks = self._axes.plot(
            x, y, "o", markersize=2 * item.radius - (0.8 if item.hollow else 0),
            markeredgewidth=0.8 if item.hollow else 0, markeredgecolor=COLOURS[item.tone],
            markerfacecolor=COLOURS["paper" if item.hollow else item.tone], transform=self._move,
            zorder=1,
        )[0]  # fmt: skip
        if self._clip is not None:
            marks.set_clip_path(self._clip)

    def _label(self, item: Label) -> None:
        horizontal = {"start": "left", "middle": "center", "end": "right"}[item.anchor]
        self._axes.text(
            item.x, item.y, item.text, transform=self._move, fontsize=0.94 * item.size,
            color=COLOURS[item.tone], horizontalalignment=horizontal, verticalalignment="baseline",
            rotation=-item.turn, rotation_mode="anchor", zorder=1,
            fontweight="bold" if item.bold else "normal", parse_math=False,
        )  # fmt: skip
