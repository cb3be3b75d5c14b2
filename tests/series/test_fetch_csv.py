"""`fetch_csv` against a loopback server: what is kept, what is refused."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from wmjax._errors import DataError, UserError, UserErrors
from wmjax.series import catalogue, describe, fetch_csv, load_observations, series_values
from wmjax.series._cache import cached_tables, keep_table


_TABLE = (
    b"# measured at a station\nEntity,Code,Year,co2\nWorld,OWID_WRL,2000,368.96\n"
    b"World,OWID_WRL,2001,370.5\nIndia,IND,2000,1\n"
)
_PICK = {"columns": {"Year": "time", "co2": "co2"}, "where": {"Entity": "World"}}


def _serve(replay, table: bytes = _TABLE) -> str:
    replay.answers["/co2.csv"] = (200, "text/csv", table)
    return replay.address + "/co2.csv"


def _fetch(replay, **stated):
    said = {**_PICK, "units": {"co2": "ppm"}, "licence": "CC0", "source": "a station", **stated}
    return fetch_csv(_serve(replay), "station", **said)


def test_a_table_is_kept_and_found(replay, cache: Path) -> None:
    one = _fetch(replay, note="station only")["cache.station.co2"]
    assert one.times.tolist() == [2000, 2001] and one.values.tolist() == [368.96, 370.5]
    assert (one.unit, one.source, one.licence) == ("ppm", "a station", "CC0")
    replay.answers.clear()
    assert series_values("cache.station.co2").values.tolist() == [368.96, 370.5]
    assert list(load_observations("cache.station")) == ["cache.station.co2"]
    entry = catalogue()[-1]
    assert (entry.id, entry.unit, entry.n, entry.licence) == ("cache.station.co2", "ppm", 2, "CC0")
    assert "station only" in describe("cache.station.co2")


def test_date_source_and_licence_stand_beside(replay, cache: Path) -> None:
    _fetch(replay)
    (version,) = (cache / "station").iterdir()
    assert version.name == datetime.now(UTC).date().isoformat()
    said = json.loads((version / "meta.json").read_text())
    assert said["address"].endswith("/co2.csv")
    assert said["source"] == "a station" and said["licence"] == "CC0"
    assert datetime.fromisoformat(said["fetched"]).date().isoformat() == version.name
    assert (version / "table.csv").read_text() == "time,co2\n2000,368.96\n2001,370.5\n"


def test_a_second_fetch_is_a_new_version(replay, cache: Path) -> None:
    _fetch(replay)
    (first,) = (cache / "station").iterdir()
    before = (first / "table.csv").read_bytes()
    replay.answers["/co2.csv"] = (200, "text/csv", b"Entity,Year,co2\nWorld,2000,1\n")
    again = fetch_csv(replay.address + "/co2.csv", "station", units={"co2": "ppm"}, **_PICK)
    assert again["cache.station.co2"].values.tolist() == [1]
    assert load_observations("cache.station")["cache.station.co2"].values.tolist() == [1]
    assert (first / "table.csv").read_bytes() == before
    assert sorted(p.name for p in (cache / "station").iterdir()) == [
        first.name,
        first.name + ".2",
    ]


def test_the_tenth_version_of_a_day_is_the_newest(cache: Path) -> None:
    for k in range(12):
        keep_table("many", f"time,x\n0,{k}\n", {}, None)
    assert load_observations("cache.many")["cache.many.x"].values.tolist() == [11]


def test_writers_at_once_all_keep_their_version(cache: Path) -> None:
    def write(k: int) -> None:
        keep_table("many", f"time,x\n0,{k}\n", {}, None)

    threads = [threading.Thread(target=write, args=(k,)) for k in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    kept = {(p / "table.csv").read_text() for p in (cache / "many").iterdir()}
    assert kept == {f"time,x\n0,{k}\n" for k in range(16)}


def test_a_draft_of_a_killed_writer_is_not_a_version(cache: Path) -> None:
    (cache / "half" / ".draft-1").mkdir(parents=True)
    (cache / ".DS_Store").write_text("")
    assert cached_tables() == []


def test_another_folder_can_be_named(replay, cache: Path, tmp_path: Path) -> None:
    found = _fetch(replay, cache=tmp_path / "mine")
    assert list(found) == ["cache.station.co2"] and not cache.exists()


@pytest.mark.parametrize("name", ["", "../world", "a/b", ".hidden", "a.b", "x" * 81])
def test_names_that_are_no_words(replay, cache: Path, name: str) -> None:
    with pytest.raises(DataError, match="plain word"):
        fetch_csv(_serve(replay), name)
    assert replay.asked == []


@pytest.mark.parametrize(
    "address", ["file:///etc/hostname", "ftp://x/y", "co2.csv", "http://", "http://[", "data:,x"]
)
def test_only_http(cache: Path, address: str) -> None:
    with pytest.raises(DataError, match="http"):
        fetch_csv(address, "x")


def test_a_redirect_may_not_leave_http(replay, cache: Path) -> None:
    replay.answers["/co2.csv"] = (302, "file:///etc/hostname", b"")
    with pytest.raises(DataError, match="http"):
        fetch_csv(replay.address + "/co2.csv", "x")
    replay.answers["/co2.csv"] = (302, "/moved.csv", b"")
    replay.answers["/moved.csv"] = (200, "text/csv", b"time,x\n0,1\n")
    assert len(fetch_csv(replay.address + "/co2.csv", "x")) == 1


def test_offline_is_said_in_one_line(replay, cache: Path) -> None:
    address = _serve(replay)
    replay.stop()
    with pytest.raises(DataError) as caught:
        fetch_csv(address, "x")
    assert caught.value.found.startswith("offline: ") and "\n" not in str(caught.value)
    assert caught.value.exit_status == 2


def test_answers_that_are_no_table(replay, cache: Path) -> None:
    with pytest.raises(DataError, match="404"):
        fetch_csv(replay.address + "/none.csv", "x")
    with pytest.raises(UserError):
        fetch_csv(_serve(replay, b"<!doctype html><html></html>"), "x")
    with pytest.raises(UserErrors, match="Entity"):
        fetch_csv(_serve(replay), "x")
    with pytest.raises(DataError, match="more than 10 bytes"):
        fetch_csv(_serve(replay), "x", max_bytes=10)
    with pytest.raises(DataError, match="no such column"):
        fetch_csv(_serve(replay), "x", columns={"Jahr": "time"})
    with pytest.raises(DataError, match="no row"):
        fetch_csv(_serve(replay), "x", where={"Entity": "Mars"})
    assert not cache.exists()


def test_a_server_that_does_not_answer(replay, cache: Path) -> None:
    def slow(path: str) -> tuple[int, str, bytes]:
        time.sleep(0.6)
        return 200, "text/csv", b"time,x\n0,1\n"

    replay.answers["/co2.csv"] = slow
    with pytest.raises(DataError, match="offline: timed out"):
        fetch_csv(replay.address + "/co2.csv", "x", timeout=0.2)


@pytest.mark.parametrize(
    ("pause", "promised", "part"),
    [(0.05, 10_000, "too long"), (0.0, 10_000, "cut off after 80 bytes")],
)
def test_a_server_that_drips_or_breaks_off(
    cache: Path, pause: float, promised: int, part: str
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def drip() -> None:
            connection, _ = server.accept()
            with connection, contextlib.suppress(OSError):
                connection.recv(10_000)
                head = f"HTTP/1.1 200 OK\r\nContent-Length: {promised}\r\n\r\n"
                connection.sendall(head.encode())
                for _ in range(40):
                    connection.sendall(b"1\n")
                    time.sleep(pause)

        thread = threading.Thread(target=drip)
        thread.start()
        with pytest.raises(DataError, match=part):
            fetch_csv(f"http://127.0.0.1:{server.getsockname()[1]}/x", "x", timeout=0.5)
        thread.join()


def test_a_file_in_the_place_of_the_folder(replay, cache: Path, tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("")
    with pytest.raises(DataError, match="WMJAX_CACHE"):
        _fetch(replay)
