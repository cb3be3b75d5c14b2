"""From ballots to a winner."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from jaxtyping import Float, Int

from wmjax._errors import UserError, UserErrors


Rankings = Sequence[Sequence[int]]
Rule = Callable[[Rankings, int, np.random.Generator], int]


def plurality(rankings: Rankings, candidates: int, tie: np.random.Generator) -> int:
    """Most first places."""
    return _drawn(first_places(rankings, candidates), tie)


def approval(rankings: Rankings, candidates: int, tie: np.random.Generator) -> int:
    """Most ballots that name the candidate at all (Brams & Fishburn 1978, American Political
    Science Review 72, 831-847)."""
    named = np.zeros(candidates)
    for ballot in rankings:
        named[list(ballot)] += 1
    return _drawn(named, tie)


def instant_runoff(rankings: Rankings, candidates: int, tie: np.random.Generator) -> int:
    """The one with fewest first places is struck out until somebody has more than half of the
    ballots that still name anybody (Hare)."""
    left = list(range(candidates))
    while True:
        standing = [[c for c in ballot if c in left] for ballot in rankings]
        firsts = first_places(standing, candidates)[left]
        if len(left) == 1 or firsts.max() * 2 > firsts.sum():
            return left[_drawn(firsts, tie)]
        left.pop(_drawn(-firsts, tie))


def borda(rankings: Rankings, candidates: int, tie: np.random.Generator) -> int:
    """Most points: n - 1 for a first place down to 0; who is not named shares the points left."""
    return _drawn(_points(rankings, candidates), tie)


def condorcet(rankings: Rankings, candidates: int, tie: np.random.Generator) -> int:
    """Who beats every other in pairs; if nobody does, the winner by points (Black 1958, The Theory
    of Committees and Elections)."""
    found = condorcet_winner(rankings, candidates)
    return borda(rankings, candidates, tie) if found is None else found


RULES: Mapping[str, Rule] = {
    "plurality": plurality, "approval": approval, "instant_runoff": instant_runoff,
    "borda": borda, "condorcet": condorcet,
}  # fmt: skip
"""Voting rules by name. Each takes ballots (candidates by number, the best first, unnamed ones
below), the number of candidates and a source of tie-breaks; empty ballots do not count."""


def voting_rule(name: str) -> Rule:
    """**Raises:** `UserError` with the nearest rule."""
    if name in RULES:
        return RULES[name]
    near = difflib.get_close_matches(name, RULES, n=1)
    hint = f"did you mean {near[0]!r}?" if near else ""
    raise UserError("voting_rule", repr(name), ", ".join(RULES), hint)


def check_ballots(rankings: Rankings, voters: int, candidates: int) -> None:
    """**Raises:** `UserError` or `UserErrors` for another number of ballots than voters, for a
    candidate that does not stand, and for one that a ballot names twice."""
    errors: list[UserError] = []
    if len(rankings) != voters:
        errors.append(UserError("ballots", f"{len(rankings)}", f"one from each of {voters} voters"))
    for voter, ballot in enumerate(rankings):
        strange = [c for c in ballot if not 0 <= c < candidates]
        if strange or len(set(ballot)) != len(ballot):
            found = ", ".join(map(str, ballot))
            wanted = f"each candidate at most once, numbers 0 to {candidates - 1}"
            errors.append(UserError(f"ballot of worker {voter}", found, wanted))
    if errors:
        raise errors[0] if len(errors) == 1 else UserErrors(errors)


def first_places(rankings: Rankings, candidates: int) -> Int[np.ndarray, " candidates"]:
    """How many ballots put each candidate first."""
    firsts = [ballot[0] for ballot in rankings if len(ballot)]
    return np.bincount(np.asarray(firsts, int), minlength=candidates)


def condorcet_winner(rankings: Rankings, candidates: int) -> int | None:
    """Who is above each other candidate on more ballots than below; None if there is nobody."""
    wins = np.zeros((candidates, candidates))
    for ballot in rankings:
        if not len(ballot):
            continue
        place = np.full(candidates, candidates)
        place[list(ballot)] = np.arange(len(ballot))
        wins += place[:, None] < place
    beaten = (wins > wins.T) | np.eye(candidates, dtype=bool)
    found = np.flatnonzero(beaten.all(axis=1))
    return int(found[0]) if len(found) else None


def _points(rankings: Rankings, candidates: int) -> Float[np.ndarray, " candidates"]:
    points = np.zeros(candidates)
    for ballot in rankings:
        if len(ballot):
            given = np.full(candidates, (candidates - len(ballot) - 1) / 2)
            given[list(ballot)] = candidates - 1 - np.arange(len(ballot))
            points += given
    return points


def _drawn(scores: np.ndarray, tie: np.random.Generator) -> int:
    """The place of the highest score; of several, one by lot."""
    best = np.flatnonzero(scores == np.max(scores))
    return int(best[0] if len(best) == 1 else tie.choice(best))
