"""A fit made ready: what is compared, what is free, and the arrays that the residuals read."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

import jax
import numpy as np

from calibration._bijection import bijection
from calibration._free import Free, FreeElement, free_elements
from calibration._layout import Layout, Window, layout, rows
from calibration._residuals import Plan, Problem, plan, priors
from calibration._term import FitTerm
from wmjax.model import CompiledModel
from wmjax.series import Observations
from wmjax.sim import event_inputs


@final
@dataclass(frozen=True, eq=False)
class Setup:
    """One model, its free numbers and all observed rows; windows and origins vary."""

    model: CompiledModel
    elements: tuple[FreeElement, ...]
    layout: Layout
    plan: Plan

    def problem(self, window: Window, model: CompiledModel | None = None) -> Problem:
        """The arrays for a window; `model` may know less of its exogenous series."""
        model = self.model if model is None else model
        dtype = model.dtype
        return Problem(
            model=model, inputs=event_inputs(model, model.spec.events),
            rows=rows(self.layout, window, dtype), bijection=bijection(self.elements, dtype),
            priors=priors(self.elements, dtype),
        )  # fmt: skip


def setup(
    model: CompiledModel, observations: Observations, terms: Sequence[FitTerm], free: Free
) -> Setup:
    """**Raises:** `UserErrors` for names and numbers that do not fit the model."""
    elements = free_elements(model, free)
    placed = layout(model, observations, terms)
    return Setup(model, elements, placed, plan(placed, elements))


def digests(setup: Setup, problem: Problem, window: Window, z: np.ndarray) -> dict[str, str]:
    """What a fit is about, part by part."""
    spec, series = setup.model.spec, setup.layout.series
    numbers = (problem.model.parameters, problem.model.lookups)
    return {
        "model": _digest(spec.hash, setup.plan.axis, setup.model.dtype),
        "parameters": _digest(setup.elements, *jax.tree.leaves(numbers), z),
        "observations": _digest(setup.layout.terms, *(
            part for s in series for part in (s.name, s.times, s.values, s.sigma))),
        "exogenous series": _digest(*jax.tree.leaves(problem.model.series)),
        "window": _digest(window),
    }  # fmt: skip


def _digest(*parts: object) -> str:
    digest = hashlib.sha256()
    for part in parts:
        if isinstance(part, np.ndarray | jax.Array):
            digest.update(np.ascontiguousarray(part).tobytes())
        else:
            digest.update(repr(part).encode())
        digest.update(b"\0")
    return digest.hexdigest()[:20]
