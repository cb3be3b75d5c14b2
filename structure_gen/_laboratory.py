"""Measures candidates: as few compilations as can be, in parallel, and none twice."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import final

import jax
import numpy as np

from structure_gen._bench import Bench, Task, can_join, key, with_links
from structure_gen._candidate import Candidate
from structure_gen._evaluation import Evaluation
from structure_gen._memory import Memory
from wmjax.spec import Connection, ModelSpec


MOST_LINKS = 16
"""Candidate links in one compiled model: each costs a column of the Jacobian."""

Done = Callable[[int, int], None]


@final
class Laboratory:
    """Evaluations of candidates under one task, kept by content.

    **Arguments:**

    - `workers`: threads. XLA compiles and computes without Python's lock, so that threads, which
      share compiled programs, take the place of processes. Results do not depend on their number.
    """

    def __init__(self, task: Task, memory: Memory, workers: int = 2) -> None:
        self.task, self._memory, self._workers = task, memory, workers
        self._benches: list[_Plan] = []
        self.digest = _digest(task)

    def evaluate(
        self, candidates: Sequence[Candidate], done: Done | None = None, until: float | None = None
    ) -> None:
        """Sees that `found` knows every candidate, or as many as can be measured until a moment of
        `time.monotonic`.

        Which models share a compilation follows from the candidates alone, so that a search that is
        taken up again finds the same numbers.
        """
        groups = self._groups(candidates)
        open_ = [(plan, [c for c in cs if self.found(c) is None]) for plan, cs in groups]
        work = [(plan, cs) for plan, cs in open_ if cs]
        count = sum(len(cs) for _, cs in work)
        with ThreadPoolExecutor(self._workers) as pool:
            jobs = [pool.submit(self._measure, plan, cs, until) for plan, cs in work]
            for i, job in enumerate(jobs):
                job.result()
                if done is not None:
                    done(sum(len(cs) for _, cs in work[: i + 1]), count)

    def prepare(self, base: ModelSpec, links: Sequence[Connection]) -> None:
        """Lets these links share a model from the beginning, as far as they can."""
        for part in _parts([Candidate(base, (link,)) for link in links]):
            self._plan(base, _union(part), _union(part))

    def found(self, candidate: Candidate) -> Evaluation | None:
        data = self._memory.get("evaluations", self.digest, candidate.id)
        return None if data is None else Evaluation.model_validate(data)

    def bench(self, candidate: Candidate) -> Bench:
        """The compiled model that a candidate is measured in."""
        return self._plan(candidate.base, candidate.links, candidate.links).bench(self.task)

    def _groups(self, candidates: Sequence[Candidate]) -> list[tuple[_Plan, list[Candidate]]]:
        """Candidates by the plan that measures them, both in order of appearance."""
        bases = dict.fromkeys(c.base.hash for c in candidates)
        found: dict[_Plan, list[Candidate]] = {}
        for base in bases:
            for part in _parts([c for c in candidates if c.base.hash == base]):
                links = _union(part)
                found.setdefault(self._plan(part[0].base, links, links), []).extend(part)
        return list(found.items())

    def _plan(
        self, base: ModelSpec, wanted: Sequence[Connection], links: Sequence[Connection]
    ) -> _Plan:
        """One that there is already and that holds what is wanted, or a new one."""
        needs = {key(c) for c in wanted}
        for plan in self._benches:
            if plan.base.hash == base.hash and needs <= plan.keys:
                return plan
        self._benches.append(_Plan(base, tuple(links)))
        return self._benches[-1]

    def _measure(self, plan: _Plan, candidates: list[Candidate], until: float | None) -> None:
        bench = plan.bench(self.task)
        failed: list[Candidate] = []
        for candidate in candidates:
            result = bench.evaluate(candidate.links, until)
            if result is None:
                return
            if result.failure and len(plan.links) > len(candidate.links):
                failed.append(candidate)  # another link may have spoilt the run
            else:
                self._keep(candidate, result)
        half = max(len(failed) // 2, 1)
        for part in (failed[:half], failed[half:]):
            if part:
                self._measure(_Plan(plan.base, tuple(_union(part))), part, until)

    def _keep(self, candidate: Candidate, found: Evaluation) -> None:
        self._memory.put(found.dump(), "evaluations", self.digest, candidate.id)


@final
class _Plan:
    """Which links share a model; compiled when it is first needed."""

    def __init__(self, base: ModelSpec, links: tuple[Connection, ...]) -> None:
        self.base, self.links = base, links
        self.keys = {key(c) for c in links}
        self._bench: Bench | None = None

    def bench(self, task: Task) -> Bench:
        if self._bench is None:
            self._bench = Bench(self.base, self.links, task)
        return self._bench


def _union(candidates: Sequence[Candidate]) -> list[Connection]:
    return list({key(c): c for one in candidates for c in one.links}.values())


def _parts(candidates: list[Candidate]) -> list[list[Candidate]]:
    """Candidates of one base in parts whose links can share a model: not too many, and sound
    together."""
    parts: list[list[Candidate]] = []
    for candidate in candidates:
        for part in parts:
            links = _union([*part, candidate])
            few = len(links) <= MOST_LINKS + len(candidate.links)
            if len(links) == len(_union(part)) or few and _sound(candidate.base, links):
                part.append(candidate)
                break
        else:
            parts.append([candidate])
    return parts


def _sound(base: ModelSpec, links: Sequence[Connection]) -> bool:
    return can_join(with_links(base, links)) and len({_ends(c) for c in links}) == len(links)


def _ends(c: Connection) -> tuple[str, str, str | None]:
    return c.source, c.target, c.coefficient


def _digest(task: Task) -> str:
    digest = hashlib.sha256()
    for one in task.observations.values():
        for part in (one.times, one.values, one.sigma):
            digest.update(np.ascontiguousarray(part).tobytes())
        digest.update(f"{one.name} {one.unit}".encode())
    for part in (*task.terms, task.timeline, task.settings, jax.numpy.zeros(()).dtype):
        digest.update(repr(part).encode())
    return digest.hexdigest()[:24]
