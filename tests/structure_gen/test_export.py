"""Records of actors, and back without loss."""

import csv
import json

import pytest

from structure_gen import export, generate, import_actors, records
from tests.structure_gen.author import answer
from wmjax import UserError
from wmjax.llm import language_model, scripted
from wmjax.spec import load_spec


@pytest.fixture(scope="module")
def spec():
    return generate("East Asia to 2060", llm=language_model(scripted(answer))).spec


@pytest.mark.parametrize("name", ["a.actors.json", "a.csv", "a.yaml", "a.json"])
def test_what_is_exported_comes_back_the_same(spec, tmp_path, name):
    path = export(spec, tmp_path / name)
    read = import_actors if name in ("a.actors.json", "a.csv") else load_spec
    assert read(path) == spec
    assert read(path).hash == spec.hash


def test_records_have_the_shape_that_other_programs_read(spec):
    china = next(r for r in records(spec) if r["name"] == "China")
    assert china["level"] == 2
    assert china["influence_score"] == 0.6
    assert china["connections"] == ["World.gdp"]
    assert china["parameters"]["China.research_effort"] == 0.02
    assert china["parameters"]["China.gdp"] == spec.variables["China.gdp.start"].value
    assert china["actions"]["China.research_effort"]["actions"] == ["increase", "decrease", "hold"]


def test_a_table_edited_elsewhere_changes_the_actor(spec, tmp_path):
    path = export(spec, tmp_path / "actors.csv")
    with open(path, encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    rows[1]["influence_score"] = "0.9"
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
    again = import_actors(path)
    assert again.actors[1].influence == 0.9
    assert again.variables == spec.variables
    rows[1]["influence_score"] = "9"
    path.write_text(path.read_text().replace("0.9", "9"))
    with pytest.raises(UserError, match="between 0 and 1"):
        import_actors(path)


def test_another_file_is_refused(spec, tmp_path):
    path = export(spec, tmp_path / "a.actors.json")
    document = json.loads(path.read_text())
    assert document["metadata"]["hash"] == spec.hash
    document["metadata"]["version"] = 99
    path.write_text(json.dumps(document))
    with pytest.raises(UserError, match="version 99"):
        import_actors(path)
