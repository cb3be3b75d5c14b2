"""`save_spec` and `wmjax convert` to XMILE."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import wmjax
from tests.formats.engines import ENGINES, aux, model
from wmjax.app import main
from wmjax.formats import to_xmile


SPEC = model({"k": {"kind": "parameter", "value": 1, "group": "economic"}, "y": aux("k * time")})


@pytest.mark.parametrize("name", ["m.xmile", "deep/m.stmx", "m.XMILE"])
def test_the_ending_chooses_xmile(tmp_path: Path, name: str) -> None:
    path = wmjax.save_spec(SPEC, tmp_path / name)
    assert path.read_text(encoding="utf-8") == to_xmile(SPEC).text
    assert [p.name for p in path.parent.iterdir()] == [path.name]


@pytest.mark.parametrize("name", ["m.yaml", "m.json"])
def test_our_own_formats_are_still_written(tmp_path: Path, name: str) -> None:
    assert wmjax.load_spec(wmjax.save_spec(SPEC, tmp_path / name)) == SPEC


def test_other_endings_are_refused(tmp_path: Path) -> None:
    with pytest.raises(wmjax.UserError, match=".xmile or .stmx"):
        wmjax.save_spec(SPEC, tmp_path / "m.mdl")


def test_a_refused_spec_leaves_the_old_file(tmp_path: Path) -> None:
    (tmp_path / "m.xmile").write_text("kept")
    with pytest.raises(wmjax.SpecError):
        wmjax.save_spec(model({"x": aux("y")}), tmp_path / "m.xmile")
    assert (tmp_path / "m.xmile").read_text() == "kept"


def test_convert_writes_xmile_and_says_what_others_pass_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    changed = SPEC.to_dict()
    changed["variables"]["a.b"] = aux("y")
    wmjax.save_spec(wmjax.load_spec(changed), "m.yaml")
    assert main(["convert", "model=m.yaml", "output=out.xmile"]) == 0
    said = capsys.readouterr()
    assert "written: out.xmile" in said.out
    assert "'a.b' is 'a_b'" in said.err and "group of 1 variable" in said.err
    found = ENGINES["pysimlin"]((tmp_path / "out.xmile").read_text(encoding="utf-8"))
    assert found["a_b"].tolist() == list(found.index)


def test_writing_xmile_loads_no_jax(tmp_path: Path) -> None:
    code = (
        "import sys, wmjax; s = wmjax.load_spec('world3');"
        f"wmjax.save_spec(s, {str(tmp_path / 'w.xmile')!r});"
        "print([m for m in ('jax', 'equinox', 'hydra', 'lxml', 'pysd') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
