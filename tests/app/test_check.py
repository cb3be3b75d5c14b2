"""`wmjax check` and `wmjax convert`."""

from __future__ import annotations

import json

import pytest
import yaml


def test_a_sound_model_has_status_0(program) -> None:
    done = program("check", "model=savings.yaml")
    assert (done.status, done.err) == (0, "")
    assert "no errors" in done.out


def test_mistakes_of_format_and_of_content_are_reported_together(wm, folder) -> None:
    text = (folder / "savings.yaml").read_text()
    text = text.replace("balance * rate", "balance * rat").replace("checks:", "chekcs:")
    (folder / "bad.yaml").write_text(text + "typo: 1\n")
    said = wm("check", "model=bad.yaml")
    assert said.status == 2
    for part in ("chekcs", "typo", "rat", "rate", "errors"):
        assert part in said.out


@pytest.mark.parametrize("ending", ["json", "yaml"])
def test_converted_models_run_alike(wm, folder, ending) -> None:
    assert wm("convert", "model=savings.yaml", f"output=copy.{ending}").status == 0
    read = json.loads if ending == "json" else yaml.safe_load
    assert read((folder / f"copy.{ending}").read_text())["name"] == "savings"
    for model in ("savings.yaml", f"copy.{ending}"):
        assert wm("run", f"model={model}", f"output={model}.csv").status == 0
    a, b = ((folder / f"{m}.csv").read_bytes() for m in ("savings.yaml", f"copy.{ending}"))
    assert a == b


def test_a_bad_model_is_not_converted(wm, folder) -> None:
    (folder / "copy.json").write_text("kept")
    (folder / "bad.yaml").write_text("wmjax: 1\nname: 3\n")
    assert wm("convert", "model=bad.yaml", "output=copy.json").status == 2
    assert (folder / "copy.json").read_text() == "kept"
