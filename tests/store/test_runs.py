"""What is recorded of a run comes back, and how it ended is told truly."""

from __future__ import annotations

import datetime
import json
import math
import sqlite3
import threading
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from wmjax._errors import BudgetSpent, StoreError
from wmjax.spec import load_spec
from wmjax.store import RunStore


SPEC = {
    "wmjax": 1,
    "name": "pond",
    "time": {"start": 0, "end": 10, "step": 1},
    "variables": {"water": {"kind": "stock", "initial": "1", "inflows": ["rain"]},
                  "rain": {"kind": "flow", "equation": "0.5"}},
}  # fmt: skip


@pytest.fixture
def store(tmp_path: Path) -> RunStore:
    return RunStore(tmp_path / "runs")


def test_a_record_tells_what_was_run(store: RunStore) -> None:
    config = {"model": "pond", "solver": {"name": "euler", "step": 0.25}, "names": ["a", "b"]}
    before = datetime.datetime.now(datetime.UTC)
    with store.start("run", config=config, spec=SPEC, seed=7, argv=["wmjax", "run", "a=1"]) as run:
        assert store.get(run.id).status == "running"
        assert store.get(run.id).finished is None
    record = store.get(run.id)
    assert record.status == "done" and record.verb == "run"
    assert record.config == config and record.seed == 7 and record.argv == ("a=1",)
    assert record.finished is not None
    assert before <= record.started <= record.finished <= datetime.datetime.now(datetime.UTC)
    assert json.loads(record.spec_path.read_text()) == SPEC
    assert record.code["numpy"] == np.__version__
    assert set(record.code) >= {"wmjax", "python", "jax", "commit", "dirty"}


def test_a_spec_can_be_loaded_again_from_its_run(store: RunStore) -> None:
    spec = load_spec(SPEC)
    with store.start("run", config={}, spec=spec) as run:
        pass
    record = store.get(run.id)
    assert load_spec(record.spec_path) == spec
    assert record.spec_hash == spec.hash


def test_ids_sort_by_time_and_name_the_verb(store: RunStore) -> None:
    ids = []
    for verb in ("run", "fit", "sweep"):
        with store.start(verb, config={}) as run:
            ids.append(run.id)
            assert run.folder == store.path / run.id and run.folder.is_dir()
    assert [record.id for record in store.list()] == ids[::-1]
    assert sorted(i.rsplit("-", 2)[0] for i in ids) == [i.rsplit("-", 2)[0] for i in ids]
    assert [i.split("-")[3] for i in ids] == ["run", "fit", "sweep"]


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (ValueError("no"), "failed"),
        (KeyboardInterrupt(), "interrupted"),
        (BudgetSpent("spent"), "interrupted"),
        (SystemExit(2), "failed"),
        (SystemExit(0), "done"),
    ],
)
def test_an_exception_is_recorded_and_goes_on(
    store: RunStore, error: BaseException, status: str
) -> None:
    with pytest.raises(type(error)) as caught, store.start("run", config={}):
        raise error
    assert caught.value is error
    (record,) = store.list()
    assert record.status == status and record.finished is not None
    kinds = [event.kind for event in store.events(record.id)]
    assert kinds == ([] if status == "done" else [status])


def test_metrics_keep_every_double(store: RunStore) -> None:
    values = [0.1, -0.0, 1e-310, 1.7976931348623157e308, math.inf, -math.inf, math.nan]
    with store.start("fit", config={}) as run:
        for step, value in enumerate(values):
            run.metric("loss", value, step)
        run.metrics({"rmse": np.float32(0.5), "n": np.int64(3)})
    got = store.metrics(run.id)
    assert [m.step for m in got] == [*range(7), None, None]
    np.testing.assert_array_equal([m.value for m in got], [*values, 0.5, 3.0])


def test_text_is_data_whatever_it_says(store: RunStore) -> None:
    evil = "x'); drop table runs; -- \0 \N{SNOWMAN} \udcff"
    with store.start("run", config={evil: evil}, argv=[evil]) as run:
        run.metric(evil, 1.0)
        run.event(evil, evil)
        run.save_json("'; drop table runs; --", {"a": 1})
    record = store.get(run.id)
    assert record.config == {evil: evil} and record.argv == (evil,)
    assert store.metrics(run.id)[0].name == evil.replace("\udcff", "\\udcff")
    assert store.list(verb="'; drop table runs; --") == []
    with pytest.raises(StoreError):
        store.get("' or '1'='1")


def test_files_come_back_as_saved(store: RunStore) -> None:
    years = np.arange(2000.0, 2010.0)
    rng = np.random.default_rng(0)
    dataset = xr.Dataset(
        {"gdp": (("time", "region"), rng.random((10, 2)), {"units": "usd"}), "n": 3},
        coords={"time": years, "region": ["EU", "USA"]},
    )
    table = pd.DataFrame({"a": rng.random(5), "b": [1, 2, 3, 4, 5]}, index=pd.Index(range(5)))
    with store.start("run", config={}) as run:
        nc = run.save_dataset("results", dataset)
        js = run.save_json("scores", {"rmse": np.array([1.5, np.nan]), "path": Path("a/b")})
        csv = run.save_table("table", table)
    with xr.open_dataset(nc, engine="h5netcdf") as back:
        xr.testing.assert_identical(back.load(), dataset)
        assert back["gdp"].encoding["zlib"]
    assert json.loads(js.read_text()) == {"rmse": [1.5, None], "path": "a/b"}
    pd.testing.assert_frame_equal(pd.read_csv(csv, index_col=0), table, check_exact=True)
    assert store.get(run.id).files == (nc, js, csv)


def test_a_slash_in_a_variable_survives_netcdf(store: RunStore) -> None:
    dataset = xr.Dataset({"gdp/head": ("time", [1.0, 2.0])})
    with store.start("run", config={}) as run:
        path = run.save_dataset("results", dataset)
    with xr.open_dataset(path, engine="h5netcdf") as back:
        (name,) = back.data_vars
        assert "/" not in str(name) and back[name].attrs["long_name"] == "gdp/head"
    assert list(dataset.data_vars) == ["gdp/head"] and not dataset["gdp/head"].attrs


def test_results_are_never_overwritten(store: RunStore) -> None:
    dataset = xr.Dataset({"a": ("t", [1.0, 2.0])})
    with store.start("run", config={}, spec=SPEC) as run:
        path = run.save_dataset("results", dataset)
        before = path.read_bytes()
        run.save_dataset("results", dataset)  # the same again is no change
        for save in (
            lambda: run.save_dataset("results", dataset + 1),
            lambda: run.save_json("spec", {}),
        ):
            with pytest.raises(StoreError, match="never overwritten"):
                save()
        assert path.read_bytes() == before
    assert [p.name for p in run.folder.iterdir() if p.name.endswith(".tmp")] == []


@pytest.mark.parametrize("name", ["", "..", "../x", "a/b", "/etc/x", ".hidden", "a\0b", "x" * 300])
def test_a_stored_name_cannot_lead_elsewhere(store: RunStore, name: str) -> None:
    with store.start("run", config={}) as run:
        for save in (run.save_json, run.save_checkpoint):
            with pytest.raises(StoreError, match="plain file name"):
                save(name, lambda path: path.write_text("x"))
    assert [p.name for p in store.path.iterdir() if p.is_dir()] == [run.id]


def test_a_checkpoint_is_replaced_whole_or_not_at_all(store: RunStore) -> None:
    def torn(path: Path) -> None:
        path.write_text("half")
        raise RuntimeError("power cut")

    with store.start("fit", config={}) as run:
        run.save_checkpoint("last.eqx", lambda path: path.write_text("one"))
        run.save_checkpoint("last.eqx", lambda path: path.write_text("two"))
        with pytest.raises(RuntimeError):
            run.save_checkpoint("last.eqx", torn)
        assert run.checkpoint_path("last.eqx").read_text() == "two"
        assert store.get(run.id).files == (run.checkpoint_path("last.eqx"),)


def test_an_unfinished_run_can_be_resumed_and_only_that(store: RunStore) -> None:
    with pytest.raises(ValueError), store.start("fit", config={}) as run:
        run.metric("loss", 2.0, 0)
        raise ValueError("first attempt")
    with store.resume(run.id) as again:
        assert again.id == run.id and store.get(run.id).status == "running"
        again.metric("loss", 1.0, 1)
        with pytest.raises(StoreError, match="works on it"), store.resume(run.id):
            pass
    assert [m.value for m in store.metrics(run.id)] == [2.0, 1.0]
    assert [e.kind for e in store.events(run.id)] == ["failed", "resumed"]
    with pytest.raises(StoreError, match="it is done"), store.resume(run.id):
        pass
    assert store.get(run.id).status == "done"


def test_a_closed_run_refuses_more(store: RunStore) -> None:
    with store.start("run", config={}) as run:
        pass
    with pytest.raises(StoreError, match="closed"):
        run.metric("late", 1.0)


def test_runs_are_found_by_beginning_or_ending(store: RunStore) -> None:
    ids = []
    for _ in range(3):
        with store.start("run", config={}) as run:
            ids.append(run.id)
    for run_id in ids:
        assert store.get(run_id[:-1]).id == run_id
        assert store.get(run_id[-6:]).id == run_id
    with pytest.raises(StoreError) as many:
        store.get(ids[0][:8])
    assert "3 runs" in str(many.value) and ids[1] in str(many.value)
    typo = ids[2][:-8] + "x" + ids[2][-7:]
    with pytest.raises(StoreError) as none:
        store.get(typo)
    assert ids[2] in none.value.hint and none.value.exit_status == 2
    for hopeless in ("", "%", "_" * 8, "zzz"):
        with pytest.raises(StoreError):
            store.get(hopeless)


def test_list_filters(store: RunStore) -> None:
    for verb in ("run", "fit", "run", "run"):
        with store.start(verb, config={}):
            pass
    with pytest.raises(ValueError), store.start("run", config={}):
        raise ValueError
    assert len(store.list()) == 5 and len(store.list(limit=2)) == 2
    assert [r.verb for r in store.list(verb="fit")] == ["fit"]
    assert len(store.list(limit=2, verb="run", status="done")) == 2
    assert len(store.list(status="failed")) == 1
    with pytest.raises(StoreError, match="one of running, done"):
        store.list(status="finished")  # type: ignore[arg-type]


def test_compare_shows_only_what_differs(store: RunStore) -> None:
    ids = []
    for step, loss in ((0.25, 3.0), (0.5, math.nan)):
        config = {"solver": {"name": "euler", "step": step}, "same": [1, 2]}
        with store.start("run", config=config, seed=1) as run:
            run.metrics({"loss": 9.0}, step=0)
            run.metrics({"loss": loss, "n": 4}, step=1)
            ids.append(run.id)
    rows = store.compare(ids)
    assert [(r["kind"], r["name"]) for r in rows] == [("config", "solver.step"), ("metric", "loss")]
    assert [rows[0][i] for i in ids] == [0.25, 0.5]
    assert rows[1][ids[0]] == 3.0 and math.isnan(rows[1][ids[1]])
    assert store.compare([ids[1], ids[1]]) == []


def test_export_holds_everything_and_overwrites_nothing(store: RunStore, tmp_path: Path) -> None:
    with store.start("run", config={"a": 1}, spec=SPEC) as run:
        run.metric("loss", math.nan)
        run.event("note", "hello")
        run.save_checkpoint("last.eqx", lambda path: path.write_bytes(b"123"))
        run.folder.joinpath("out.lnk").symlink_to("/etc/hostname")
    path = store.export(run.id[-6:], tmp_path / "run.zip")
    with zipfile.ZipFile(path) as archive:
        names = sorted(archive.namelist())
        record = json.loads(archive.read(f"{run.id}/record.json"))
    inside = ["checkpoints/last.eqx", "record.json", "spec.json"]
    assert names == [f"{run.id}/{name}" for name in inside]
    assert record["config"] == {"a": 1} and record["metrics"][0]["value"] is None
    assert record["events"][0]["message"] == "hello"
    # SHA-256 of "123", a well-known value
    known = "a665a45920422f9d417e4867efdc4fb8a04a1f3fff1fa07e998e86f7f7a27ae3"
    assert record["files"]["checkpoints/last.eqx"] == known
    assert str(tmp_path) not in json.dumps(record)
    before = path.read_bytes()
    for taken in (path, tmp_path):
        with pytest.raises(StoreError, match="nothing is overwritten"):
            store.export(run.id, taken)
    assert path.read_bytes() == before


def test_parents_are_runs_that_exist(store: RunStore) -> None:
    with store.start("sweep", config={}) as outer:
        with store.start("run", config={}, parent=outer.id[-6:]) as inner:
            pass
    assert store.get(inner.id).parent == outer.id
    with pytest.raises(StoreError), store.start("run", config={}, parent="nobody"):
        pass
    assert len(store.list()) == 2


@pytest.mark.parametrize("verb", ["", "Run", "../x", "a b", "run\n"])
def test_a_verb_is_a_word(store: RunStore, verb: str) -> None:
    with pytest.raises(StoreError, match="verb"), store.start(verb, config={}):
        pass
    assert not store.path.exists()


def test_a_refused_start_leaves_nothing(store: RunStore) -> None:
    bad = {"solver": {"step": object()}}
    with pytest.raises(StoreError, match=r"config\.solver\.step"), store.start("run", config=bad):
        pass
    with pytest.raises(StoreError, match=r"spec\.a"):
        with store.start("run", config={}, spec={"a": b"bytes"}):
            pass
    assert not store.path.exists()


def test_looking_makes_nothing(store: RunStore) -> None:
    assert store.list() == []
    with pytest.raises(StoreError, match="empty"):
        store.get("x")
    store.preflight()
    assert not store.path.exists()


def test_the_place_is_the_argument_then_the_environment_then_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WMJAX_HOME", str(tmp_path / "home"))
    assert RunStore(tmp_path / "here").path == tmp_path / "here"
    assert RunStore().path == tmp_path / "home"
    monkeypatch.setenv("WMJAX_HOME", "")
    assert RunStore().path == tmp_path / "runs"


def test_threads_share_a_run(store: RunStore) -> None:
    with store.start("run", config={}) as run:
        work = [
            threading.Thread(target=lambda t=t: [run.metric(str(t), i, i) for i in range(50)])
            for t in range(4)
        ]
        for thread in work:
            thread.start()
        for thread in work:
            thread.join()
    got = store.metrics(run.id)
    assert len(got) == 200
    assert all([m.step for m in got if m.name == str(t)] == [*range(50)] for t in range(4))


def test_the_database_is_in_wal_mode_with_its_migrations(store: RunStore) -> None:
    with store.start("run", config={}):
        pass
    connection = sqlite3.connect(store.path / "wmjax.db")
    try:
        assert connection.execute("pragma journal_mode").fetchone()[0] == "wal"
        assert connection.execute("pragma foreign_key_check").fetchall() == []
        assert connection.execute("select number from migrations").fetchall() == [(1,), (2,)]
    finally:
        connection.close()


def test_the_ending_of_an_id_is_text_wherever_it_is_typed(store: RunStore) -> None:
    for _ in range(50):
        with store.start("run", config={}) as run:
            ending = run.id.rsplit("-", 1)[1]
        assert len(ending) == 6 and ending.isalpha()  # Hydra reads 601030 and 12e345 as numbers
        assert store.get(ending).id == run.id
