"""The report of runs without data: the figures of the model, and its scenarios side by side."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import islice, product
from pathlib import Path as File
from typing import TYPE_CHECKING

import numpy as np

from wmjax.app._console import progress
from wmjax.app._recorded import open_store
from wmjax.app._settings import JaxSettings
from wmjax.report import (
    SERIES_TONES,
    Asked,
    Chart,
    Charts,
    Fan,
    Key,
    Legend,
    Line,
    Path,
    Provenance,
    ReportContent,
    Scenarios,
    ScenarioView,
    Section,
    Tone,
    write_report,
)
from wmjax.spec import Figure, Scenario, load_figures


if TYPE_CHECKING:
    import xarray as xr

    from wmjax.spec import ModelSpec
    from wmjax.store import Run

_MOST = 24  # charts that a reader will look at


def picture(
    settings: JaxSettings, run: Run, spec: ModelSpec, source: str,
    runs: xr.Dataset, scenarios: Mapping[str, Scenario | None], folder: str, drawn: str = "",
) -> File:  # fmt: skip
    """Writes the report of trajectories with dimensions `scenario`, `draw`, `time` and others.

    **Arguments:**

    - `drawn`: what differs between the draws, in a sentence.
    """
    figures = tuple(_drawn(load_figures(source), runs))
    record = open_store(settings).get(run.id)
    facts = {"Run": run.id, "Structure": str(record.spec_hash), **record.code}
    content = ReportContent(
        f"{spec.name}: {_counted(len(scenarios), 'future')}",
        Asked(f"What does the model {spec.name!r} do?", spec.name, record.command()),
        summary=(spec.description,) if spec.description else (),
        scenarios=replace(_compared(spec, runs, scenarios, figures), bands=drawn),
        spec=spec,
        sections=_chapters(figures, runs),
        provenance=Provenance(
            tuple((k, str(v)) for k, v in facts.items()), (record.command(),)
        ),
    )  # fmt: skip
    with progress("report") as show:
        return write_report(settings.numbered(folder), content, progress=show)


def _drawn(figures: tuple[Figure, ...], runs: xr.Dataset) -> Iterator[Figure]:
    """The figures as far as their variables were saved and are single numbers."""
    for figure in figures:
        tops = {n: top for n, top in figure.tops.items() if n in runs and _is_single(runs[n])}
        if tops:
            yield figure.model_copy(update={"tops": tops})


def _is_single(values: xr.DataArray) -> bool:
    return set(values.dims) <= {"scenario", "draw", "time"}


def _chapters(figures: tuple[Figure, ...], runs: xr.Dataset) -> tuple[Section, ...]:
    """One chapter a figure, one chart a scenario."""
    return tuple(
        Section(figure.title, (
            *([figure.note] if figure.note else []),
            f"Each curve in per cent of its own scale: {_scales(figure, runs)}.",
            Legend(tuple(Key(_words(name), tone) for name, tone in _toned(figure))),
            Charts(tuple(_frame(figure, runs, s) for s in _names(runs)), "subtitle"),
        ))
        for figure in figures
    )  # fmt: skip


def _names(runs: xr.Dataset) -> list[str]:
    return [str(name) for name in runs["scenario"].values]


def _scales(figure: Figure, runs: xr.Dataset) -> str:
    return ", ".join(
        f"{_words(name)} {top:g} {runs[name].attrs.get('units', '')}".rstrip()
        for name, top in figure.tops.items()
    )


def _toned(figure: Figure) -> Iterator[tuple[str, Tone]]:
    for number, name in enumerate(figure.tops):
        yield name, SERIES_TONES[number % len(SERIES_TONES)]


def _frame(figure: Figure, runs: xr.Dataset, scenario: str) -> Chart:
    times, here = runs["time"].to_numpy(), runs.sel(scenario=scenario)
    lines = [
        Line(Path(times, 100 / figure.tops[name] * _median(here[name])), _words(name), tone)
        for name, tone in _toned(figure)
    ]
    name = f"{figure.title} {scenario}"
    return Chart(name, figure.title, "% of its scale", tuple(lines), subtitle=scenario)


def _compared(
    spec: ModelSpec, runs: xr.Dataset, scenarios: Mapping[str, Scenario | None],
    figures: tuple[Figure, ...],
) -> Scenarios:  # fmt: skip
    described = {
        name: (s.description if s is not None and s.description else "the model as it stands")
        for name, s in scenarios.items()
    }
    elements = islice(_elements(_chosen(spec, runs, figures), runs), _MOST)
    views = tuple(
        ScenarioView(label, str(values.attrs.get("units", "")), {
            name: _fan(values.sel(scenario=name)) for name in scenarios
        })
        for label, values in elements
    )  # fmt: skip
    return Scenarios(described, views, _years(runs["time"].to_numpy()))


def _chosen(spec: ModelSpec, runs: xr.Dataset, figures: tuple[Figure, ...]) -> list[str]:
    """The variables of the figures, else those with a group or a series, else what was saved."""
    names = [str(n) for n in runs.data_vars if "time" in runs[n].dims]
    shown = dict.fromkeys(n for figure in figures for n in figure.tops)
    known = {n: spec.variables[n] for n in names if n in spec.variables}
    marked = [n for n, v in known.items() if getattr(v, "observed", None) or v.group]
    moving = [n for n in names if not _stands(runs[n])]
    return list(shown) or marked or moving or names


def _stands(values: xr.DataArray) -> bool:
    """Whether a variable is the same at all times, in the first run."""
    first = values.isel({d: 0 for d in ("scenario", "draw") if d in values.dims})
    return bool((first == first.isel(time=0)).all())


def _elements(names: list[str], runs: xr.Dataset) -> Iterator[tuple[str, xr.DataArray]]:
    """Each variable, arrays element by element."""
    for name in names:
        values = runs[name]
        dims = [d for d in values.dims if d not in ("scenario", "draw", "time")]
        for place in product(*(values[d].to_numpy() for d in dims)):
            where = f"[{','.join(map(str, place))}]" if dims else ""
            yield f"{name}{where}", values.sel(dict(zip(dims, place, strict=True)))


def _fan(values: xr.DataArray) -> Fan:
    times = values["time"].to_numpy()
    if values.sizes.get("draw", 1) > 1:
        return Fan.of_samples(times, values.transpose("draw", "time").to_numpy())
    return Fan.of_path(times, values.squeeze(drop=True).to_numpy())


def _median(values: xr.DataArray) -> np.ndarray:
    return values.median("draw").to_numpy() if "draw" in values.dims else values.to_numpy()


def _years(times: np.ndarray) -> tuple[float, ...]:
    """Five rows, a quarter of the way apart."""
    at = np.unique(np.linspace(0, len(times) - 1, 5).round().astype(int))
    return tuple(float(t) for t in times[at])


def _words(name: str) -> str:
    return name.replace("_", " ")


def _counted(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"
