"""Any text reaches the settings as it was typed."""

from __future__ import annotations

from hydra._internal.core_plugins.basic_sweeper import BasicSweeper
from hydra.core.override_parser.overrides_parser import OverridesParser
from hypothesis import example, given, settings
from hypothesis import strategies as st
from omegaconf import OmegaConf

from wmjax.app._quote import quote


_PARSER = OverridesParser.create()
_SPECIAL = st.lists(
    st.sampled_from(["\\", "'", '"', "$", "{", "}", "${", "[", "]", ",", " ", "=", ":", "#", "ж"]),
    max_size=9,
).map("".join)
_ANY = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20)


def _arrives(word: str) -> str:
    (override,) = _PARSER.parse_overrides([word])
    config = OmegaConf.create({"model": None})
    OmegaConf.update(config, "model", override.value())
    return config.model


@settings(deadline=None, max_examples=400)
@given(_SPECIAL | _ANY.filter(lambda text: text != "???"))
@example("a, b=$x [1].yaml")
@example("C:\\models\\")
@example("${oc.env:HOME}")
@example("\\\\${x}\\'")
@example("数据 модель")
def test_text_survives_hydra_and_its_sweeper(text: str) -> None:
    word = f"model={quote(text)}"
    assert _arrives(word) == text
    (override,) = _PARSER.parse_overrides([word])
    (((job,),),) = BasicSweeper.split_arguments([override], None)
    assert _arrives(job) == text
