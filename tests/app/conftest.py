"""The command line as a user meets it: a program in a folder."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from wmjax.app import main


MODEL = """\
wmjax: 1
name: savings
time: {start: 0, end: 10, step: 0.25, save_every: 1, unit: year, method: euler}
variables:
  balance: {kind: stock, unit: usd, initial: deposit, inflows: [interest], outflows: []}
  deposit: {kind: parameter, value: 100, unit: usd}
  interest: {kind: flow, unit: usd/year, equation: "balance * rate"}
  rate: {kind: parameter, value: 0.1, unit: 1/year}
  riches: {kind: parameter, value: 1000, unit: usd}
checks:
  - {name: nobody is rich, assert: "balance <= riches"}
"""


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    status: int
    out: str
    err: str


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An otherwise empty working folder with a model of compound interest and its own store."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("WMJAX_HOME")
    (tmp_path / "savings.yaml").write_text(MODEL, encoding="utf-8")
    return tmp_path


@pytest.fixture
def program(folder: Path) -> Callable[..., Ended]:
    """Starts `python -m wmjax` in the folder."""

    def start(*words: str, **environment: str) -> Ended:
        done = subprocess.run(
            [sys.executable, "-m", "wmjax", *words],
            cwd=folder, env={**os.environ, **environment}, capture_output=True, text=True,
            timeout=600,
        )  # fmt: skip
        return Ended(done.returncode, done.stdout, done.stderr)

    return start


@pytest.fixture
def wm(folder: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., Ended]:
    """Calls `main` in this process."""

    def call(*words: str) -> Ended:
        status = main(list(words))
        said = capsys.readouterr()
        return Ended(status, said.out, said.err)

    return call


@pytest.fixture
def tree(folder: Path) -> Callable[[], dict[str, bytes]]:
    """Every file below the folder and what is in it."""

    def look() -> dict[str, bytes]:
        files = (p for p in folder.rglob("*") if p.is_file())
        return {str(p.relative_to(folder)): p.read_bytes() for p in files}

    return look
