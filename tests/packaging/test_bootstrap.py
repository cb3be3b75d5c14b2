"""Setting up on machines where not every Python on the path works."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from types import ModuleType

import pytest
from packaging.requirements import Requirement


_ROOT = Path(__file__).resolve().parents[2]
_SCRIPT = _ROOT / "scripts" / "bootstrap.py"


@pytest.fixture
def bootstrap() -> ModuleType:
    spec = importlib.util.spec_from_file_location("bootstrap", _SCRIPT)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with nothing on its path but what a test puts into the folder returned."""
    monkeypatch.delenv("WMJAX_PYTHON", raising=False)
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path / "pyenv"))
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    (tmp_path / "bin").mkdir()
    return tmp_path


def _script(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


def test_a_dead_shim_is_passed_over(bootstrap, machine) -> None:
    _script(machine / "bin" / "python3.12", "exit 127")
    good = _script(machine / "bin" / "python3.13", f'exec {sys.executable} "$@"')
    assert bootstrap._choose("") == "python3.13"
    good.unlink()
    assert bootstrap._choose("") == sys.executable


def test_versions_of_pyenv_are_found_behind_dead_shims(bootstrap, machine) -> None:
    for name in ("python3.11", "python3.12", "python3.13"):
        _script(machine / "bin" / name, "echo command not found; exit 127")
    real = machine / "pyenv" / "versions" / "3.12.9" / "bin" / "python"
    _script(real, f'exec {sys.executable} "$@"')
    assert bootstrap._choose("") == str(real)


def test_the_named_interpreter_is_taken_and_no_other(bootstrap, machine, monkeypatch) -> None:
    monkeypatch.setenv("WMJAX_PYTHON", sys.executable)
    assert bootstrap._choose("") == sys.executable
    monkeypatch.setenv("WMJAX_PYTHON", str(machine / "nowhere"))
    assert bootstrap._choose("") is None


def test_without_a_usable_python_it_says_what_was_tried(machine, tmp_path) -> None:
    done = subprocess.run(
        [sys.executable, str(_SCRIPT), "--venv", str(tmp_path / "env")],
        env={**os.environ, "WMJAX_PYTHON": str(machine / "nowhere")},
        capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 2
    for part in (str(machine / "nowhere"), "wanted: Python 3.11 or newer", "WMJAX_PYTHON="):
        assert part in done.stderr
    assert not (tmp_path / "env").exists()


def test_a_second_run_does_nothing(bootstrap, machine, tmp_path, capsys) -> None:
    env = tmp_path / "env"
    _script(env / "bin" / "python", f'exec {sys.executable} "$@"')
    wanted = bootstrap._fingerprint(bootstrap._arguments(["--venv", str(env)]))
    (env / bootstrap.STAMP).write_text(wanted)
    assert bootstrap.main(["--venv", str(env)]) == 0
    assert "up to date" in capsys.readouterr().out


def test_the_script_can_be_parsed_by_an_old_python() -> None:
    import ast

    ast.parse(_SCRIPT.read_text(), feature_version=(3, 7))


def test_pins_are_plain_and_are_what_is_installed_here() -> None:
    for line in (_ROOT / "constraints.txt").read_text().splitlines():
        if line.startswith("#"):
            continue
        assert re.fullmatch(r"[a-z0-9.-]+==[\w.]+( ; python_version (<|>=) \"3.12\")?", line), line
        pin = Requirement(line)
        if pin.marker is None or pin.marker.evaluate():
            try:
                assert version(pin.name) in pin.specifier, line
            except PackageNotFoundError:
                continue


def test_everything_we_need_is_pinned() -> None:
    lines = (_ROOT / "constraints.txt").read_text().splitlines()
    pinned = {Requirement(line).name for line in lines if not line.startswith("#")}
    needed = {Requirement(text).name.lower().replace("_", "-") for text in requires("wmjax") or ()}
    assert needed - {"wmjax"} <= pinned
