"""`wmjax generate` and `wmjax refine` from the command line."""

import json

import pandas as pd
import pytest

from tests.structure_gen.author import answer
from tests.structure_gen.worlds import world
from wmjax.app import main
from wmjax.spec import check_spec, load_spec, save_spec
from wmjax.store import RunStore


def _script(path, monkeypatch):
    """The scripted author, behind the setting `llm=scripted`."""
    from wmjax.llm import scripted

    path.write_text("[]")
    monkeypatch.setattr("wmjax.llm._providers._scripted.from_file", lambda *_: scripted(answer))


def test_a_paragraph_becomes_a_valid_model_and_the_store_knows_the_calls(
    tmp_path, monkeypatch, capsys
):
    script = tmp_path / "answers.json"
    _script(script, monkeypatch)
    out = tmp_path / "asia.yaml"
    words = ["generate", "brief=how do AI, energy and ageing shape East Asia to 2060?",
             "llm=scripted", f"llm.path={script}", "depth=2", f"output={out}"]  # fmt: skip
    assert main(words) == 0
    assert not [i for i in check_spec(load_spec(str(out))) if i.severity == "error"]
    said = capsys.readouterr().out
    assert "fields written by a language model" in said
    assert "language models: " in said.splitlines()[-1] and "0 failed" in said.splitlines()[-1]
    store = RunStore()
    (record,) = store.list()
    assert {m.name for m in store.metrics(record.id)} >= {"kept", "repaired", "rejected"}
    assert (record.folder / "answers" / "actors").is_dir()


def test_a_spent_budget_is_status_4_and_can_be_resumed(tmp_path, monkeypatch, capsys):
    script = tmp_path / "answers.json"
    _script(script, monkeypatch)
    words = ["generate", "brief=East Asia to 2060", "llm=scripted", f"llm.path={script}",
             "depth=2", "calls=3"]  # fmt: skip
    assert main(words) == 4
    told = capsys.readouterr()
    assert "wmjax runs resume" in told.err and "(3 calls)" in told.err
    assert "language models: 3 calls" in told.out
    (record,) = RunStore().list()
    assert record.status == "interrupted"
    assert load_spec(str(record.folder / "generated.yaml")).variables  # what there is, is kept
    assert main(["runs", "resume", record.id, "calls=1000"]) == 0
    assert "Incomplete" not in capsys.readouterr().out


def test_without_time_or_without_a_server_the_spec_is_kept_and_the_run_can_go_on(
    tmp_path, monkeypatch, capsys
):
    from wmjax.llm import Unavailable, scripted

    script, answers = tmp_path / "answers.json", [lambda _: Unavailable("down")]
    script.write_text("[]")
    made = lambda *_: scripted(lambda request: answers[0](request))  # noqa: E731
    monkeypatch.setattr("wmjax.llm._providers._scripted.from_file", made)
    words = ["generate", "brief=East Asia to 2060", "llm=scripted", f"llm.path={script}",
             "depth=2", f"output={tmp_path / 'x.yaml'}"]  # fmt: skip
    assert main([*words, "seconds=0"]) == 4
    assert "the time of 0 s is over" in capsys.readouterr().err
    assert main(words) == 1
    told = capsys.readouterr()
    assert "NO ANSWER" in told.out and "Unavailable: down" in told.err
    assert load_spec(str(tmp_path / "x.yaml")).variables
    record = RunStore().list()[0]
    assert record.status == "failed" and record.id in told.err
    answers[0] = answer
    assert main(["runs", "resume", record.id]) == 0
    assert "NO ANSWER" not in capsys.readouterr().out


def test_a_structure_is_read_from_data_without_a_language_model(tmp_path, capsys):
    years = range(1960, 2021)
    table = pd.DataFrame({"time": years, "people": [3 * 1.02 ** (y - 1960) for y in years]})
    table.to_csv(tmp_path / "seen.csv", index=False)
    out = tmp_path / "read.yaml"
    words = ["generate", "llm=null", f"output={out}"]
    assert main([*words, f"observations={tmp_path / 'seen.csv'}"]) == 0
    assert load_spec(str(out)).variables["people"].observed == "people"
    assert main([*words, "observations=world.gdp_2015usd"]) == 0
    assert "gdp_2015usd" in load_spec(str(out)).variables
    capsys.readouterr()
    assert main(words) == 2
    assert "observations=FILE.csv" in capsys.readouterr().err


@pytest.mark.slow
def test_a_search_from_the_command_line_ends_with_a_better_model(tmp_path, capsys):
    hidden = world(3000)
    save_spec(hidden.draft, tmp_path / "draft.yaml")
    table: pd.DataFrame = hidden.observations.to_dataframe()
    table.to_csv(tmp_path / "seen.csv")
    out = tmp_path / "better.yaml"
    words = ["refine", f"model={tmp_path / 'draft.yaml'}", f"observations={tmp_path / 'seen.csv'}",
             "origins=4", "wanted=6", "rounds=2", f"output={out}"]  # fmt: skip
    assert main(words) == 0
    assert "Validation score" in capsys.readouterr().out
    store = RunStore()
    (record,) = store.list()
    metrics = {m.name: m.value for m in store.metrics(record.id)}
    assert metrics["score"] >= metrics["draft_score"]
    lineage = json.loads((record.folder / "lineage.json").read_text())
    assert lineage["rounds"][0]["trials"][0]["proposal"]["origin"] == "data"
    assert load_spec(str(out)).variables


@pytest.mark.parametrize(("words", "place"), [
    (["generate"], "brief"),
    (["generate", "brief=x", "depth=7"], "depth"),
    (["generate", "brief=x", "start=2000", "end=1990"], "end"),
    (["refine", "model=world", "test=0.9"], "test"),
    (["refine", "model=world", "llm=nobody"], "llm"),
])  # fmt: skip
def test_mistakes_are_named(words, place, capsys):
    assert main(words) == 2
    assert place in capsys.readouterr().err


