"""What tests of language models share: an answer type, no keys of this machine, no waiting."""

from __future__ import annotations

import pydantic
import pytest

from wmjax.llm import Percent


class Share(pydantic.BaseModel):
    """An answer."""

    name: str
    share: Percent


@pytest.fixture(autouse=True)
def _no_keys(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    for name in ("OPENAI_API_KEY", "ECON_OPENAI", "ANTHROPIC_API_KEY", "OPENAI_BASE_URL",
                 "ANTHROPIC_BASE_URL", "WMJAX_SESSION"):  # fmt: skip
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def share() -> type[pydantic.BaseModel]:
    return Share
