"""From words to what Hydra parses."""

from __future__ import annotations

import pytest

from wmjax._errors import UserError
from wmjax.app._verbs import find_verb
from wmjax.app._words import hydra_arguments


def _overrides(verb: str, *words: str) -> list[str]:
    return hydra_arguments(find_verb(verb), list(words))[1]


def test_only_literal_values_are_quoted() -> None:
    assert _overrides("run", "model=a,b", "start=1", "+output=x y") == [
        "model='a,b'", "start=1", "+output='x y'",
    ]  # fmt: skip


def test_names_of_parameters_are_free() -> None:
    assert _overrides("run", "parameters.rate=0.1") == ["++parameters.rate=0.1"]


def test_flags_come_before_overrides_in_any_order() -> None:
    flags, overrides = hydra_arguments(find_verb("run"), ["a=1", "-m", "b=2", "--cfg", "job"])
    assert (flags, overrides) == (["-m", "--cfg=job"], ["a=1", "b=2"])


def test_bare_words_become_action_and_names() -> None:
    words = _overrides("data", "fetch", "https://example.org/a.csv?b=1,2", "table=t")
    assert words == ["table=t", "action=fetch", "names=['https://example.org/a.csv?b=1,2']"]


def test_null_means_nothing_given() -> None:
    assert _overrides("run", "output=null") == ["output=null"]


def test_all_mistakes_are_told_at_once() -> None:
    with pytest.raises(UserError) as caught:
        hydra_arguments(find_verb("runs"), ["--foo", "--cfg=bar", "lits"])
    for part in ("--foo", "--cfg", "'list'"):
        assert part in str(caught.value)
