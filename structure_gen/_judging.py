"""What is written down of a trial once it is measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from structure_gen._edit import AddConnection, RemoveConnection, edit_key
from structure_gen._evaluation import Evaluation
from structure_gen._lineage import Round, Trial
from structure_gen._member import Member
from structure_gen._proposal import Proposal
from structure_gen._verdict import Gain, Ruling, gain, rule
from wmjax.program import coefficient_name


def judged(
    turn: int, member: Member, proposal: Proposal, found: Evaluation, least: float,
    weight: Mapping[str, float],
) -> Trial:  # fmt: skip
    """**Arguments:** `found`: of the changed structure; `least`: what an edit must gain."""
    gained = gain(member.found, found, weight)
    value, polarity = _coefficient(proposal, found)
    simpler = is_simpler(proposal)
    ruling = rule(gained, least, simpler=simpler, sign=value, polarity=polarity)
    return trial(turn, member, proposal, ruling, found.failure).model_copy(
        update=_numbers(gained, 0.0 if simpler else least, value)
    )


def is_simpler(proposal: Proposal) -> bool:
    """Whether an edit only takes something away."""
    return isinstance(proposal.edit, RemoveConnection)


def trial(turn: int, member: Member, proposal: Proposal, ruling: Ruling, why: str) -> Trial:
    return Trial(turn=turn, parent=member.candidate.id, proposal=proposal, ruling=ruling, why=why)


def _coefficient(proposal: Proposal, found: Evaluation) -> tuple[float, str]:
    """The fitted coefficient of an added link and the sign that was claimed; a table's is its
    rise."""
    edit = proposal.edit
    if not isinstance(edit, AddConnection):
        return 0.0, ""
    link = edit.connection
    name = coefficient_name(link)
    if link.form == "lookup":
        points = [v for k, v in found.parameters.items() if k.startswith(f"{name}(")]
        return (points[-1] - points[0] if points else 0.0), link.polarity
    return found.parameters.get(name, 0.0), link.polarity


def _numbers(found: Gain, least: float, value: float) -> dict[str, object]:
    return {"gain": found.total, "error": found.error, "series": found.series, "price": least,
            "coefficient": value}  # fmt: skip


def without(trials: tuple[Trial, ...], edit: RemoveConnection) -> tuple[Trial, ...]:
    """A link that is taken back gives its price back."""
    ends = (edit.source, edit.target)

    def back(t: Trial) -> bool:
        e = t.proposal.edit
        return isinstance(e, AddConnection) and (e.connection.source, e.connection.target) == ends

    return tuple(t.model_copy(update={"price": 0.0}) if back(t) else t for t in trials)


def recorded(turn: int, trials: Sequence[Trial], members: Sequence[Member]) -> Round:
    """The trials of a round, those that led to a member called accepted."""
    kept = {(t.parent, edit_key(t.proposal.edit)) for m in members for t in m.trials}

    def seen(t: Trial) -> Trial:
        is_in = t.ruling == "better" and (t.parent, edit_key(t.proposal.edit)) in kept
        return t.model_copy(update={"ruling": "accepted"}) if is_in else t

    return Round(turn=turn, trials=tuple(map(seen, trials)))
