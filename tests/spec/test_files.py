"""Specs on disk: YAML as it is meant, a stable round trip, versions, values that cannot change."""

from __future__ import annotations

import copy
import json
import pickle
from pathlib import Path
from typing import Any

import pydantic
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wmjax import SpecError, UserError
from wmjax.spec import FORMAT, ModelSpec, Parameter, load_scenarios, load_spec, save_spec


_SMALL: dict[str, Any] = {
    "name": "small",
    "time": {"start": 0, "end": 10, "step": 0.5},
    "variables": {
        "x": {"kind": "stock", "initial": 1, "outflows": ["out"]},
        "out": {"kind": "flow", "equation": "k * x"},
        "k": {"kind": "parameter", "value": 0.1},
    },
}


def _written(folder: Path, text: str, name: str = "model.yaml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_numbers_and_words_of_yaml_1_2(tmp_path: Path) -> None:
    spec = load_spec(
        _written(
            tmp_path,
            "name: no\n"
            "dimensions: {country: [NO, SE, ON]}\n"
            "variables:\n"
            "  a: {kind: parameter, value: 1e-5}\n"
            "  b: {kind: parameter, value: -2E+3, unit: 1}\n"
            "  c: {kind: auxiliary, equation: 1e3}\n",
        )
    )
    a, b = spec.variables["a"], spec.variables["b"]
    assert isinstance(a, Parameter) and isinstance(b, Parameter)
    assert (a.value, b.value, b.unit) == (1e-5, -2000.0, "1")
    assert (spec.name, spec.elements("country")) == ("no", ("NO", "SE", "ON"))


@pytest.mark.parametrize("name", ["model.yaml", "model.json"])
def test_a_key_written_twice_is_refused(tmp_path: Path, name: str) -> None:
    text = "name: a\nname: b\nvariables: {}\n"
    if name.endswith("json"):
        text = '{"name": "a", "name": "b", "variables": {}}'
    with pytest.raises(UserError, match="name"):
        load_spec(_written(tmp_path, text, name))


@pytest.mark.parametrize("text", ["a: [1, 2", "\tname: a", "a: b: c", "{" * 5000, "&a [*a]", ""])
def test_broken_yaml_is_a_mistake_of_the_user(tmp_path: Path, text: str) -> None:
    with pytest.raises(UserError):
        load_spec(_written(tmp_path, text))


_words = st.text(
    st.characters(blacklist_categories=["C"], blacklist_characters='"[]'), min_size=1, max_size=12
)
_finite = st.floats(allow_nan=False, allow_infinity=False)
_variables = st.one_of(
    st.fixed_dictionaries({
        "kind": st.just("parameter"), "value": _finite, "unit": st.sampled_from(["", "1", "kg"]),
        "doc": st.text(st.characters(blacklist_categories=["C"]), max_size=20),
    }),
    st.fixed_dictionaries({"kind": st.just("auxiliary"), "equation": _words}),
    st.fixed_dictionaries({
        "kind": st.just("stock"), "initial": st.one_of(_finite, _words),
        "inflows": st.lists(_words, max_size=2),
    }),
)  # fmt: skip
_specs = st.fixed_dictionaries(
    {"name": _words, "variables": st.dictionaries(_words, _variables, max_size=4)}
)


@settings(max_examples=60, deadline=None)
@given(_specs)
def test_a_spec_survives_yaml_and_json(tmp_path_factory: pytest.TempPathFactory, data: Any) -> None:
    spec = load_spec(data)
    folder = tmp_path_factory.mktemp("specs")
    for suffix in ("yaml", "json"):
        path = save_spec(spec, folder / f"model.{suffix}")
        again = load_spec(path)
        assert again == spec
        assert again.hash == spec.hash
        assert save_spec(again, folder / f"again.{suffix}").read_bytes() == path.read_bytes()


def test_the_bundled_model_survives_a_round_trip(tmp_path: Path) -> None:
    spec = load_spec("world")
    for name in ("world.yaml", "world.json"):
        assert load_spec(save_spec(spec, tmp_path / name)) == spec


def test_the_hash_follows_content_and_not_order() -> None:
    variables = _SMALL["variables"]
    turned = {**_SMALL, "variables": dict(reversed(variables.items()))}
    assert load_spec(turned).hash == load_spec(_SMALL).hash
    changed = {**variables, "k": {"kind": "parameter", "value": 0.2}}
    assert load_spec({**_SMALL, "variables": changed}).hash != load_spec(_SMALL).hash


def test_an_older_format_is_brought_up_to_date() -> None:
    time = {"start": 0, "end": 10, "dt": 0.5, "saveper": 1}
    old = load_spec({**_SMALL, "wmjax": 0, "time": time})
    new = load_spec({**_SMALL, "time": {**_SMALL["time"], "save_every": 1}})
    assert old == new
    assert old.wmjax == FORMAT


@pytest.mark.parametrize("version", [99, -1, "1", 1.5, True, None])
def test_other_formats_are_refused(version: Any) -> None:
    with pytest.raises(UserError, match="format"):
        load_spec({**_SMALL, "wmjax": version})


def test_a_spec_is_a_value() -> None:
    spec = load_spec(_SMALL)
    with pytest.raises(pydantic.ValidationError):
        spec.name = "other"  # pyright: ignore
    with pytest.raises(TypeError):
        spec.variables["y"] = spec.variables["x"]  # pyright: ignore
    with pytest.raises(TypeError):
        spec.variables.update({})  # pyright: ignore
    with pytest.raises(TypeError):
        spec.units["kg"] = ""  # pyright: ignore
    assert hash(spec) == hash(load_spec(_SMALL))
    assert load_spec(spec) is spec


def test_all_mistakes_of_format_are_reported_together() -> None:
    with pytest.raises(SpecError) as caught:
        load_spec(
            {
                "nmae": "a",
                "variables": {
                    "x": {"kind": "stokc"},
                    "k": {"kind": "parameter", "value": "much"},
                    "t": {"kind": "lookup", "x": {"points": [1, 0]}, "y": {"points": [1, 2]}},
                },
            }
        )
    found = {(issue.code, issue.path) for issue in caught.value.issues}
    assert ("missing-key", "name") in found
    assert ("unknown-key", "nmae") in found
    assert ("format", "variables.x.kind") in found
    assert ("format", "variables.k.value") in found
    assert ("format", "variables.t") in found
    (key,) = [i for i in caught.value.issues if i.code == "unknown-key"]
    assert "'name'" in key.hint


def test_an_unknown_model_names_the_nearest() -> None:
    with pytest.raises(UserError, match="world"):
        load_spec("wrold")


def test_nothing_is_written_where_nothing_can_be(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(UserError):
        save_spec(load_spec(_SMALL), tmp_path / "file" / "model.yaml")
    with pytest.raises(UserError, match="yaml"):
        save_spec(load_spec(_SMALL), tmp_path / "model.txt")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["file"]


def test_json_holds_plain_data(tmp_path: Path) -> None:
    data = json.loads(save_spec(load_spec(_SMALL), tmp_path / "m.json").read_text())
    assert data["variables"]["out"] == {"kind": "flow", "equation": "k * x"}
    assert ModelSpec.model_validate(data) == load_spec(_SMALL)


def test_scenarios_of_a_folder(tmp_path: Path) -> None:
    _written(tmp_path, "name: high\nparameters: {k: 1}\n", "high.yaml")
    _written(tmp_path, "name: low\nparameters: {k: 0}\n", "low.yaml")
    assert set(load_scenarios(tmp_path)) == {"high", "low"}
    _written(tmp_path, "name: low\nparameter: {}\n", "wrong.yaml")
    with pytest.raises(SpecError):
        load_scenarios(tmp_path)


def test_a_spec_can_be_copied_and_sent_to_another_process() -> None:
    spec = load_spec("world")
    for other in (copy.deepcopy(spec), copy.copy(spec), pickle.loads(pickle.dumps(spec))):
        assert other == spec and other.hash == spec.hash
        with pytest.raises(TypeError, match="a spec is a value"):
            other.variables.clear()
