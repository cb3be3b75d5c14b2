"""The page: well formed, self-contained, accessible, and never fooled by a text."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from matplotlib.image import imread

from wmjax._errors import UserError
from wmjax.report import Asked, Chart, Charts, ReportContent, Section, write_report
from wmjax.report import Line as ChartLine
from wmjax.report import Path as Values

from ._page import Page
from .conftest import HOSTILE, ORDER


@pytest.fixture(scope="module")
def page(report: Path) -> Page:
    return Page(report)


def test_every_element_is_closed_in_turn(page: Page) -> None:
    assert page.mistakes == []


def test_ids_are_unique_and_links_stay_inside(page: Page) -> None:
    ids = [e.attributes["id"] for e in page.elements if "id" in e.attributes]
    assert len(ids) == len(set(ids)) > 5
    targets = [e.attributes["href"] for e in page.all("a")]
    assert targets and all(t[0] == "#" and t[1:] in ids for t in targets)
    labels = [
        e.attributes["aria-labelledby"] for e in page.elements if "aria-labelledby" in e.attributes
    ]
    assert set(labels) <= set(ids)


def test_nothing_is_asked_of_anyone_else(page: Page) -> None:
    for element in page.elements:
        for name, value in element.attributes.items():
            assert name not in (
                "src",
                "srcset",
                "xlink:href",
                "action",
                "poster",
                "data",
                "background",
            )
            assert not name.startswith("on")
            assert "url(" not in value and "javascript:" not in value.lower()
    assert not page.all("script", "link", "iframe", "object", "embed", "img", "base", "form")
    style = "".join(page.all("style")[0].text)
    assert "@import" not in style and "url(" not in style and "http" not in style
    policy = next(e.attributes["content"] for e in page.all("meta") if "http-equiv" in e.attributes)
    assert policy.startswith("default-src 'none'")


def test_hostile_text_is_shown_as_text(page: Page) -> None:
    assert page.text.count("<script>alert(1)</script>") >= 8
    assert "{{ 7*7 }}" in page.text and ORDER in page.text
    titles = "".join(page.all("title")[0].text)
    assert titles == f"Report {HOSTILE}"
    assert not [e for e in page.elements if "onerror" in e.attributes]


def test_every_figure_says_what_it_shows(page: Page) -> None:
    pictures = [e for e in page.all("svg") if e.attributes.get("class") == "drawing"]
    in_figures = [e for e in pictures if "figure" in e.inside]
    assert len(in_figures) == len(page.all("figure")) > 8
    assert all(
        len(e.attributes["aria-label"]) > 20 and e.attributes["role"] == "img" for e in in_figures
    )
    ornaments = [e for e in pictures if "figure" not in e.inside]
    assert ornaments and all(e.attributes["aria-hidden"] == "true" for e in ornaments)
    assert len(page.all("figcaption")) == len(page.all("figure"))


def test_headings_descend_one_step_at_a_time(page: Page) -> None:
    levels = [int(e.tag[1]) for e in page.elements if re.fullmatch("h[1-6]", e.tag)]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(b <= a + 1 for a, b in zip(levels, levels[1:], strict=False))


def test_tables_have_captions_and_scroll_in_their_box(page: Page) -> None:
    tables = page.all("table")
    assert len(page.all("caption")) == len(tables) >= 4
    assert all(e.attributes.get("scope") in ("row", "col") for e in page.all("th"))
    boxes = [e for e in page.all("div") if e.attributes.get("class") == "scroll"]
    assert len(boxes) >= len(tables)
    assert all(e.attributes.get("tabindex") == "0" and e.attributes["aria-label"] for e in boxes)


def test_the_chapters_are_there(page: Page) -> None:
    chapters = ["".join(e.text) for e in page.all("h2")]
    assert chapters == [
        "What was asked", "How well it forecasts", "Futures compared", "Series by series",
        "Parameters", "Who acts", "What moves what", "Sources", "How this was made",
    ]  # fmt: skip


def test_losses_bounds_and_terms_are_said_in_words(page: Page) -> None:
    text = re.sub(r"\s+", " ", page.text)
    assert "The model loses on" in text or "It loses on no series." in text
    assert "Missed:" in text or "Met:" in text
    assert "held out" in text and "UN World Population Prospects 2024" in text
    assert "normal, 0.03 ± 0.01" in text and "within 0 to 0.1" in text
    assert "make demo" in text and "wmjax demo model=world" in text


def test_the_page_is_small(report: Path) -> None:
    assert 50_000 < report.stat().st_size < 6_000_000


def test_each_picture_has_a_png_of_sane_size(report: Path, page: Page) -> None:
    files = sorted((report.parent / "charts").iterdir())
    assert len(files) == len(page.all("figure"))
    for file in files:
        assert re.fullmatch(r"[a-z0-9-]{1,64}\.png", file.name)
        pixels = imread(file)
        assert pixels.shape[0] > 300 and 700 <= pixels.shape[1] < 2400
        assert np.ptp(pixels[..., :3]) > 0.5 and pixels[..., :3].mean() > 0.7


def test_the_same_content_gives_the_same_page(
    report: Path, content: ReportContent, tmp_path: Path
) -> None:
    assert write_report(tmp_path, content).read_bytes() == report.read_bytes()


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(UserError, match="file") as caught:
        write_report(tmp_path / "file" / "report", _least())
    assert caught.value.exit_status == 2
    assert (tmp_path / "file").read_text() == "in the way"


def test_little_content_makes_a_little_report(tmp_path: Path) -> None:
    path = write_report(tmp_path, _least())
    page = Page(path)
    assert page.mistakes == []
    assert ["".join(e.text) for e in page.all("h2")] == ["What was asked"]
    assert list((tmp_path / "charts").iterdir()) == []


def test_further_sections_are_drawn_and_progress_is_told(tmp_path: Path) -> None:
    line = ChartLine(Values(np.arange(3.0), np.array([1.0, 4.0, 2.0])), "welfare")
    section = Section("Tax", ("Who pays.", Charts((Chart("tax", "Welfare", "usd", (line,)),))))
    told: list[tuple[int, int, str]] = []
    content = ReportContent("t", _least().asked, sections=(section,))
    path = write_report(tmp_path, content, progress=lambda *now: told.append(now))
    assert told == [(0, 1, "tax")]
    assert "welfare from 1.00 in 0 to 2.00 in 2" in path.read_text()


def _least() -> ReportContent:
    return ReportContent("Least", Asked("What?", "tiny", "wmjax run"))
