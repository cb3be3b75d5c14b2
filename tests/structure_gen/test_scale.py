"""A brief at depth 4: hundreds of actors, thousands of equations, by a scripted model."""

from __future__ import annotations

import resource
import time

import pytest

from structure_gen import Brief, generate
from tests.structure_gen import large_author
from wmjax.llm import language_model, scripted
from wmjax.spec import check_spec


_SECONDS = 120.0  # of CPU
_BYTES = 4 * 2**30


@pytest.mark.slow
def test_three_hundred_actors_and_five_thousand_equations_are_written_and_checked() -> None:
    began = time.process_time()
    brief = Brief(text="a large world", depth=4, breadth=large_author.BREADTH,
                  quantities=large_author.QUANTITIES)  # fmt: skip
    llm = language_model(scripted(large_author.answer), concurrency=16)
    spec = generate(brief, llm=llm).spec
    equations = sum(v.kind in ("flow", "auxiliary") for v in spec.variables.values())
    assert len(spec.actors) >= 300 and equations >= 5000
    assert not [i for i in check_spec(spec) if i.severity == "error"]
    assert time.process_time() - began < _SECONDS
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 < _BYTES
