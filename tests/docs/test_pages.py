"""What the pages say is what the code does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from wmjax.spec import FUNCTIONS, TIME_NAMES, load_spec


ROOT = Path(__file__).resolve().parents[2]
LANGUAGE = (ROOT / "docs/language.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", [*FUNCTIONS, *TIME_NAMES])
def test_every_function_has_a_line(name):
    assert re.search(rf"`[^`]*\b{name}\b", LANGUAGE)


def test_the_spec_page_shows_specs_that_load():
    page = (ROOT / "docs/spec.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```yaml\n(wmjax: 1\n.*?)```", page, re.S)
    assert blocks
    from wmjax import check_spec, compile_model, simulate
    from wmjax.spec._yaml import read_yaml

    for block in blocks:
        spec = load_spec(read_yaml(block, "docs/spec.md"))
        assert not check_spec(spec)
        simulate(compile_model(spec))


def test_links_between_pages_lead_somewhere():
    for page in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]:
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"
