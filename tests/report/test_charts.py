"""What is drawn is where the data say, in both kinds of picture."""

from __future__ import annotations

from pathlib import Path as File

import matplotlib.colors
import numpy as np
import pandas as pd
import pytest
from matplotlib.image import imread

from wmjax.report import Chart, Fan, Line, Marks, Path, Ribbon, fans
from wmjax.report._axis import value_range
from wmjax.report._chart import chart_scene, standing_alone
from wmjax.report._png import COLOURS, write_png
from wmjax.report._scene import Area, Dots, Frame, Label, Scene, Stroke
from wmjax.report._svg import svg


_YEARS = np.arange(1960.0, 2001)


def _fan(width: float = 1.0) -> Fan:
    levels = {0.05: -2, 0.25: -1, 0.5: 0, 0.75: 1, 0.95: 2}
    return Fan(_YEARS, {q: 10 + 0.1 * (_YEARS - 1960) + z * width for q, z in levels.items()})


def _inside(scene: Scene) -> Frame:
    return next(item for item in scene.items if isinstance(item, Frame))


def test_marks_stand_where_the_tick_labels_say() -> None:
    values = 3e9 + 5e7 * (_YEARS - 1960)
    scene = chart_scene(Chart("x", "X", "people", (Marks(Path(_YEARS, values)),)))
    frame = _inside(scene)
    dots = next(item for item in frame.items if isinstance(item, Dots)).points
    labels = [item for item in scene.items if isinstance(item, Label)]
    across = [(float(t.text), t.x) for t in labels if t.anchor == "middle"]
    up = [(float(t.text), t.y - 3.5) for t in labels if t.anchor == "end" and t.x < 60]
    assert len(across) >= 3 and len(up) >= 3
    years = np.polyval(np.polyfit(*np.array(across).T[::-1], 1), dots[:, 0] + frame.x)
    shown = np.polyval(np.polyfit(*np.array(up).T[::-1], 1), dots[:, 1] + frame.y)
    assert years == pytest.approx(_YEARS, abs=1e-6)
    assert shown == pytest.approx(values / 1e9, abs=1e-9)
    assert any(t.text == "billion people" for t in labels)


def test_gaps_split_lines_and_bands() -> None:
    fan = _fan()
    holes = {
        q: np.where(np.isin(_YEARS, [1970, 1971]), np.nan, v) for q, v in fan.quantiles.items()
    }
    frame = _inside(chart_scene(Chart("x", "X", "", (Ribbon(Fan(_YEARS, holes), "m"),))))
    strokes = [item for item in frame.items if isinstance(item, Stroke)]
    areas = [item for item in frame.items if isinstance(item, Area)]
    assert [len(s.points) for s in strokes] == [10, 29]
    assert [len(a.points) for a in areas] == [20, 58, 20, 58]


def test_held_out_marks_are_hollow() -> None:
    marks = Marks(Path(_YEARS, _YEARS), unseen_from=1990.0)
    frame = _inside(chart_scene(Chart("x", "X", "", (marks,))))
    found = {item.hollow: len(item.points) for item in frame.items if isinstance(item, Dots)}
    assert found == {False: 30, True: 11}


def test_a_wild_band_does_not_flatten_the_history() -> None:
    chart = Chart("x", "X", "", (Ribbon(_fan(1e6), "m"), Marks(Path(_YEARS, np.full(41, 11.0)))))
    low, high, leaves = value_range(chart)
    assert leaves and high - low < 20
    assert "reaches beyond the axis" in chart_scene(chart).description
    calm = Chart("x", "X", "", (Ribbon(_fan(), "m"),))
    assert value_range(calm) == pytest.approx((8.0, 16.0, False))


def test_the_description_gives_first_and_last_values() -> None:
    said = chart_scene(Chart("x", "GDP", "US$", (Ribbon(_fan(), "model, median"),))).description
    assert "GDP, in US$" in said and "10.0 in 1960 to 14.0 in 2000" in said
    assert "90 % band then 12.0 to 16.0" in said


@pytest.mark.parametrize("values", [np.full(41, np.nan), np.zeros(41), np.full(41, 7e12)])
def test_charts_of_nothing_or_of_constants_are_drawn(values: np.ndarray, tmp_path: File) -> None:
    chart = Chart("x", "X", "m", (Line(Path(_YEARS, values), "a"), Marks(Path(_YEARS, values))))
    assert "nan" not in svg(chart_scene(chart)).split("aria-label")[0]
    assert write_png(standing_alone(chart), tmp_path / "x.png").stat().st_size > 1000


def test_a_png_has_its_marks_where_the_scene_has_them(tmp_path: File) -> None:
    marks = Frame(10, 20, 80, 60, (Dots(np.array([(30.0, 15.0), (79.0, 59.0)]), "c1", 5),))
    box = Area(np.array([(100.0, 10.0), (140.0, 10.0), (140.0, 50.0), (100.0, 50.0)]), "c2")
    line = Stroke(np.array([(100.0, 70.0), (140.0, 70.0)]), "c0", 4)
    pixels = imread(write_png(Scene(160, 100, (marks, box, line), "d"), tmp_path / "x.png"))
    assert pixels.shape[:2] == (200, 320)
    for x, y, tone in ((40, 35, "c1"), (120, 30, "c2"), (120, 70, "c0"), (5, 5, "paper")):
        wanted = matplotlib.colors.to_rgb(COLOURS[tone])
        assert pixels[2 * y, 2 * x, :3] == pytest.approx(wanted, abs=0.02)
    assert pixels[2 * 83, 2 * 92, :3] == pytest.approx((1, 1, 1)), "a frame clips what leaves it"


def test_mathematics_and_strange_scripts_do_not_stop_a_png(tmp_path: File) -> None:
    label = Label(5, 20, r"US$ and $\frac{ \u202e 世界 🌍")
    assert write_png(Scene(200, 40, (label,), ""), tmp_path / "x.png").exists()


def test_text_in_a_drawing_is_escaped() -> None:
    drawn = svg(Scene(10, 10, (Label(0, 0, "<b>&'\""),), 'a "quoted" <i>'))
    assert "<b>" not in drawn and "&lt;b&gt;&amp;" in drawn and 'label="a &#34;quoted' in drawn


def test_fans_of_samples_are_quantiles() -> None:
    samples = np.random.default_rng(0).normal(size=(500, 3))
    fan = Fan.of_samples([1, 2, 3], samples)
    low, high = fan.band(0.9) or (fan.median, fan.median)
    assert low.values == pytest.approx(pd.DataFrame(samples).quantile(0.05).to_numpy())
    assert high.values == pytest.approx(pd.DataFrame(samples).quantile(0.95).to_numpy())
    assert fan.band(0.8) is None


def test_fans_are_read_from_a_forecast() -> None:
    class Forecast:
        scenarios = ("base", "low")

        def quantiles(self, variable: str, scenario: str | None = None) -> pd.DataFrame:
            scale = 2.0 if scenario == "low" else 1.0
            table = {q: scale * v for q, v in _fan().quantiles.items()}
            return pd.DataFrame(table, index=pd.Index(_YEARS, name="time"))

    found = fans(Forecast(), "gdp")
    assert list(found) == ["base", "low"]
    assert found["low"].median.at(1965.5) == pytest.approx(2 * 10.55)


@pytest.mark.parametrize(
    "make",
    [lambda: Path(np.arange(3.0), np.arange(4.0)), lambda: Fan(_YEARS, {0.1: _YEARS}),
     lambda: Fan(_YEARS, {0.5: _YEARS[1:]})],
)  # fmt: skip
def test_arrays_that_do_not_fit_are_refused(make) -> None:
    with pytest.raises(ValueError):
        make()
