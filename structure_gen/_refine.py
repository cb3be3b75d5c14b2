"""A scored search for a better structure."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal, Protocol, TypeAlias

import numpy as np

from calibration import FitFile, FitTerm, compared_terms, load_fit_file
from structure_gen._bench import Task, is_trainable
from structure_gen._candidate import Candidate, with_numbers
from structure_gen._edit import AddConnection, Edit
from structure_gen._evaluation import Evaluation
from structure_gen._hindsight import signed
from structure_gen._laboratory import Laboratory
from structure_gen._member import Member, Outcome, Report, SearchBudget
from structure_gen._memory import Memory
from structure_gen._model_proposer import ModelProposer
from structure_gen._proposal import Proposal, Proposer, Scripted
from structure_gen._refined import Refined, TestScore
from structure_gen._screening import Screening
from structure_gen._search import Search
from structure_gen._terse_proposer import TerseProposer
from structure_gen._timeline import TEST, Timeline, timeline
from structure_gen._verdict import RISK, gain
from wmjax._errors import SpecError
from wmjax.llm import LanguageModel
from wmjax.model import compile_model
from wmjax.series import Observations, ObservedSeries
from wmjax.spec import Connection, ModelSpec, load_spec


class HasSpec(Protocol):
    """A generated draft, or anything else that holds a spec."""

    @property
    def spec(self) -> ModelSpec: ...


Draft: TypeAlias = "HasSpec | ModelSpec | str | os.PathLike[str] | Mapping[str, Any]"


def refine(
    draft: Draft,
    observations: Observations,
    *,
    llm: LanguageModel | None = None,
    style: Literal["full", "terse"] = "full",
    proposals: Sequence[Edit | Proposal] | None = None,
    proposers: Sequence[Proposer] | None = None,
    budget: SearchBudget | None = None,
    settings: FitFile | str | os.PathLike[str] | None = None,
    terms: Sequence[FitTerm] | None = None,
    origins: Sequence[float] | int = 6,
    test: float = TEST,
    population: int = 2,
    risk: float = RISK,
    wanted: int = 12,
    workers: int = 2,
    checkpoint: str | os.PathLike[str] | None = None,
    progress: Report | None = None,
) -> Refined:
    """Changes a structure as long as that makes it foretell rows better that its fits had not seen.

    In every round the proposers look at the structures that are kept, each proposal is fitted at
    every origin and scored on the rows up to the next, and an edit is taken in if the evidence
    exceeds its price (see `structure_gen._verdict`). The last rows are a test span: no fit, choice
    or proposer sees them; draft and result are compared on them once, at the end.

    **Arguments:**

    - `llm`: a language model that is asked for proposals; `proposals`: a fixed list; `proposers`:
        your own. Without any of them, screening of the data (`Screening`) proposes; a language
        model is joined by it.
    - `style`: how the language model is asked, as in `generate`.
    - `settings`, `terms`: what is compared and what is free, as in `calibration.fit`. Without
        settings, series are compared as levels or in logarithms, whichever makes their changes
        more alike. Where no sigma is stated, every fit learns it from its residuals.
    - `origins`: how many, or their times; `test`: share of time kept for the test.
    - `population`: structures kept from round to round; `wanted`: proposals asked for at a time.
    - `risk`: probability of taking in a useless edit, over the whole search.
    - `checkpoint`: a folder. A search that was killed goes on there and measures nothing twice.

    **Raises:** `SpecError` for a draft that cannot be compiled; `UserError` if nothing can be
    compared or fitted; what the draft's own fit raises.
    """
    began = time.monotonic()
    candidate = Candidate(_spec(draft))
    memory = Memory(checkpoint)
    task, full = _tasks(candidate, observations, settings, terms, origins, test)
    first = _links(candidate, proposals or ())
    laboratory = Laboratory(task, memory, workers)
    laboratory.prepare(candidate.base, first)
    search = Search(
        laboratory, _proposers(llm, style, proposals, proposers), memory, budget or SearchBudget(),
        population=population, risk=risk, wanted=wanted, report=progress, began=began,
    )  # fmt: skip
    found = search.run(candidate)
    return _refined(found, _tested(found, replace(task, observations=full), memory))


def _spec(draft: Draft) -> ModelSpec:
    if isinstance(draft, ModelSpec | str | os.PathLike | Mapping):
        return load_spec(draft)
    return draft.spec


def _tasks(
    candidate: Candidate, observations: Observations,
    settings: FitFile | str | os.PathLike[str] | None, terms: Sequence[FitTerm] | None,
    origins: Sequence[float] | int, test: float,
) -> tuple[Task, Observations]:  # fmt: skip
    file = settings if isinstance(settings, FitFile | None) else load_fit_file(settings)
    model = compile_model(candidate.spec)
    can_fit = any(map(is_trainable, model.spec.variables.values()))
    free = None if can_fit else [*model.parameters][:1]
    chosen = compared_terms(model, observations, file, terms, free)
    names = list(dict.fromkeys(t.observed for t in chosen))
    seen = observations.select(names)
    axis = candidate.spec.time
    when = timeline(seen, names, (axis.start, axis.end), origins=origins, test=test)
    cut = seen.window(None, when.end + 1e-9)
    chosen = tuple(t for t in chosen if t.observed in cut)
    if file is None and terms is None:
        chosen = tuple(_natural(t, cut[t.observed]) for t in chosen)
    drafted = frozenset(model.spec.variables)
    unstated = frozenset(
        i for i, t in enumerate(chosen)
        if t.sigma is None and t.likelihood != "least_squares"
        and not np.isfinite(cut[t.observed].sigma).any()
    )  # fmt: skip
    return Task(cut, drafted, chosen, unstated, when, file or FitFile()), seen


def _natural(term: FitTerm, series: ObservedSeries) -> FitTerm:
    """Logarithms for positive series whose changes are more alike in logarithms: the likelihood of
    Box and Cox (1964) for the exponents 0 and 1, of changes from row to row."""
    x = series.values
    if len(x) < 3 or x.min() <= 0:
        return term
    level = -len(x) / 2 * np.log(np.var(np.diff(x)))
    log = -len(x) / 2 * np.log(np.var(np.diff(np.log(x)))) - np.sum(np.log(x))
    return term.model_copy(update={"transform": "log"}) if log >= level else term


def _links(candidate: Candidate, proposals: Sequence[Edit | Proposal]) -> list[Connection]:
    """Those of a fixed list that can be joined to the draft, so that one compilation does."""
    edits = [p.edit if isinstance(p, Proposal) else p for p in proposals]
    found = []
    for edit in edits:
        if isinstance(edit, AddConnection):
            try:
                found.append(candidate.changed(edit).links[-1])
            except SpecError:
                continue
    return found


def _proposers(
    llm: LanguageModel | None, style: Literal["full", "terse"],
    proposals: Sequence[Edit | Proposal] | None, proposers: Sequence[Proposer] | None,
) -> list[Proposer]:  # fmt: skip
    found: list[Proposer] = list(proposers or ())
    if proposals is not None:
        found.append(Scripted(tuple(proposals)))
    if llm is not None:
        found.append(TerseProposer(llm) if style == "terse" else ModelProposer(llm))
    if llm is not None or not found:
        found.append(Screening())
    return found


def _tested(found: Outcome, task: Task, memory: Memory) -> TestScore | None:
    """Draft and best on the rows after the end of validation: the only look at them."""
    when = task.timeline
    if not when.tests or found.draft.found.failure:
        return None
    task = replace(task, timeline=Timeline(when.start, (when.end,), when.last, when.last))
    laboratory = Laboratory(task, memory)
    pair = found.draft.candidate, found.best.candidate
    laboratory.prepare(pair[0].base, pair[1].links if pair[0].base == pair[1].base else ())
    laboratory.evaluate(pair)
    before, after = (laboratory.found(c) for c in pair)
    if before is None or after is None or before.failure or after.failure:
        return None
    gained = gain(before, after, found.draft.found.weights)
    return TestScore(start=when.end, end=when.last, gain=gained.total, series=gained.series,
                     error=_errors(after), draft_error=_errors(before))  # fmt: skip


def _errors(found: Evaluation) -> dict[str, float]:
    return dict(zip(found.series, found.error, strict=True))


def _refined(found: Outcome, test: TestScore | None) -> Refined:
    base = found.draft.found.total(found.draft.found.weights)
    best: Member = found.best
    spec = with_numbers(best.candidate.spec, best.found.parameters)
    return Refined(
        spec=signed(spec, [t.proposal.origin for t in best.trials]),
        draft=found.draft.candidate.spec, score=base + best.score, draft_score=base,
        skill=best.found.skill, draft_skill=found.draft.found.skill, validation=best.found,
        steps=best.trials, rounds=found.rounds, test=test, ended=found.ended,
        evaluations=found.evaluations, spent=found.spent, unasked=found.unasked,
    )  # fmt: skip
