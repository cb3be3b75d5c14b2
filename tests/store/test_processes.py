"""Several processes write at once, and a killed one loses nothing it had committed."""

from __future__ import annotations

import fcntl
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from wmjax._errors import StoreError
from wmjax.store import RunStore


_WRITER = """
import sys
from wmjax.store import RunStore
with RunStore(sys.argv[1]).start("run", config={}) as run:
    for i in range(int(sys.argv[2])):
        run.metric("n", i, i)
"""

_OPENER = """
import sys, time
from wmjax.store import RunStore
for k in range(20):
    time.sleep(max(0.0, float(sys.argv[2]) + k * 0.05 - time.time()))
    with RunStore(f"{sys.argv[1]}/{k}").start("run", config={}):
        pass
"""

_ENDLESS = """
import itertools, sys
from wmjax.store import RunStore
with RunStore(sys.argv[1]).start("fit", config={"a": 1}) as run:
    for i in itertools.count():
        run.metric("n", i, i)
        run.save_checkpoint("last", lambda path: path.write_text(str(i) * 5000))
        print(i, flush=True)
"""

_FORKING = """
import os, sys
from wmjax.store import RunStore
with RunStore(sys.argv[1]).start("run", config={}) as run:
    run.metric("who", 0)
    connection = run._database._connection
    child = os.fork()
    if child == 0:
        for i in range(20):
            run.metric("child", i)
        # SQLite forbids using a connection on the other side of a fork
        os._exit(run._database._connection is connection)
    for i in range(20):
        run.metric("parent", i)
    assert os.waitpid(child, 0)[1] == 0
"""

_ORPHANS = """
import os, signal, sys, time
from wmjax.store import RunStore
with RunStore(sys.argv[1]).start("run", config={}) as run:
    if os.fork() == 0:
        print(os.getpid(), flush=True)
        time.sleep(60)
        os._exit(0)
    time.sleep(60)
"""


def _python(code: str, *words: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", code, *map(str, words)], stdout=subprocess.PIPE, text=True
    )


def _check_database(home: Path) -> None:
    connection = sqlite3.connect(home / "wmjax.db")
    try:
        assert connection.execute("pragma integrity_check").fetchone()[0] == "ok"
    finally:
        connection.close()


@pytest.mark.parametrize("writers", [2, 4])
def test_writers_do_not_hinder_each_other(tmp_path: Path, writers: int) -> None:
    """They also make the database at the same moment."""
    running = [_python(_WRITER, tmp_path / "runs", 300) for _ in range(writers)]
    for process in running:
        process.communicate(timeout=60)
    assert [process.returncode for process in running] == [0] * writers
    store = RunStore(tmp_path / "runs")
    records = store.list(status="done")
    assert len(records) == writers
    for record in records:
        assert [m.value for m in store.metrics(record.id)] == [*range(300)]
    _check_database(store.path)


def test_stores_made_at_the_same_moment(tmp_path: Path) -> None:
    """SQLite's switch to WAL does not wait for its turn by itself."""
    moment = time.time() + 1.0
    running = [_python(_OPENER, tmp_path, moment) for _ in range(3)]
    for process in running:
        process.communicate(timeout=60)
    assert [process.returncode for process in running] == [0] * 3
    assert [len(RunStore(tmp_path / str(k)).list(status="done")) for k in range(20)] == [3] * 20


def test_a_killed_writer_loses_nothing_committed(tmp_path: Path) -> None:
    with _python(_ENDLESS, tmp_path) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if int(line) == 40:
                break
        store = RunStore(tmp_path)
        (record,) = store.list()
        assert record.status == "running" and record.pid == process.pid
        with pytest.raises(StoreError, match=f"process {process.pid} works on it"):
            with store.resume(record.id):
                pass
        process.send_signal(signal.SIGKILL)
        last = max([40, *(int(line) for line in process.stdout if line.endswith("\n"))])
    (record,) = store.list(status="interrupted")
    assert record.finished is None and store.list(status="running") == []
    values = [m.value for m in store.metrics(record.id)]
    assert values == [*range(len(values))] and len(values) > last
    text = (record.folder / "checkpoints" / "last").read_text()
    assert len(text) % 5000 == 0 and text == text[: len(text) // 5000] * 5000
    assert len(record.files) == 1
    _check_database(tmp_path)
    with store.resume(record.id) as run:
        run.metric("n", -1)
    assert store.get(record.id).status == "done" and store.get(record.id).pid == os.getpid()


def test_a_zombie_is_gone(tmp_path: Path) -> None:
    """A killed process keeps its number until its parent asks for it."""
    process = _python(_ENDLESS, tmp_path)
    assert process.stdout is not None
    process.stdout.readline()
    process.send_signal(signal.SIGKILL)
    process.stdout.read()
    os.kill(process.pid, 0)
    (record,) = RunStore(tmp_path).list()
    assert record.status == "interrupted"
    process.wait()
    process.stdout.close()


def test_a_reader_is_not_taken_for_a_worker(tmp_path: Path) -> None:
    """Looking whether a run is at work takes its lock for a moment, too."""
    store = RunStore(tmp_path)
    with _python(_ENDLESS, tmp_path) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.send_signal(signal.SIGKILL)
    (record,) = store.list()
    with (record.folder / ".lock").open() as reader:
        fcntl.flock(reader, fcntl.LOCK_SH)
        assert store.get(record.id).status == "interrupted"
        later = threading.Timer(0.1, fcntl.flock, (reader, fcntl.LOCK_UN))
        later.start()
        with store.resume(record.id):
            assert store.get(record.id).status == "running"
        later.join()


def test_a_forked_worker_may_record(tmp_path: Path) -> None:
    with _python(_FORKING, tmp_path) as process:
        pass
    assert process.returncode == 0
    store = RunStore(tmp_path)
    (record,) = store.list(status="done")
    names = [m.name for m in store.metrics(record.id)]
    assert [names.count(n) for n in ("who", "child", "parent")] == [1, 20, 20]


def test_a_worker_left_behind_does_not_keep_a_run_alive(tmp_path: Path) -> None:
    with _python(_ORPHANS, tmp_path) as process:
        assert process.stdout is not None
        orphan = int(process.stdout.readline())
        try:
            process.send_signal(signal.SIGKILL)
            process.wait()
            os.kill(orphan, 0)
            assert RunStore(tmp_path).list()[0].status == "interrupted"
        finally:
            os.kill(orphan, signal.SIGKILL)
