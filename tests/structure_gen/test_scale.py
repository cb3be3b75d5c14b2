"""A brief at depth 4: hundreds of actors, thousands of equations, by a scripted model."""

from __future__ import annotations

import resource
import time

import numpy as np
import pytest

from calibration import fit
from structure_gen import Brief, generate
from tests.structure_gen import large_author
from wmjax.llm import language_model, scripted
from wmjax.model import Grouped, compile_model
from wmjax.series import load_observations
from wmjax.spec import check_spec


_SECONDS = 300.0  # of CPU, for what may take ten minutes of a clock
_BYTES = 4 * 2**30


@pytest.mark.slow
def test_three_hundred_actors_and_five_thousand_equations_are_written_checked_and_fitted() -> None:
    began = time.process_time()
    brief = Brief(text="a large world", depth=4, breadth=large_author.BREADTH,
                  quantities=large_author.QUANTITIES)  # fmt: skip
    llm = language_model(scripted(large_author.answer), concurrency=16)
    spec = generate(brief, llm=llm).spec
    equations = sum(v.kind in ("flow", "auxiliary") for v in spec.variables.values())
    assert len(spec.actors) >= 300 and equations >= 5000
    assert not [i for i in check_spec(spec) if i.severity == "error"]
    model = compile_model(spec)
    assert model.backend == Grouped()
    seen = load_observations(sorted({v.observed for v in spec.variables.values() if v.observed}))
    first, fitted = (fit(model, seen, max_evaluations=n) for n in (1, 12))
    assert len(fitted.elements) > 500 and np.isfinite(fitted.z).all()
    assert fitted.loss < first.loss
    print(f"{time.process_time() - began:.0f} s of CPU, {len(fitted.elements)} free numbers")
    assert time.process_time() - began < _SECONDS
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 < _BYTES
