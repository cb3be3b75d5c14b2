"""The ten lines of the guide are a provider."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from wmjax._errors import UserError
from wmjax.app import main
from wmjax.llm import Budget, ask, language_model, providers, run_async
from wmjax.store import RunStore


_GUIDE = Path(__file__).resolve().parents[2] / "docs" / "language-models.md"


@pytest.fixture
def parrot(tmp_path, monkeypatch) -> None:
    """The provider of the guide, installed as its pyproject says."""
    text = _GUIDE.read_text(encoding="utf-8")
    (code,) = re.findall(r'```python title="parrot.py"\n(.*?)```', text, re.DOTALL)
    (group, point) = re.findall(r'entry-points."(.+?)"\]\n(.+?)\n', text)[0]
    assert len([line for line in code.splitlines() if line]) <= 10
    site = tmp_path / "site"
    info = site / "parrot-1.0.dist-info"
    info.mkdir(parents=True)
    (site / "parrot.py").write_text(code)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: parrot\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[{group}]\n{point.replace(chr(34), '')}\n")
    monkeypatch.syspath_prepend(str(site))
    yield
    sys.modules.pop("parrot", None)


def test_the_provider_of_the_guide_is_found_by_name(parrot) -> None:
    assert "parrot" in providers()
    answer = run_async(language_model("parrot:green").complete(ask("polly")))
    assert (answer.text, answer.model, answer.provider) == ("polly", "green", "parrot")
    assert answer.cost is None and answer.usage.total == 10
    with pytest.raises(UserError, match="llm.price"):
        language_model("parrot", budget=Budget(money=1))
    priced = language_model({"provider": "parrot", "price": {"input": 1, "output": 1}})
    assert run_async(priced.complete(ask("polly"))).cost * 1_000_000 == 10
    with pytest.raises(UserError, match="did you mean 'parrot'"):
        language_model("parot")


def test_the_command_line_finds_it_by_name_too(parrot, capsys) -> None:
    """It is asked, and says what no stage of a generation understands."""
    words = ["generate", "brief=East Asia to 2060", "llm=parrot", "llm.model=green", "depth=1"]
    assert main(words) == 1
    told = capsys.readouterr()
    assert "Invalid" in told.err and "runs resume" in told.err
    (record,) = RunStore().list()
    assert record.config["llm"] == {"provider": "parrot", "model": "green"}
    assert main(["generate", "brief=x", "llm=parot"]) == 2
