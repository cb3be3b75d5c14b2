"""How far a schedule is from the best there is, and from what is known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from wmjax.tax._economy import Economy
from wmjax.tax._planner import (
    LARGE,
    Gradient,
    Grid,
    Held,
    Planner,
    Sampled,
    ladder,
    planned_welfare,
)
from wmjax.tax._saez import Saez
from wmjax.tax._schedule import Schedule, us_federal
from wmjax.tax._society import Step
from wmjax.tax._statutory import Statutory, gruber_saez
from wmjax.tax._welfare import Welfare


_WORK = 40_000_000  # schedules times workers that the exhaustive search looks at


@dataclass(frozen=True)
class Judged:
    """A schedule and what it is worth if everybody answers best to it.

    - `welfare`, `regret`: per head; regret is the welfare of the optimum less this. Negative for a
        schedule with other brackets that does better than any on these.
    - `share`: of the way from no tax to the optimum, 0 to 1.
    """

    name: str
    schedule: Schedule
    welfare: float
    regret: float
    share: float


@dataclass(frozen=True)
class Verdict:
    """All schedules judged by the best of `gradient` and `grid` on the same brackets.

    - `gap`: of the two, per head: gradient less grid.
    """

    rows: tuple[Judged, ...]
    optimum: str
    gap: float

    def __getitem__(self, name: str) -> Judged:
        return next(row for row in self.rows if row.name == name)

    def lead(self, row: Judged) -> float | None:
        """Welfare per head of the schedule that was lived under less that of another; None if
        nobody lived."""
        lived = next((r for r in self.rows if r.name == "lived"), None)
        return None if lived is None else lived.welfare - row.welfare


def baselines(
    floors: Float[Array, " brackets"], *, year: int = 2024, filing: str = "single",
    percent: float = 50.0,
) -> dict[str, Planner]:  # fmt: skip
    """Planners to compare with, by name; on the given brackets but for `us_fed`, which has its own,
    as a law put onto three brackets is another law (`us_fed_mapped`)."""
    law, none = us_federal(year, filing), Schedule(jnp.zeros(1), jnp.zeros(1))
    flat = Schedule(floors, jnp.full_like(floors, percent / 100))
    return {
        "none": Held(none), "us_fed": Held(law), "us_fed_mapped": Statutory(law, floors),
        "uniform": Held(flat), "saez_flat": Saez(floors, None, jnp.full_like(floors, 0.4)),
        "saez_three": Saez(floors, None, gruber_saez(floors)), "saez": Saez(floors, None, None),
    }  # fmt: skip


def optima(
    economy: Economy, floors: Float[Array, " brackets"], starts: int = 8
) -> dict[str, Planner]:
    """The two references: a grid as fine as the population lets, and ascent from several starts and
    from the best of the grid. Of large populations both search a sample (`Sampled`), and the ascent
    goes on with everybody."""
    workers, brackets = min(economy.skill.shape[0], LARGE), floors.shape[0]
    work = _WORK / (10 if economy.decides.income_effects else 1)
    most = int(np.clip(work / workers, 3**brackets, 20_000))
    step = 100 / (round(len(ladder(brackets, None, most)) ** (1 / brackets)) - 1)
    grid = Grid(floors, step)
    ascent = Gradient(floors, starts, first=grid)
    if economy.skill.shape[0] <= LARGE:
        return {"grid": grid, "gradient": ascent}
    return {"grid": Sampled(grid), "gradient": Gradient(floors, 0, first=Sampled(ascent))}


def references(
    economy: Economy, welfare: Welfare, floors: Float[Array, " brackets"], starts: int = 8,
    known: Mapping[str, Schedule] | None = None,
) -> dict[str, Schedule]:  # fmt: skip
    """The schedules of `optima`; those known already are not computed again."""
    found = {n: s for n, s in (known or {}).items() if n in ("grid", "gradient")}
    for name, planner in optima(economy, floors, starts).items():
        found[name] = found.get(name) or planner.plan(economy, welfare)
    return found


def judge(
    economy: Economy, welfare: Welfare, schedules: Mapping[str, Schedule],
    references: Mapping[str, Schedule],
) -> Verdict:  # fmt: skip
    """Welfare and regret of each schedule under exact best responses.

    **Arguments:**

    - `references`: of which the best is the optimum; `gradient` and `grid` among them.
    """
    known = {"none": Schedule(jnp.zeros(1), jnp.zeros(1)), **schedules, **references}
    worth = {n: float(planned_welfare(economy, welfare, s)) for n, s in known.items()}
    best = max(references, key=lambda n: worth[n])
    most, least = worth[best], worth["none"]
    rows = [
        Judged(n, s, worth[n], most - worth[n], _share(worth[n], least, most))
        for n, s in known.items()
    ]
    return Verdict(tuple(rows), best, worth["gradient"] - worth["grid"])


def _share(value: float, least: float, most: float) -> float:
    return (value - least) / (most - least) if most != least else 1.0


def workers_regret(economy: Economy, step: Step) -> Float[np.ndarray, " workers"]:
    """What each worker missed at a step by not answering best to the true rates, seen in full, and
    to the rebate that was paid, in its own felt utility."""
    sees = replace(economy, mind=replace(economy.mind, attention=1.0, expected=0.0))
    hours = sees.respond(step.schedule, jnp.asarray(step.rebate))
    income = economy.skill * hours
    tax = step.schedule.tax(income)
    felt = economy.decides.utility(
        income - tax + step.rebate + economy.mind.regard * tax, hours
    )  # fmt: skip
    return np.asarray(felt, float) - step.utility
