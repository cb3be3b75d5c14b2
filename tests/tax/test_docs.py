"""The page on taxes: its examples run, its tests and its options exist."""

from __future__ import annotations

import contextlib
import io
import re
from pathlib import Path

import yaml

from wmjax.tax import Options


ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "tax.md").read_text(encoding="utf-8")


def test_the_example_runs() -> None:
    (code,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        exec(compile(code, "docs/tax.md", "exec", dont_inherit=True), {"__name__": "example"})  # noqa: S102
    promised = re.findall(r"print\(.*\)  # (.*)", code)
    assert said.getvalue().split() == promised[0].split()


def test_every_guard_exists() -> None:
    table = PAGE.partition("## Defects")[2].partition("## Your own")[0]
    rows = [line for line in table.splitlines() if re.match(r"\| \d", line)]
    named = [re.findall(r"\btest_[a-z_0-9]+\b(?!\.py)", row) for row in rows]
    assert len(rows) == 18 and all(named), "each defect has a test"
    sources = "".join(p.read_text(encoding="utf-8") for p in (ROOT / "tests").rglob("test_*.py"))
    assert [n for row in named for n in row if f"def {n}(" not in sources] == []


def test_commands_of_the_page_name_options_that_exist() -> None:
    keys = {*yaml.safe_load((ROOT / "conf" / "tax.yaml").read_text(encoding="utf-8"))}
    lines = [x for x in PAGE.splitlines() if x.startswith("wmjax tax")]
    said = [w.split("=")[0].split(".")[0] for x in lines for w in x.split("#")[0].split()[2:]]
    assert len(lines) > 4 and {w for w in said if w != "-m"} <= {*keys, "llm", "experiment"}


def test_options_and_settings_agree() -> None:
    settings = yaml.safe_load((ROOT / "conf" / "tax.yaml").read_text(encoding="utf-8"))
    for name, field in Options.model_fields.items():
        assert settings[name] == field.default, name


def test_experiments_set_only_what_exists() -> None:
    known = {*Options.model_fields, "defaults", "hydra", "llm"}
    for path in sorted((ROOT / "conf" / "experiment" / "tax").glob("*.yaml")):
        found = yaml.safe_load(path.read_text(encoding="utf-8"))
        assert set(found) <= known, path.name
        assert set(found["hydra"]["sweeper"]["params"]) <= known, path.name
