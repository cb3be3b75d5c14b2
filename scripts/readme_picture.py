"""The picture of the README, from a run of `wmjax demo`.

`python scripts/readme_picture.py runs/RUN` draws docs/images/backtest.png from the run's
forecasts.csv: what the model, fitted to 1960-1999, said of the years after, and what happened.
Half of the panels are series on which the model loses, as it does on the whole.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

import wmjax


PANELS = {
    "world.pop_65p_persons": ("People aged 65 and over, million", 1e-6),
    "world.gmst_degc": ("Temperature above 1850-1900, K", 1.0),
    "world.cereal_yield_kg_per_ha": ("Cereal yield, t/ha", 1e-3),
    "world.gdp_2015usd": ("World product, trillion 2015 US$", 1e-12),
    "world.co2_ffi_gtco2": ("Fossil CO2, Gt a year", 1.0),
    "world.tfr_births_per_woman": ("Births per woman", 1.0),
}
BLUE, GREY, RED = "#0072b2", "#444444", "#d55e00"


def main(run: str) -> None:
    table = pd.read_csv(Path(run) / "forecasts.csv")
    history = wmjax.load_observations("world")
    figure = Figure(figsize=(11, 5.6), layout="constrained")
    FigureCanvasAgg(figure)
    panels = figure.subplots(2, 3).flat
    for axes, (name, (title, scale)) in zip(panels, PANELS.items(), strict=True):
        rows = table[table["series"] == name]
        seen = history[name].window(1960, 1999)
        axes.axvspan(rows["time"].min() - 0.5, rows["time"].max() + 0.5, color="#f3ece2")
        axes.fill_between(rows["time"], rows["q05"] * scale, rows["q95"] * scale, color=BLUE,
                          alpha=0.2, lw=0, label="90 % band")  # fmt: skip
        axes.plot(rows["time"], rows["q50"] * scale, color=BLUE, label="forecast")
        axes.plot(rows["time"], rows["damped_trend"] * scale, "--", color=RED, lw=1.2,
                  label="damped trend")  # fmt: skip
        axes.plot(seen.times, seen.values * scale, ".", color=GREY, ms=3, label="seen by the fit")
        axes.plot(rows["time"], rows["observed"] * scale, "o", mfc="white", mec=GREY, ms=3.5,
                  label="not seen")  # fmt: skip
        axes.set_title(title, loc="left", fontsize=10)
        axes.spines[["top", "right"]].set_visible(False)
    figure.legend(*axes.get_legend_handles_labels(), loc="outside lower center", ncols=5,
                  frameon=False)  # fmt: skip
    path = Path(__file__).resolve().parents[1] / "docs/images/backtest.png"
    path.parent.mkdir(exist_ok=True)
    figure.savefig(path, dpi=110)
    print(path)


if __name__ == "__main__":
    main(sys.argv[1])
