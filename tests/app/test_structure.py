"""`wmjax generate` and `wmjax refine` from the command line."""

import json
from contextlib import suppress
from types import SimpleNamespace

import pandas as pd
import pytest
import yaml

from structure_gen import generate
from tests.structure_gen.author import answer
from tests.structure_gen.worlds import world
from wmjax._resources import resource_dir
from wmjax.app import main
from wmjax.llm import language_model, scripted
from wmjax.spec import check_spec, load_spec, save_spec
from wmjax.store import RunStore


def _script(path, monkeypatch):
    """The scripted author, behind the setting `llm=scripted`."""
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
    capsys.readouterr()
    assert main(["runs", "costs", "by=parameter"]) == 0
    assert "China.gdp" in capsys.readouterr().out
    (answered, *_) = sorted((record.folder / "answers" / "links").glob("*.json"))
    before = len(list(store.exchanges(record.id)))
    answered.unlink()
    assert main(["runs", "resume", record.id]) == 0
    assert answered.is_file() and len(list(store.exchanges(record.id))) == before + 1


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
    from wmjax.llm import Unavailable

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


def test_actors_are_exported_and_come_back_with_edits_that_were_reviewed(tmp_path, capsys):
    spec = world(3000).draft
    save_spec(spec, tmp_path / "draft.yaml")
    edit = {"edit": "add_connection", "connection": {"from": "x1", "to": "in0", "form": "linear"}}
    (tmp_path / "edits.json").write_text(json.dumps([{"edit": edit}]))
    chain = ["draft.yaml", "a.csv", "b.actors.json", "c.yaml"]
    for old, new in zip(chain, chain[1:], strict=False):
        assert main(["convert", f"model={tmp_path / old}", f"output={tmp_path / new}"]) == 0
    assert load_spec(str(tmp_path / "c.yaml")) == spec
    words = ["convert", f"model={tmp_path / 'a.csv'}", f"edits={tmp_path / 'edits.json'}",
             f"output={tmp_path / 'd.yaml'}"]  # fmt: skip
    assert main(words) == 0
    assert load_spec(str(tmp_path / "d.yaml")).connections[-1].source == "x1"
    assert main(words) == 0
    (tmp_path / "edits.json").write_text("[{}]")
    assert main(words) == 2
    assert "a JSON list of edits" in capsys.readouterr().err


@pytest.mark.slow
def test_a_search_without_a_budget_for_calls_is_saved_and_goes_on_and_news_become_edits(
    tmp_path, monkeypatch, capsys
):
    script, answers = tmp_path / "answers.json", []
    idea = {"actor": "Tea Union", "category": "activist", "quantity": "strikes", "target": "in0",
            "percent_after_ten_years": 80, "polarity": "-", "reasoning": "wages"}  # fmt: skip

    def reply(request):
        answers.append(request.purpose)
        return {"extensions": [idea]} if request.purpose == "extend" else {"ideas": []}

    script.write_text("[]")
    monkeypatch.setattr("wmjax.llm._providers._scripted.from_file", lambda *_: scripted(reply))
    hidden = world(3000)
    save_spec(hidden.draft, tmp_path / "draft.yaml")
    hidden.observations.to_dataframe().to_csv(tmp_path / "seen.csv")
    out = tmp_path / "better.yaml"
    words = ["refine", f"model={tmp_path / 'draft.yaml'}", f"observations={tmp_path / 'seen.csv'}",
             "origins=2", "wanted=2", "rounds=1", f"output={out}", "llm=scripted",
             f"llm.path={script}"]  # fmt: skip
    assert main([*words, "calls=0"]) == 4
    told = capsys.readouterr()
    assert "(0 calls) is spent" in told.err and out.is_file()
    assert "of 2 proposals" in told.out  # of the data
    record = RunStore().list()[0]
    assert record.status == "interrupted"
    assert main(["runs", "resume", record.id, "calls=5"]) == 1  # no idea fits: an empty list
    assert "Invalid" in capsys.readouterr().err and answers
    assert main([*words, "news=strikes, perhaps for long"]) == 1
    record = RunStore().list()[0]
    (proposal,) = json.loads((record.folder / "extensions.json").read_text())
    assert "Tea Union" in proposal["words"]


def test_the_first_stage_of_the_demo_is_bounded(monkeypatch, tmp_path):
    """Drafting and search are given times that add up to less than the 70 s of the stage."""
    from wmjax.app import _demo_structure as stage

    said = yaml.safe_load((resource_dir("conf") / "demo.yaml").read_text())
    assert stage._DRAFTING + said["structure_seconds"] <= 70
    asked = {}

    def drafted(*_, **settings):
        asked["draft"] = settings["seconds"]
        return generate("East Asia", llm=language_model(scripted(answer)))

    def refined(*_, **settings):
        asked["search"] = settings["budget"].seconds
        raise InterruptedError

    monkeypatch.setattr("structure_gen.generate", drafted)
    monkeypatch.setattr("structure_gen.refine", refined)
    settings = SimpleNamespace(llm={"provider": "scripted", "path": "x"}, brief="East Asia",
                               structure_seconds=said["structure_seconds"], money=None,
                               tokens=None, calls=None)  # fmt: skip
    monkeypatch.setattr("wmjax.llm._providers._scripted.from_file", lambda *_: scripted(answer))
    with RunStore(tmp_path).start("demo", config={}) as run, suppress(InterruptedError):
        stage.structure_stage(settings, run)
    assert asked == {"draft": stage._DRAFTING, "search": said["structure_seconds"]}


@pytest.mark.parametrize(("words", "place"), [
    (["generate"], "brief"),
    (["generate", "brief=x", "depth=7"], "depth"),
    (["generate", "brief=x", "start=2000", "end=1990"], "end"),
    (["refine", "model=world", "test=0.9"], "test"),
    (["refine", "model=world", "llm=nobody"], "llm"),
    (["refine", "model=world", "news=war"], "news"),
])  # fmt: skip
def test_mistakes_are_named(words, place, capsys):
    assert main(words) == 2
    assert place in capsys.readouterr().err


