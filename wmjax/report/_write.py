"""The report as one HTML file, with PNG copies of its pictures beside it."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import jinja2
import numpy as np
from markupsafe import Markup, escape

from wmjax._errors import UserError
from wmjax.report._blocks import Block, Charts, Key, Part, Picture, Section
from wmjax.report._chart import chart_scene, standing_alone
from wmjax.report._content import ReportContent
from wmjax.report._png import write_png
from wmjax.report._scene import Area, Dots, Item, Scene, Stroke, rectangle, titled
from wmjax.report._section_about import asked_section, provenance_section, source_section
from wmjax.report._section_actors import actor_section
from wmjax.report._section_estimates import estimate_section
from wmjax.report._section_graph import graph_section
from wmjax.report._section_scenarios import scenario_section
from wmjax.report._section_series import series_section
from wmjax.report._section_skill import skill_section
from wmjax.report._spec_links import spec_links
from wmjax.report._svg import svg
from wmjax.report._words import Slugs


Progress = Callable[[int, int, str], None]


def write_report(
    folder: str | os.PathLike[str], content: ReportContent, *, progress: Progress | None = None
) -> Path:
    """Writes `report.html` and `charts/*.png`.

    The HTML opens from disk and asks for nothing else: style sheet and pictures are inside. Files
    of an earlier report in the folder are replaced.

    **Arguments:**

    - `folder`: made if it is not there.
    - `progress`: called with files written, files in all, and a name.

    **Returns:** the path of `report.html`.

    **Raises:** `UserError` for a folder that cannot be written.
    """
    folder = Path(folder)
    sections = report_sections(content)
    pictures = tuple(_pictures(sections))
    try:
        (folder / "charts").mkdir(parents=True, exist_ok=True)
        for done, (name, scene) in enumerate(pictures):
            if progress is not None:
                progress(done, len(pictures), name)
            write_png(scene, folder / "charts" / f"{name}.png")
        return _replace(folder / "report.html", render(content, sections))
    except OSError as error:
        raise UserError(
            str(folder), str(error), "a folder that can be written", "choose another folder"
        ) from error


def report_sections(content: ReportContent) -> tuple[Section, ...]:
    """The chapters of the report, those without content left out."""
    spec = content.spec
    found: list[Section] = [asked_section(content.asked)]
    if content.skill:
        found.append(skill_section(content.skill, content.series))
    if content.scenarios is not None:
        found.append(scenario_section(content.scenarios))
    if content.series:
        found.append(series_section(content.series))
    if content.estimates is not None:
        found.append(estimate_section(content.estimates, spec))
    if spec is not None and spec.actors:
        found.append(actor_section(spec))
    if spec is not None:
        links = spec_links(spec) if content.links is None else content.links
        found.append(graph_section(spec, links))
    found += [*content.sections, source_section(content), provenance_section(content.provenance)]
    return tuple(section for section in found if section.blocks)


def render(content: ReportContent, sections: Iterable[Section]) -> str:
    """The HTML text. Everything that is not our own markup is escaped."""
    slugs = Slugs()
    chapters = [(slugs(section.title), section) for section in sections]
    template = _environment().get_template("report.html.j2")
    return template.render(content=content, chapters=chapters)


def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(svg=svg, chart_scene=chart_scene, swatch=_swatch)
    environment.filters["breakable"] = _breakable
    return environment


def _breakable(text: str) -> Markup:
    """Long names may break after their dots and underscores."""
    escaped = str(escape(text))
    return Markup(re.sub(r"(?<=\w)(_|\.(?=[A-Za-z]))(?=\w)", r"\1<wbr>", escaped))


def _swatch(key: Key) -> Markup:
    """The picture of a legend's entry; its words stand beside it."""
    box = rectangle(1, 2, 26, 10)
    middle = np.array([(14.0, 7.0)])
    items: dict[str, tuple[Item, ...]] = {
        "line": (Stroke(np.array([(1.0, 7.0), (27.0, 7.0)]), key.tone, 2.2, key.dash),),
        "band": (Area(box, key.tone, key.opacity),),
        "tint": (Area(box, key.tone), Stroke(np.vstack([box, box[:1]]), "grid")),
        "dot": (Dots(middle, key.tone, 3),),
        "ring": (Dots(middle, key.tone, 3.4, hollow=True),),
    }
    return svg(Scene(28, 14, items[key.style], ""))


def _pictures(sections: Iterable[Section]) -> Iterator[tuple[str, Scene]]:
    """Every chart and picture under a file name of its own, with its title drawn in."""
    slugs = Slugs()
    for section in sections:
        for block in _flat(section.blocks):
            if isinstance(block, Picture):
                yield slugs(block.name), titled(block.scene, block.title, "")
            elif isinstance(block, Charts):
                for chart in block.charts:
                    yield slugs(chart.name), standing_alone(chart)


def _flat(blocks: Iterable[Block]) -> Iterator[Block]:
    for block in blocks:
        if isinstance(block, Part):
            yield from _flat(block.blocks)
        else:
            yield block


def _replace(path: Path, text: str) -> Path:
    """Writes all or nothing."""
    handle, name = tempfile.mkstemp(dir=path.parent, suffix=".part")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", errors="replace") as file:
            file.write(text)
        os.chmod(name, 0o644)
        os.replace(name, path)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise
    return path
