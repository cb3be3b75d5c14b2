"""The Python of docs/tax-language.md runs, and its table is that of the tests."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from tests.tax.language.town import START, after, cast_of, economy
from wmjax.llm import LLMSettings, language_model, run_async
from wmjax.tax._calendar import Calendar
from wmjax.tax.language import LanguageWorkers, welfare_in_words


PAGE = Path(__file__).resolve().parents[3] / "docs" / "tax-language.md"


@pytest.fixture
def block(tmp_path):
    """The module of a title, imported from a file of its own."""

    def load(title: str) -> ModuleType:
        text = PAGE.read_text("utf-8")
        (code,) = re.findall(rf'```python title="{title}"\n(.*?)```', text, re.S)
        path = tmp_path / title
        path.write_text(code, "utf-8")
        spec = importlib.util.spec_from_file_location(path.stem, path)
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module

    return load


def test_the_town_lives(block, capsys) -> None:
    assert len(block("town.py").steps) == 6
    assert capsys.readouterr().out == "[0.25, 0.3, 0.35]\n"


def test_welfare_in_your_words(block) -> None:
    assert "not yet born" in welfare_in_words(block("words.py").Patient())


def test_a_language_model_of_your_own_works(block) -> None:
    town, settings = economy(), LLMSettings(provider="steady", model="35")
    model = language_model(block("steady.py").Steady(settings))
    cast = cast_of(model, town, Calendar())
    found = run_async(LanguageWorkers(cast).decide(town, START, after([])))
    np.testing.assert_array_equal(found.hours, 35)


@pytest.mark.parametrize("row", ["| 5 | 0 | 5 |", "| 15 | 20 | 15 |", "| 25 | 20 | 20, clipped"])
def test_the_table_of_the_page_is_that_of_test_answers(row: str) -> None:
    assert row in PAGE.read_text("utf-8")
