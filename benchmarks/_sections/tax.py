"""A year of many rational workers, and the gradient of welfare in seven rates."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import equinox as eqx
import jax

from benchmarks._result import Missing, Result, Row, Target
from benchmarks._rounds import Effort
from benchmarks._timing import ratio
from wmjax.tax import (
    Atkinson,
    Economy,
    QuasiLinear,
    Schedule,
    planned_welfare,
    us_federal,
    us_income_skills,
)


_TAXAI = 4.02  # steps a second at 10,000 households, EPYC 7742 and A100 (arXiv 2309.16307, table)
_HOUSEHOLDS = 10_000
_WARPDRIVE = 2.9e6  # steps a second of worlds of 1,000 agents, Tag on a GPU (JMLR 23, 2022)
_AGENTS = 1_000


def measure(effort: Effort) -> Iterator[Result]:
    jax.config.update("jax_enable_x64", True)
    law = us_federal()
    for workers in (_HOUSEHOLDS, 1_000_000 if effort.rounds > 2 else 100_000):
        yield from _steps(workers, law, effort)
    why = "ai-economist 1.7.1 does not install on Python 3.12: lazy-object-proxy does not build"
    yield Missing("AI Economist, its own package", f"{why}; its published figure stands instead")
    yield _gradient(law, effort)


def _steps(workers: int, law: Schedule, effort: Effort) -> Iterator[Row]:
    """Time, throughput, and both yardsticks: ours over theirs."""
    economy = Economy(us_income_skills(workers), QuasiLinear())
    seconds = _seconds(lambda: economy.equilibrium(law), effort.rounds)
    named = f"{workers:,} rational workers, best responses, seven brackets"
    done = [workers / s for s in seconds]
    yield Row(f"milliseconds of a step of {named}", "", [1e3 * s for s in seconds])
    yield Row(f"worker-steps per second, {named}", "", done)
    note = "published, other hardware and a richer household problem"
    taxai = _TAXAI * _HOUSEHOLDS
    yield Row(f"worker-steps per second, {workers:,} workers",
              f"TaxAI's published {taxai:,.0f} household-steps (4.02 steps/s of 10,000)",
              [d / taxai for d in done], note=note)  # fmt: skip
    note = "published, of a game of tag on one GPU; no figure of its economy is published"
    yield Row(f"steps per second of economies of {_AGENTS:,}, {workers:,} workers at once",
              f"AI Economist's published {_WARPDRIVE:,.0f} (WarpDrive, 2,000 worlds of 1,000)",
              [d / _AGENTS / _WARPDRIVE for d in done], note=note)  # fmt: skip


def _gradient(law: Schedule, effort: Effort) -> Row:
    economy = Economy(us_income_skills(10_000), QuasiLinear())

    @eqx.filter_jit
    def value(rates: jax.Array) -> jax.Array:
        return planned_welfare(economy, Atkinson(), Schedule(law.floors, rates))

    slope = eqx.filter_jit(jax.value_and_grad(value))
    found = ratio(
        "welfare and its gradient in seven rates", lambda: slope(law.rates)[0].block_until_ready(),
        "welfare alone", lambda: value(law.rates).block_until_ready(), times=(30, 30),
        rounds=effort.rounds,
    )  # fmt: skip
    return Row(found.what, found.against, found.values, Target("at most", 5, 3))


def _seconds(call: Callable[[], object], rounds: int) -> list[float]:
    """Wall seconds of one call, round by round, after one that compiles."""
    jax.block_until_ready(call())
    found = []
    for _ in range(rounds):
        started = time.perf_counter()
        jax.block_until_ready(call())
        found.append(time.perf_counter() - started)
    return found
