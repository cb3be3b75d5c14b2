"""A search over structures: propose, measure, judge, keep the best few, again."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal, final

from structure_gen._candidate import Candidate
from structure_gen._diagnostics import Diagnostics, diagnostics
from structure_gen._edit import AddConnection, RemoveConnection, edit_key
from structure_gen._evaluation import Evaluation
from structure_gen._laboratory import Laboratory
from structure_gen._lineage import Round, Trial
from structure_gen._memory import Memory
from structure_gen._proposal import Proposal, Proposer, View
from structure_gen._verdict import Gain, Ruling, gain, price, rule
from wmjax._errors import BudgetSpent, SpecError, UserError
from wmjax.program import coefficient_name
from wmjax.sim import simulate
from wmjax.spec import Connection
from wmjax.spec._document import Document


Ended = Literal["nothing better", "no proposals", "rounds", "evaluations", "seconds", "money"]
Report = Callable[[int, int, str], None]
"""Called with evaluations done, evaluations allowed, and a text."""


@final
class SearchBudget(Document):
    """When a search stops: after so many evaluations (candidates measured), seconds of work, or
    rounds. Money is limited where the language model is made."""

    evaluations: int = 400
    seconds: float | None = None
    rounds: int = 8


@final
@dataclass(frozen=True, eq=False)
class Member:
    """A structure that is kept: what was changed to get there, and at what price each."""

    candidate: Candidate
    found: Evaluation
    score: float
    """Gain over the draft less all prices [nats]."""
    trials: tuple[Trial, ...] = ()


@final
@dataclass(frozen=True, eq=False)
class Outcome:
    """All that a search did; `best` has the highest score."""

    draft: Member
    best: Member
    rounds: tuple[Round, ...]
    ended: Ended
    evaluations: int


@final
class Search:
    """**Arguments:**

    - `population`: how many structures are kept from round to round.
    - `wanted`: how many ideas a proposer is asked for.
    """

    def __init__(
        self, laboratory: Laboratory, proposers: Sequence[Proposer], memory: Memory,
        budget: SearchBudget, *, population: int, risk: float, wanted: int, report: Report | None,
    ) -> None:  # fmt: skip
        self._laboratory, self._proposers, self._memory = laboratory, tuple(proposers), memory
        self._budget, self._population, self._risk = budget, population, risk
        self._wanted, self._report = wanted, report
        self._until = None if budget.seconds is None else time.monotonic() + budget.seconds
        self._measured: dict[str, None] = {}
        self._weight: dict[str, float] = {}
        self._tried: dict[str, None] = {}

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
            try:
                found = self._round(turn, parents, first)
            except _Stop as stop:
                ended = stop.ended
                break
            if not found.trials:
                ended = "no proposals"
                break
            members = self._kept([*members, *found.children])
            rounds.append(_recorded(turn, found.trials, members))
        best = max(members, key=lambda m: m.score)
        return Outcome(first, best, tuple(rounds), ended, len(self._measured))

    def _first(self, draft: Candidate) -> Member:
        self._measure([draft], 0)
        found = self._found(draft)
        if found.failure:
            self._laboratory.bench(draft).fits(())  # raises, and says more
            raise UserError(f"draft {draft.spec.name!r}", found.failure, "finite forecasts",
                            "mend the draft first: it must run and fit as it stands")  # fmt: skip
        self._weight = found.weights
        return Member(draft, found, 0.0)

    def _round(self, turn: int, parents: Sequence[Member], first: Member) -> _Found:
        asked = [(m, p) for m in parents for p in self._ideas(turn, m)]
        drawn: list[tuple[Member, Proposal, Candidate]] = []
        refused: list[Trial] = []
        seen = {m.candidate.id for m in parents}
        for member, proposal in asked:
            try:
                candidate = member.candidate.changed(proposal.edit)
            except SpecError as error:
                refused.append(_trial(turn, member, proposal, "refused", str(error)))
                continue
            if candidate.id not in seen:
                seen.add(candidate.id)
                drawn.append((member, proposal, candidate))
        self._measure([c for _, _, c in drawn], turn)
        least = price(sum(not _is_simpler(p) for _, p, _ in drawn), turn, self._risk)
        judged = [(m, c, self._judged(turn, m, p, c, least)) for m, p, c in drawn]
        passed = [(m, c, t) for m, c, t in judged if t.ruling == "better"]
        told = {id(t): self._rivals(m, c, passed) for m, c, t in passed}
        final = [(m, c, t.model_copy(update={"rivals": told.get(id(t), ())})) for m, c, t in judged]
        children = tuple(self._child(m, c, t, first) for m, c, t in final if t.ruling == "better")
        self._tried |= dict.fromkeys(str(p.edit) for _, p in asked)
        return _Found((*refused, *(t for _, _, t in final)), children)

    def _rivals(
        self, member: Member, candidate: Candidate,
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
        """Ideas are kept, so that none is bought twice."""
        key = ("proposals", self._laboratory.digest, member.candidate.id, str(turn), str(i))
        kept = self._memory.get(*key)
        if kept is None:
            view = View(member.candidate.spec, partial(self._diagnostics, member), tried,
                        self._wanted)  # fmt: skip
            try:
                found = list(proposer.propose(view))
            except BudgetSpent as error:
                raise _Stop("money") from error
            kept = [p.model_dump(mode="json", by_alias=True, exclude_defaults=True) for p in found]
            self._memory.put([{**k, "edit": {"edit": p.edit.edit, **k["edit"]}}
                              for k, p in zip(kept, found, strict=True)], *key)  # fmt: skip
            return found
        return [Proposal.model_validate(p) for p in kept]

    def _diagnostics(self, member: Member) -> Diagnostics:
        bench = self._laboratory.bench(member.candidate)
        fit = bench.fits(member.candidate.links)[-1]
        return diagnostics(member.found, fit, simulate(fit.model, throw=False))

    def _measure(self, candidates: Sequence[Candidate], turn: int) -> None:
        new = dict.fromkeys(c.id for c in candidates if c.id not in self._measured)
        if len(self._measured) + len(new) > max(self._budget.evaluations, 1):
            raise _Stop("evaluations")
        if turn and self._until is not None and time.monotonic() > self._until:
            raise _Stop("seconds")
        base, most = len(self._measured), self._budget.evaluations
        words = f"round {turn}" if turn else "the draft"
        report = self._report
        self._laboratory.evaluate(
            candidates,
            None if report is None else lambda done, _: report(base + done, most, words),
            None if not turn else self._until,
        )  # fmt: skip
        if any(self._laboratory.found(c) is None for c in candidates):
            raise _Stop("seconds")
        self._measured |= new

    def _found(self, candidate: Candidate) -> Evaluation:
        found = self._laboratory.found(candidate)
        assert found is not None
        return found

    def _judged(
        self, turn: int, member: Member, proposal: Proposal, candidate: Candidate, least: float
    ) -> Trial:
        found = self._found(candidate)
        gained = gain(member.found, found, self._weight)
        value, polarity = _coefficient(proposal, found)
        ruling = rule(gained, least, simpler=_is_simpler(proposal), sign=value, polarity=polarity)
        trial = _trial(turn, member, proposal, ruling, found.failure)
        return _weighed(trial, gained, 0.0 if _is_simpler(proposal) else least, value)

    def _child(self, member: Member, candidate: Candidate, trial: Trial, first: Member) -> Member:
        trials = (*member.trials, trial)
        if isinstance(trial.proposal.edit, RemoveConnection):
            trials = _without(trials, trial.proposal.edit)
        found = self._found(candidate)
        score = gain(first.found, found, self._weight).total - sum(t.price for t in trials)
        return Member(candidate, found, score, trials)

    def _kept(self, members: list[Member]) -> list[Member]:
        unique = {m.candidate.id: m for m in reversed(members)}
        order = sorted(unique.values(), key=lambda m: (-m.score, m.candidate.id))
        return order[: self._population]


@final
@dataclass(frozen=True, eq=False)
class _Found:
    trials: tuple[Trial, ...]
    children: tuple[Member, ...]


class _Stop(Exception):
    """The search has to end; what was measured so far stands."""

    def __init__(self, ended: Ended) -> None:
        self.ended: Ended = ended
        super().__init__(ended)


def _is_simpler(proposal: Proposal) -> bool:
    return isinstance(proposal.edit, RemoveConnection)


def _coefficient(proposal: Proposal, found: Evaluation) -> tuple[float, str]:
    """The fitted coefficient of an added link and the sign that was claimed; a table's is its
    rise."""
    edit = proposal.edit
    if not isinstance(edit, AddConnection):
        return 0.0, ""
    link: Connection = edit.connection
    name = coefficient_name(link)
    if link.form == "lookup":
        points = [v for k, v in found.parameters.items() if k.startswith(f"{name}(")]
        return (points[-1] - points[0] if points else 0.0), link.polarity
    return found.parameters.get(name, 0.0), link.polarity


def _trial(turn: int, member: Member, proposal: Proposal, ruling: Ruling, why: str) -> Trial:
    return Trial(turn=turn, parent=member.candidate.id, proposal=proposal, ruling=ruling, why=why)


def _weighed(trial: Trial, found: Gain, least: float, value: float) -> Trial:
    numbers = {"gain": found.total, "error": found.error, "series": found.series,
               "price": least, "coefficient": value}  # fmt: skip
    return trial.model_copy(update=numbers)


def _without(trials: tuple[Trial, ...], edit: RemoveConnection) -> tuple[Trial, ...]:
    """A link that is taken back gives its price back."""
    ends = (edit.source, edit.target)

    def back(t: Trial) -> bool:
        e = t.proposal.edit
        return isinstance(e, AddConnection) and (e.connection.source, e.connection.target) == ends

    return tuple(t.model_copy(update={"price": 0.0}) if back(t) else t for t in trials)


def _recorded(turn: int, trials: Sequence[Trial], members: Sequence[Member]) -> Round:
    """The trials of a round, those that led to a member called accepted."""
    kept = {(t.parent, edit_key(t.proposal.edit)) for m in members for t in m.trials}

    def seen(t: Trial) -> Trial:
        is_in = t.ruling == "better" and (t.parent, edit_key(t.proposal.edit)) in kept
        return t.model_copy(update={"ruling": "accepted"}) if is_in else t

    return Round(turn=turn, trials=tuple(map(seen, trials)))
