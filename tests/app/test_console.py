"""Progress and tables."""

from __future__ import annotations

import os
import pty
import subprocess
import sys

from wmjax.app import _console


_WORK = """
import time
from wmjax.app._console import progress
with progress("counting") as show:
    for i in range(30):
        show(i + 1, 30, "sheep")
        time.sleep(0.02)
print("done")
"""


def test_a_terminal_shows_a_bar_with_the_time_left() -> None:
    ours, theirs = pty.openpty()
    done = subprocess.run(
        [sys.executable, "-c", _WORK], stderr=theirs, capture_output=False, text=True,
        stdout=subprocess.PIPE, env={**os.environ, "TERM": "xterm", "COLUMNS": "100"},
    )  # fmt: skip
    os.close(theirs)
    shown = os.read(ours, 1_000_000).decode()
    os.close(ours)
    assert done.stdout == "done\n"
    assert "counting" in shown and "/30" in shown and "left" in shown


def test_without_a_terminal_short_work_is_silent_and_long_work_prints_lines() -> None:
    done = subprocess.run([sys.executable, "-c", _WORK], capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("done\n", "")
    eager = "from wmjax.app import _console\n_console._QUIET_SECONDS = 0\nwith"
    long = _WORK.replace("with", eager)
    done = subprocess.run([sys.executable, "-c", long], capture_output=True, text=True)
    assert done.stderr.startswith("counting: 1/30 sheep")


def test_tables_take_text_as_it_stands(capsys) -> None:
    _console.table("t [bold]", ("name", "n"), [("[red]x[/]", 1.5), ("long " * 30, None)])
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "t [bold]"
    assert lines[2].startswith("[red]x[/]") and lines[2].endswith("1.5")
    assert lines[3] == ("long " * 30).rstrip()
