"""What is no run store is refused with a reason, and left as it was."""

from __future__ import annotations

import hashlib
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from wmjax._errors import StoreError
from wmjax.store import RunStore, preflight


def _state(folder: Path) -> dict[str, str]:
    """Name and content of everything below a folder."""
    return {
        str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest()
        if p.is_file()
        else "folder"
        for p in sorted(folder.rglob("*"))
    }


def _text(path: Path) -> None:
    path.write_text("dear diary " * 1000)


def _folder(path: Path) -> None:
    path.mkdir()


def _foreign(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("create table runs (a)")
    connection.close()


def _newer(path: Path) -> None:
    with RunStore(path.parent).start("run", config={}):
        pass
    with sqlite3.connect(path) as connection:
        connection.execute("insert into migrations values (99, 'from the future', '2099')")
    connection.close()


def _other_line(path: Path) -> None:
    _newer(path)
    with sqlite3.connect(path) as connection:
        connection.execute("delete from migrations where number = 99")
        connection.execute("update migrations set name = 'something else'")
    connection.close()


def _corrupt(path: Path) -> None:
    path.write_bytes(b"SQLite format 3\0" + b"\xaa" * 5000)


@pytest.mark.parametrize(
    ("make", "found"),
    [
        (_text, "not an SQLite database"),
        (_folder, "a folder"),
        (_foreign, "another program"),
        (_newer, "schema version 99"),
        (_other_line, "something else"),
        (_corrupt, "not a database"),
    ],
)
def test_a_wrong_database_is_refused_untouched(
    tmp_path: Path, make: Callable[[Path], None], found: str
) -> None:
    home = tmp_path / "runs"
    home.mkdir()
    make(home / "wmjax.db")
    before = _state(home)
    with pytest.raises(StoreError) as caught:
        RunStore(home)
    error = caught.value
    assert error.exit_status == 2 and found in error.found
    assert str(home / "wmjax.db") in error.place and error.wanted and error.hint
    assert _state(home) == before


def test_a_file_in_place_of_the_folder(tmp_path: Path) -> None:
    home = tmp_path / "runs"
    home.write_text("mine")
    with pytest.raises(StoreError, match="runs"):
        RunStore(home)
    assert home.read_text() == "mine"


@pytest.mark.skipif(sys.platform != "linux", reason="/proc is Linux's")
def test_an_unwritable_folder(tmp_path: Path) -> None:
    store = RunStore("/proc/wmjax/runs")
    assert store.list() == []
    with pytest.raises(StoreError, match="/proc/wmjax/runs"), store.start("run", config={}):
        pass
    for path in ("/proc", "/proc/wmjax/runs"):
        with pytest.raises(StoreError, match=path):
            preflight(path)


def test_preflight_wants_room(tmp_path: Path) -> None:
    preflight(tmp_path / "a" / "b", 10_000)
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(StoreError) as caught:
        preflight(tmp_path / "a" / "b", 10**18)
    assert "iB free" in caught.value.found and "TiB for this run" in caught.value.wanted
    assert list(tmp_path.iterdir()) == []


def test_preflight_leaves_an_existing_folder_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "kept.txt").write_text("x")
    preflight(tmp_path)
    preflight(str(tmp_path))
    assert _state(tmp_path).keys() == {"kept.txt"}


@pytest.mark.parametrize("below", ["", "deeper/still"])
def test_preflight_refuses_a_file(tmp_path: Path, below: str) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(StoreError, match="folder in which files can be made"):
        preflight(tmp_path / "file" / below)
    assert (tmp_path / "file").read_text() == "x"


def test_preflight_refuses_a_name_too_long(tmp_path: Path) -> None:
    with pytest.raises(StoreError):
        preflight(tmp_path / "new" / ("x" * 300))
    assert list(tmp_path.iterdir()) == []


_FULL = """
import resource, signal, sys
from wmjax._errors import StoreError
from wmjax.store import RunStore
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
with RunStore(sys.argv[1]).start("run", config={}) as run:
    resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, resource.RLIM_INFINITY))
    try:
        run.save_json("big", list(range(200_000)))
    except StoreError as error:
        print(error)
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)
"""


def test_a_disk_that_refuses_leaves_no_half_file(tmp_path: Path) -> None:
    """A limit on the size of files stands for a full disk."""
    done = subprocess.run(
        [sys.executable, "-c", _FULL, str(tmp_path)], capture_output=True, text=True, check=True
    )
    assert "big.json" in done.stdout and "File too large" in done.stdout
    (record,) = RunStore(tmp_path).list()
    assert record.status == "done" and record.files == ()
    assert [p.name for p in record.folder.iterdir()] == [".lock"]
