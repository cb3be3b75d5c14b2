"""The wheel carries all it needs: it runs in an environment and a folder that know no checkout."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pandas as pd
import pytest


pytestmark = pytest.mark.slow

_ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    _run(
        sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "--quiet",
        "--disable-pip-version-check", "-w", str(folder), str(_ROOT), cwd=folder,
    )  # fmt: skip
    (made,) = folder.glob("*.whl")
    return made


@pytest.fixture(scope="module")
def python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new environment with the wheel; the dependencies are those of the one we run in."""
    home = tmp_path_factory.mktemp("elsewhere") / "env"
    venv.create(home, with_pip=False)
    found = home / "bin" / "python"
    code = "import sysconfig; print(sysconfig.get_path('purelib'))"
    site = Path(_run(found, "-c", code, cwd=home).strip())
    _run(
        sys.executable, "-m", "pip", "install", "--no-deps", "--quiet",
        "--disable-pip-version-check", "--target", str(site), str(wheel), cwd=home,
    )  # fmt: skip
    # After the environment's own packages, so that wmjax itself comes from the wheel.
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return found


def _run(*command: object, cwd: Path) -> str:
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    done = subprocess.run(
        [str(part) for part in command], cwd=cwd, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_wheel_holds_settings_data_and_grammar_and_no_tests(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    for name in (
        "wmjax/conf/run.yaml",
        "wmjax/data/models/world/model.yaml",
        "wmjax/data/series/world.csv",
        "wmjax/spec/grammar.lark",
        "calibration/__init__.py",
        "structure_gen/__init__.py",
        "structure_gen/prompts/terse_links.j2",
    ):
        assert name in names
    outside = {n.split("/")[0] for n in names} - {"wmjax", "calibration", "structure_gen"}
    assert all(name.endswith(".dist-info") for name in outside)


def test_wmjax_in_the_new_environment_is_the_one_of_the_wheel(python: Path, tmp_path: Path) -> None:
    said = _run(python, "-c", "import wmjax; print(wmjax.__file__)", cwd=tmp_path)
    assert Path(said.strip()).is_relative_to(python.parent.parent)


def test_the_world_runs_from_another_folder(python: Path, tmp_path: Path) -> None:
    _run(python, "-m", "wmjax", "run", "model=world", "output=world.csv", cwd=tmp_path)
    table = pd.read_csv(tmp_path / "world.csv")
    assert table.columns[0] == "time" and len(table) > 50
    assert table.notna().all(axis=None)


def test_the_console_script_is_ours(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        (name,) = [n for n in archive.namelist() if n.endswith("entry_points.txt")]
        assert "wmjax = wmjax.app:main" in archive.read(name).decode()
