"""`python -m benchmarks`: the command, its turns, its verdicts and its page."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks._peers import Peer, Skipped, installed
from benchmarks._report import Report
from benchmarks._result import Missing, Row, Target, ratios
from benchmarks._rounds import QUICK, Effort, take_turns
from benchmarks._worker import Worker
from wmjax._errors import WmjaxError


ROOT = Path(__file__).resolve().parents[2]
WORKER = """
import sys
sys.path.insert(0, {home!r})
from serve import serve

def work(n):
    print("a package that prints")
    return sum(range(n))

cases = {{"light": lambda: work(20_000), "heavy": lambda: work(400_000), "broken": lambda: 1 / 0}}
serve(cases.get)
"""


@pytest.fixture
def worker(tmp_path: Path):
    script = tmp_path / "worker.py"
    script.write_text(WORKER.format(home=str(ROOT / "benchmarks" / "_workers")))
    with Worker(sys.executable, [str(script)]) as found:
        yield found


def test_rivals_take_turns(worker: Worker) -> None:
    found = take_turns({"a": (worker, "light"), "b": (worker, "heavy")}, Effort(3, turn=0.02))
    assert [len(t) for t in found.values()] == [3, 3]
    assert found["a"][0].value == sum(range(20_000))
    times = ratios([t.cpu for t in found["b"]], [t.cpu for t in found["a"]])
    assert 5 < sorted(times)[1] < 80  # 20 times the work


def test_a_slow_rival_is_not_asked_in_every_round(worker: Worker) -> None:
    found = take_turns({"b": (worker, "heavy")}, Effort(5, turn=0, patience=0.0))["b"]
    assert len(found) == 5 and found[0] is found[4]


def test_a_worker_that_fails_says_why(worker: Worker) -> None:
    with pytest.raises(WmjaxError, match="ZeroDivisionError"):
        worker.time("broken")
    assert worker.time("light").value == sum(range(20_000))


def test_a_worker_that_dies_says_why() -> None:
    with pytest.raises(WmjaxError, match="no such thing"):
        Worker(sys.executable, ["-c", "raise SystemExit('no such thing')"])


def test_memory_of_a_worker(worker: Worker) -> None:
    assert 3e6 < worker.peak_rss() < 1e9


def test_verdicts() -> None:
    most = Target("at most", 2.5, 1.3)
    assert Row("", "", [9, 2.4, 1], most).verdict == "pass"
    assert Row("", "", [1.2], most).verdict == "pass, stretch"
    assert Row("", "", [2.6], most).verdict == "**fail**"
    assert Row("", "", [1.0], most, doubt="busy").verdict == "not established: busy"
    assert Row("", "", [5.0], Target("at least", 6)).verdict == "**fail**"
    assert Row("", "", [7.0], Target("at least", 6)).verdict == "pass"
    assert Row("", "", [7.0]).verdict == ""


def test_the_page_has_targets_first_and_names_what_is_missing() -> None:
    report = Report(QUICK)
    report.add("single", [Row("one run", "C", [1, 2, 4], Target("at most", 3)), Row("x", "", [1]),
                          Missing("fast-pyworld3", "no Python 3.13")])  # fmt: skip
    text = report.text()
    assert "| one run | C | at most 3 | 1 | 2 | 4 | pass |  |" in text
    assert text.index("one run") < text.index("Single: the rest") < text.index("Not measured")
    assert "- fast-pyworld3: no Python 3.13" in text


def test_a_peer_without_its_python_is_skipped() -> None:
    found = installed(Peer("old", ("old==1",), ("2.6",)))
    assert found == Skipped("no Python 2.6 on this machine")


def test_an_unknown_section_is_refused(tmp_path: Path) -> None:
    done = _bench(tmp_path, "speed")
    assert done.returncode == 2 and "the section 'speed'" in done.stdout


@pytest.mark.slow
def test_a_section_runs_through(tmp_path: Path) -> None:
    # One of them: each of the others takes minutes, and `make bench` runs them all.
    done = _bench(tmp_path, "--quick", "fit")
    assert done.returncode == 0, done.stderr
    page = (tmp_path / "RESULTS.md").read_text()
    assert page.startswith("# Measurements") and "the rest of" not in page


def _bench(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "benchmarks", "--output", str(folder / "RESULTS.md"), *words]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
