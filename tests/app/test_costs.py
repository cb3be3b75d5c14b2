"""`wmjax runs costs`: what language models took."""

from __future__ import annotations

from wmjax.llm import Message, Request, language_model, run_async, scripted
from wmjax.store import RunStore


def test_costs_by_what_they_were_for(wm, folder) -> None:
    store = RunStore(folder / "runs")
    assert wm("runs", "costs").out.startswith("no calls to language models")
    with store.start("generate", config={}) as run:
        model = language_model(scripted(["a", "b", "c"]), sink=run.exchanges)
        for text, actor in (("1", "China"), ("2", "EU"), ("3", "EU")):
            run_async(model.complete(Request((Message("user", text),), actor=actor)))
    said = wm("runs", "costs", "by=actor")
    assert said.status == 0 and "in all: 3 calls, $0.000000" in said.out
    rows = {line.split()[0]: line.split()[1] for line in said.out.splitlines()[2:-1]}
    assert rows == {"EU": "2", "China": "1"}
    assert run.id in wm("runs", "costs", run.id).out
    assert "3 calls" in wm("runs", "show", run.id).out
    wrong = wm("runs", "costs", "by=colour")
    assert wrong.status == 2 and "purpose" in wrong.err
    assert wm("runs", "costs", "nosuchrun").status == 2
