"""Configurations come back as they went in; secrets do not go in; commands repeat runs."""

from __future__ import annotations

import dataclasses
import enum
import math
import shlex
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hydra.core.override_parser.overrides_parser import OverridesParser
from hypothesis import given, settings
from hypothesis import strategies as st
from omegaconf import OmegaConf

from wmjax._errors import StoreError
from wmjax.store import RunStore, redact
from wmjax.store._command import from_config, repeat
from wmjax.store._text import exact, plain, standard


KEYS = st.text(st.characters(codec="utf-8"), max_size=8)
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12)
JSON = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4)
)


@pytest.fixture(scope="module")
def shared() -> Any:
    with tempfile.TemporaryDirectory() as folder:
        yield RunStore(Path(folder))


@settings(max_examples=60, deadline=None)
@given(config=st.dictionaries(KEYS, JSON, max_size=4), seed=JSON)
def test_a_configuration_comes_back(shared: RunStore, config: dict[str, Any], seed: Any) -> None:
    with shared.start("run", config=config, seed=seed) as run:
        pass
    record = shared.get(run.id)
    assert exact(record.config) == exact(redact(config))  # as text, for NaN is not equal to itself
    assert exact(record.seed) == exact(seed)


@given(JSON)
def test_plain_json_stays_itself(value: Any) -> None:
    assert exact(plain(value)) == exact(value)


class Colour(enum.Enum):
    RED = "red"


@dataclasses.dataclass
class Point:
    x: float
    where: Path


def test_richer_values_become_json() -> None:
    value = {
        "array": np.arange(3.0),
        "scalar": np.float32(0.5),
        "flag": np.bool_(True),
        "point": Point(1.0, Path("a/b")),
        "colour": Colour.RED,
        "set": {2, 1},
        "config": OmegaConf.create({"a": [1, "${..b}"], "b": 5}),
        3: (1, 2),
    }
    assert plain(value) == {
        "array": [0.0, 1.0, 2.0],
        "scalar": 0.5,
        "flag": True,
        "point": {"x": 1.0, "where": "a/b"},
        "colour": "red",
        "set": [1, 2],
        "config": {"a": [1, 5], "b": 5},
        "3": [1, 2],
    }


def test_what_json_cannot_tell_apart_is_refused() -> None:
    with pytest.raises(StoreError, match="differ only in type"):
        plain({1: "a", "1": "b"})


def test_files_for_others_are_strict_json() -> None:
    text = standard({"a": [math.nan, math.inf, 1.5], "b": "NaN"})
    assert "null" in text and "Infinity" not in text and "1.5" in text and '"NaN"' in text


SECRET = "sk-ant-api03-abcDEF_123-456ghiJKL"


@pytest.mark.parametrize(
    "key",
    ["key", "api_key", "apiKey", "OPENAI_API_KEY", "llm.api-key", "token", "accessToken",
     "password", "db_password", "client_secret", "Authorization"],
)  # fmt: skip
def test_values_of_secret_keys_are_hidden(key: str) -> None:
    assert redact({"a": {key: "hunter2"}}) == {"a": {key: "***"}}


def test_ordinary_settings_stay() -> None:
    config = {"max_tokens": 512, "tokenizer": "bpe", "monkey": "x", "keyframe": "y", "key": 0,
              "api_key_env": "OPENAI_API_KEY", "token": None, "password": "", "author": "me",
              "solver": "rk_4_with_a_long_name_2", "hub": "hf_model_checkpoint_2024",
              "hash": "0" * 64, "path": "/a:b@c", "url": "http://host:8000/v1"}  # fmt: skip
    assert redact(config) == config


@pytest.mark.parametrize(
    "secret",
    [SECRET, "sk-proj-abc_DEF-0123456789xyz", "ghp_" + "a1" * 18, "AKIA" + "A1B2C3D4E5F6G7H8",
     "AIza" + "x" * 35, "hf_" + "aB3" * 11, "xoxb-123456789012-abc", "gsk_" + "a1B2" * 10,
     "eyJhbGciOiJI.eyJzdWIiOiIx.abc"],
)  # fmt: skip
def test_what_looks_like_a_secret_is_hidden_anywhere(secret: str) -> None:
    value = {"note": f"use {secret}, please", "list": [secret]}
    assert redact(value) == {"note": "use ***, please", "list": ["***"]}


def test_secrets_in_addresses_headers_and_nests() -> None:
    assert redact("https://me:pw@host/x") == "https://***@host/x"
    assert redact("Authorization: Bearer abcdefghijklmnop1") == "Authorization: Bearer ***"
    assert redact({"secrets": {"a": "x", "b": [1, "y"]}}) == {
        "secrets": {"a": "***", "b": ["***", "***"]}
    }


def test_secrets_of_the_environment_are_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_SERVER_TOKEN", "an-unusual-form-of-token")
    assert redact({"header": "x an-unusual-form-of-token"}) == {"header": "x ***"}


def test_no_byte_of_the_store_holds_a_secret(tmp_path: Path) -> None:
    store = RunStore(tmp_path / "runs")
    with pytest.raises(ValueError):
        with store.start(
            "run",
            config={"llm": {"api_key": "hunter2hunter2", "url": f"http://u:{SECRET}@h"}},
            spec={"name": f"oops {SECRET}", "variables": {"token": {"kind": "stock"}}},
            argv=["run", "llm.api_key=hunter2hunter2", f"--note={SECRET}"],
        ) as run:
            run.event("note", f"sent {SECRET}")
            raise ValueError(f"401 for {SECRET}")
    files = [path for path in store.path.rglob("*") if path.is_file()]
    assert any(path.name == "wmjax.db" for path in files)
    for path in files:
        assert SECRET.encode() not in path.read_bytes(), path
        assert b"hunter2" not in path.read_bytes(), path
    assert '"kind": "stock"' in store.get(run.id).spec_path.read_text()


def test_the_command_is_what_was_typed() -> None:
    argv = ["model=my pond.mdl", "+scenario=a'b", "-m", "llm.api_key=***"]
    words = shlex.split(repeat("run", argv, {}, ["model=x/spec.json"]))
    assert words == ["wmjax", "run", "+scenario=a'b", "-m", "model=x/spec.json"]


@pytest.mark.parametrize(
    "argv",
    [["/usr/bin/wmjax", "run", "a=1"], ["run", "a=1"], ["a=1"], ["x/__main__.py", "run", "a=1"]],
)  # fmt: skip
def test_a_command_line_may_begin_anywhere(tmp_path: Path, argv: list[str]) -> None:
    store = RunStore(tmp_path)
    with store.start("run", config={}, argv=argv) as run:
        pass
    assert store.get(run.id).command() == "wmjax run a=1"


PRINTED = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Zl", "Zp"]), max_size=10)
SETTINGS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | PRINTED,
    lambda inner: st.lists(inner, max_size=3),
)
WORDS = st.text("abcxyz", min_size=1, max_size=5)


@settings(deadline=None)  # a busy machine is no failure
@given(st.dictionaries(WORDS, SETTINGS | st.dictionaries(WORDS, SETTINGS, min_size=1, max_size=3)))
def test_hydra_reads_the_command_as_the_configuration(config: dict[str, Any]) -> None:
    parser = OverridesParser.create()
    read = OmegaConf.create()
    for word in from_config(config):
        override = parser.parse_override(word)
        assert override.key_or_group is not None
        OmegaConf.update(read, override.key_or_group, _literal(override.value()), force_add=True)
    assert {k: read[k] for k in read} == config


def _literal(value: Any) -> Any:
    """Hydra's quoted strings as strings."""
    if isinstance(value, list):
        return [_literal(item) for item in value]
    return value.text if hasattr(value, "text") else value
