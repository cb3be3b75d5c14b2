"""Help costs nothing and leaves nothing out."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
import yaml

from wmjax._resources import resource_dir
from wmjax.app._verbs import VERBS


_HEAVY = ("jax", "hydra", "omegaconf", "pydantic", "numpy", "pandas", "rich", "yaml")


@pytest.mark.parametrize("words", [["--help"], ["run", "--help"], ["nonsense"]])
def test_help_and_typos_load_nothing_heavy(words) -> None:
    code = (
        "import sys; from wmjax.app import main; main(sys.argv[1:])\n"
        f"print([m for m in {_HEAVY!r} if m in sys.modules], file=sys.stderr)"
    )
    command = [sys.executable, "-c", code, *words]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stderr.splitlines()[-1] == "[]"


def test_help_takes_less_than_half_a_second_of_cpu() -> None:
    command = [sys.executable, "-m", "wmjax", "--help"]
    started = os.times()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    ended = os.times()
    used = ended.children_user + ended.children_system
    assert used - started.children_user - started.children_system < 0.5


def test_overview_names_every_verb_with_an_example(wm) -> None:
    said = wm("--help")
    assert said.status == 0
    for verb in VERBS:
        assert verb.summary in said.out
        assert verb.example in said.out


@pytest.mark.parametrize("verb", VERBS, ids=lambda v: v.name)
def test_help_of_a_verb_explains_every_key(wm, verb) -> None:
    said = wm(verb.name, "--help").out
    root = yaml.safe_load((resource_dir("conf") / f"{verb.name}.yaml").read_text())
    keys = [k for k in root if k != "defaults"]
    for default in root["defaults"]:
        if isinstance(default, dict):
            ((group, option),) = default.items()
            if group == "experiment":  # sets keys of the verb, has none of its own
                continue
            for inner in (resource_dir("conf") / group).glob(f"{option or '*'}.yaml"):
                inside = yaml.safe_load(inner.read_text())
                keys += [f"{group}.{k}" for k in inside if k != "defaults"]
    for key in dict.fromkeys(keys):
        (line,) = [text for text in said.splitlines() if text.startswith(f"  {key}=")]
        assert len(line.split("  ")[-1]) > 5, f"{key} has no meaning"


@pytest.mark.parametrize("verb", VERBS, ids=lambda v: v.name)
def test_settings_of_every_verb_compose(wm, verb) -> None:
    said = wm(verb.name, "--cfg", "job")
    assert said.status == 0
    assert set(yaml.safe_load(said.out)) > {"store"}


def test_version(wm) -> None:
    assert wm("--version").out.startswith("wmjax 0.")
