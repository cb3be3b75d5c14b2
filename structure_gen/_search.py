"""A search over structures: propose, measure, judge, keep the best few, again."""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import partial
from typing import final

from structure_gen._candidate import Candidate
from structure_gen._diagnostics import Diagnostics, diagnostics
from structure_gen._edit import RemoveConnection, edit_key
from structure_gen._evaluation import Evaluation
from structure_gen._judging import is_simpler, judged, recorded, trial, without
from structure_gen._laboratory import Laboratory
from structure_gen._lineage import Trial
from structure_gen._member import (
    Ended,
    Harvest,
    Member,
    Outcome,
    Report,
    SearchBudget,
    Stop,
    best_of,
)
from structure_gen._memory import Memory
from structure_gen._proposal import Proposal, Proposer, View
from structure_gen._verdict import gain, price
from wmjax._errors import BudgetSpent, SpecError, UserError
from wmjax.llm import LLMFailure
from wmjax.sim import simulate


@final
class Search:
    """**Arguments:**

    - `population`: how many structures are kept from round to round.
    - `wanted`: how many ideas a proposer is asked for.
    - `began`: the moment of `time.monotonic` from which on the time of the budget counts.
    """

    def __init__(
        self, laboratory: Laboratory, proposers: Sequence[Proposer], memory: Memory,
        budget: SearchBudget, *, population: int, risk: float, wanted: int, report: Report | None,
        began: float | None = None,
    ) -> None:  # fmt: skip
        self._laboratory, self._proposers, self._memory = laboratory, tuple(proposers), memory
        self._budget, self._population, self._risk = budget, population, risk
        self._wanted, self._report = wanted, report
        self._began = time.monotonic() if began is None else began
        self._until = None if budget.seconds is None else self._began + budget.seconds
        self._measured: dict[str, None] = {}
        self._weight: dict[str, float] = {}
        self._tried: dict[str, None] = {}
        self._spent = ""
        self._unasked: list[str] = []

    def run(self, draft: Candidate) -> Outcome:
        first = self._first(draft)
        members, rounds, expanded = [first], [], set[str]()
        ended: Ended = "rounds"
        for turn in range(1, self._budget.rounds + 1):
            parents = [m for m in members if m.candidate.id not in expanded]
            if not parents:
                ended = "nothing better"
                break
            expanded |= {m.candidate.id for m in parents}
            found = self._harvest(turn, parents, first)
            if found.trials:
                members = best_of([*members, *found.children], self._population)
                rounds.append(recorded(turn, found.trials, members))
            if found.ended is not None or not found.trials:
                ended = found.ended or "no proposals"
                break
        best = max(members, key=lambda m: m.score)
        return Outcome(first, best, tuple(rounds), ended, len(self._measured), self._spent,
                       tuple(dict.fromkeys(self._unasked)))  # fmt: skip

    def _first(self, draft: Candidate) -> Member:
        self._measure([draft], 0)
        found = self._found(draft)
        if found.failure:
            self._laboratory.bench(draft).fits(())  # raises, and says more
            raise UserError(f"draft {draft.spec.name!r}", found.failure, "finite forecasts",
                            "mend the draft first: it must run and fit as it stands")  # fmt: skip
        self._weight = found.weights
        if self._until is not None and self._budget.seconds is not None:
            took = time.monotonic() - self._began
            self._until -= min(took, self._budget.seconds / 3)  # the test will take as long
        return Member(draft, found, 0.0)

    def _harvest(self, turn: int, parents: Sequence[Member], first: Member) -> Harvest:
        try:
            return self._round(turn, parents, first)
        except Stop as stop:
            return Harvest((), (), stop.ended)

    def _round(self, turn: int, parents: Sequence[Member], first: Member) -> Harvest:
        asked = [(m, p) for m in parents for p in self._ideas(turn, m)]
        drawn, refused = self._drawn(turn, parents, asked)
        least = price(sum(not is_simpler(p) for _, p, _ in drawn), turn, self._risk)
        ended = self._measure([c for _, _, c in drawn], turn)
        measured = [(m, p, c) for m, p, c in drawn if self._laboratory.found(c) is not None]
        trials = [(m, c, judged(turn, m, p, self._found(c), least, self._weight))
                  for m, p, c in measured]  # fmt: skip
        passed = [(m, c, t) for m, c, t in trials if t.ruling == "better"]
        told = {id(t): self._rivals(m, c, passed) for m, c, t in passed}
        final = [(m, c, t.model_copy(update={"rivals": told.get(id(t), ())})) for m, c, t in trials]
        children = tuple(self._child(m, c, t, first) for m, c, t in final if t.ruling == "better")
        self._tried |= dict.fromkeys(str(p.edit) for _, p in asked)
        return Harvest((*refused, *(t for _, _, t in final)), children, ended)

    def _drawn(
        self, turn: int, parents: Sequence[Member], asked: Sequence[tuple[Member, Proposal]]
    ) -> tuple[list[tuple[Member, Proposal, Candidate]], list[Trial]]:
        """Each new structure once, and the edits that were refused."""
        drawn: list[tuple[Member, Proposal, Candidate]] = []
        refused: list[Trial] = []
        seen = {m.candidate.id for m in parents}
        for member, proposal in asked:
            try:
                candidate = member.candidate.changed(proposal.edit)
            except SpecError as error:
                refused.append(trial(turn, member, proposal, "refused", str(error)))
                continue
            if candidate.id not in seen:
                seen.add(candidate.id)
                drawn.append((member, proposal, candidate))
        return drawn, refused

    def _rivals(
        self,
        member: Member,
        candidate: Candidate,
        passed: Sequence[tuple[Member, Candidate, Trial]],
    ) -> tuple[str, ...]:
        """Edits of the same structure whose gain differs by less than the standard error of the
        difference."""
        found = self._found(candidate)
        near = []
        for m, c, t in passed:
            apart = gain(found, self._found(c), self._weight)
            if m is member and c is not candidate and abs(apart.total) <= apart.error:
                near.append(str(t.proposal.edit))
        return tuple(near)

    def _ideas(self, turn: int, member: Member) -> list[Proposal]:
        """Of all proposers, and second thoughts about the links that were added."""
        tried = tuple(self._tried)
        found: dict[str, Proposal] = {}
        for i, proposer in enumerate(self._proposers):
            for proposal in self._asked(turn, member, i, proposer, tried):
                found.setdefault(edit_key(proposal.edit), proposal)
        if len(member.candidate.links) > 1:
            for link in member.candidate.links[:-1]:
                edit = RemoveConnection(source=link.source, target=link.target)
                found.setdefault(edit_key(edit), Proposal(edit=edit, origin="second thoughts"))
        return list(found.values())

    def _asked(
        self, turn: int, member: Member, i: int, proposer: Proposer, tried: tuple[str, ...]
    ) -> list[Proposal]:
        """Ideas are kept, so that none is bought twice; where nobody could be asked there are none
        to keep."""
        key = ("proposals", self._laboratory.digest, member.candidate.id, str(turn), str(i))
        kept = self._memory.get(*key)
        if kept is None:
            if self._until is not None and time.monotonic() > self._until:
                raise Stop("seconds")
            view = View(member.candidate.spec, partial(self._diagnostics, member), tried,
                        self._wanted)  # fmt: skip
            try:
                found = list(proposer.propose(view))
            except BudgetSpent as error:
                self._spent = str(error)
                return []
            except LLMFailure as failure:
                self._unasked.append(f"{type(failure).__name__}: {failure}")
                return []
            kept = [p.model_dump(mode="json", by_alias=True, exclude_defaults=True) for p in found]
            self._memory.put([{**k, "edit": {"edit": p.edit.edit, **k["edit"]}}
                              for k, p in zip(kept, found, strict=True)], *key)  # fmt: skip
            return found
        return [Proposal.model_validate(p) for p in kept]

    def _diagnostics(self, member: Member) -> Diagnostics:
        bench = self._laboratory.bench(member.candidate)
        fit = bench.fits(member.candidate.links)[-1]
        return diagnostics(member.found, fit, simulate(fit.model, throw=False))

    def _measure(self, candidates: Sequence[Candidate], turn: int) -> Ended | None:
        """**Returns:** "seconds" if the time was over before all were measured."""
        new = dict.fromkeys(c.id for c in candidates if c.id not in self._measured)
        if len(self._measured) + len(new) > max(self._budget.evaluations, 1):
            raise Stop("evaluations")
        if turn and self._until is not None and time.monotonic() > self._until:
            raise Stop("seconds")
        base, report = len(self._measured), self._report
        words = f"structures measured, round {turn}" if turn else "structures measured"
        self._laboratory.evaluate(
            candidates,
            None if report is None else lambda done, all_: report(base + done, base + all_, words),
            None if not turn else self._until,
        )  # fmt: skip
        found = {c.id for c in candidates if self._laboratory.found(c) is not None}
        self._measured |= {id: None for id in new if id in found}
        return None if len(found) == len({c.id for c in candidates}) else "seconds"

    def _found(self, candidate: Candidate) -> Evaluation:
        found = self._laboratory.found(candidate)
        assert found is not None
        return found

    def _child(self, member: Member, candidate: Candidate, one: Trial, first: Member) -> Member:
        trials = (*member.trials, one)
        if isinstance(one.proposal.edit, RemoveConnection):
            trials = without(trials, one.proposal.edit)
        found = self._found(candidate)
        score = gain(first.found, found, self._weight).total - sum(t.price for t in trials)
        return Member(candidate, found, score, trials)
