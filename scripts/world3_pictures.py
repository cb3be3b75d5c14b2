"""The pictures of docs/world3.md, from runs of the bundled World3-03.

`python scripts/world3_pictures.py` writes docs/images/world3_*.png: the state of the world in
scenarios 1, 2 and 9 of the book of 2004, each curve on the scale it has in all three, and the
population of all ten scenarios.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path


os.environ.setdefault("JAX_ENABLE_X64", "1")

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

import wmjax
from wmjax.spec import Lookup, Scenario, load_scenarios


FOLDER = Path(__file__).resolve().parents[1] / "docs/images"
INK, GRID = "#333333", "#e4e0d8"

# Variable, label, top of the axis, colour. The tops are those that all three panels share.
CURVES = (
    ("nonrenewable_resources", "resources", 2e12, "#7a5c3e"),
    ("population", "population", 12e9, "#c0392b"),
    ("food", "food", 6e12, "#3c8d40"),
    ("industrial_output", "industrial output", 4.5e12, "#1f6fb2"),
    ("persistent_pollution_index", "pollution", 40, "#7d5ba6"),
)
PANELS = {
    "limits2004-01-reference": "Scenario 1, reference: resources become too costly",
    "limits2004-02-more-resources": "Scenario 2, twice the resources: pollution ends growth",
    "limits2004-09-sustainable": "Scenario 9, two children, enough output, better technology",
}
SCALE = (
    "Top of the frame: 2e12 units of resources, 1.2e10 people, 6e12 kg of food a year,\n"
    "4.5e12 dollars of 1968 of industrial output a year, 40 times the persistent pollution of 1970"
)


def main() -> None:
    scenarios = {n: s for n, s in load_scenarios("world3").items() if n.startswith("limits2004")}
    runs = _runs(scenarios)
    FOLDER.mkdir(exist_ok=True)
    for name, title in PANELS.items():
        figure = _figure(7.4, 4.8)
        _state(figure.subplots(), runs.sel(scenario=name), title)
        _save(figure, f"world3_scenario{name[11:13].lstrip('0')}.png")
    figure = _figure(7.4, 4.4)
    _populations(figure.subplots(), runs)
    _save(figure, "world3_population.png")


def _runs(scenarios: dict[str, Scenario]) -> xr.Dataset:
    model = wmjax.compile_model("world3")
    rows = {
        name: np.stack([s.parameters.get(name, _stated(model, name)) for s in scenarios.values()])
        for name in sorted({n for s in scenarios.values() for n in s.parameters})
    }
    result = wmjax.sweep(model, draws=rows, save=[name for name, *_ in CURVES])
    result = result.isel(scenario=0, drop=True).rename(draw="scenario")
    return result.assign_coords(scenario=list(scenarios))


def _stated(model: wmjax.CompiledModel, name: str) -> object:
    variable = model.spec.variables[name]
    return variable.y.points if isinstance(variable, Lookup) else model.parameters[name]


def _figure(width: float, height: float) -> Figure:
    figure = Figure(figsize=(width, height), layout="constrained", facecolor="white")
    FigureCanvasAgg(figure)
    return figure


def _state(axes: Axes, run: xr.Dataset, title: str) -> None:
    """Five curves, each as a share of its own axis, as the book draws them."""
    ends = []
    for name, label, top, colour in CURVES:
        share = run[name] / top
        axes.plot(run["time"], share, color=colour, lw=2.4, solid_capstyle="round")
        if float(share[-1]) <= 1:
            ends.append((float(share[-1]), label, colour))
        else:
            left = float(run["time"][int(np.argmax(share.to_numpy() > 1))])
            axes.text(left + 3, 0.965, f"{label}, to {float(run[name].max()):.0f} times 1970",
                      color=colour, fontsize=10.5, va="center")  # fmt: skip
    _frame(axes, title)
    axes.set_ylim(0, 1)
    axes.set_xlabel(SCALE, fontsize=8.5, color="#777777", loc="left", labelpad=8)
    _labels(axes, ends)


def _populations(axes: Axes, runs: xr.Dataset) -> None:
    """One curve a scenario; the three of the other pictures in colour."""
    bright = dict(zip(PANELS, ("#c0392b", "#e08e2b", "#3c8d40"), strict=True))
    ends = []
    for name in runs["scenario"].values:
        path = runs["population"].sel(scenario=name) / 1e9
        colour = bright.get(str(name), "#b9b4aa")
        axes.plot(path["time"], path, color=colour, lw=2.4 if name in bright else 1.3,
                  zorder=3 if name in bright else 2)  # fmt: skip
        number = str(name)[11:13].lstrip("0")
        ends.append((float(path[-1]), number, colour if name in bright else "#8a857b"))
    _frame(axes, "Population in the ten scenarios of 2004, thousand million")
    axes.set_ylim(0, 9)
    axes.set_yticks(range(3, 10, 3), labels=[str(n) for n in range(3, 10, 3)])
    _labels(axes, ends)


def _frame(axes: Axes, title: str) -> None:
    axes.set_title(title, loc="left", fontsize=12.5, color=INK, pad=10)
    axes.set_xlim(1900, 2100)
    axes.set_xticks(range(1900, 2101, 50))
    axes.set_yticks([0.25, 0.5, 0.75, 1], labels=[])
    axes.grid(color=GRID, lw=0.8)
    axes.set_axisbelow(True)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.spines["bottom"].set_color(INK)
    axes.tick_params(length=0, labelsize=10.5, labelcolor=INK)


def _labels(axes: Axes, ends: Sequence[tuple[float, str, str]]) -> None:
    """A label at the end of each curve, moved apart where they would overlap."""
    low, high = axes.get_ylim()
    ends = sorted(ends)
    places = _spread([value for value, *_ in ends], 0.055 * (high - low), low)
    for place, (_, label, colour) in zip(places, ends, strict=True):
        axes.annotate(label, (2100, place), xytext=(7, 0), textcoords="offset points", va="center",
                      color=colour, fontsize=10.5, annotation_clip=False)  # fmt: skip


def _spread(values: Sequence[float], gap: float, low: float) -> list[float]:
    """Rising values moved as little as makes them lie a gap apart: crowds keep their centre."""
    crowds: list[list[float]] = []
    for i, value in enumerate(values):
        crowds.append([value - i * gap])
        while len(crowds) > 1 and np.mean(crowds[-2]) > np.mean(crowds[-1]):
            crowds[-2:] = [crowds[-2] + crowds[-1]]
    level = [float(np.mean(crowd)) for crowd in crowds for _ in crowd]
    return [max(value, low) + i * gap for i, value in enumerate(level)]


def _save(figure: Figure, name: str) -> None:
    figure.savefig(FOLDER / name, dpi=140)
    print(FOLDER / name)


if __name__ == "__main__":
    main()
