"""People drawn from the joint table, with wages of their own or for given skills."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float

from wmjax._errors import UserError
from wmjax.tax.personas._census import AGES, SEXES, Census, census
from wmjax.tax.personas._persona import FULL_WEEK, Persona, Taste
from wmjax.tax.personas._words import described


_EFFORT_SPREAD = 0.25  # judged: standard deviation of the log; 10 % in hours at the exponent 3.5
_AGE_EFFORT = (1.15, 1.0, 1.0, 1.0, 1.1, 1.6, 2.2)  # judged, by age as in `AGES`
_TOLERANCE = (5, 45)  # judged: percent of income, evenly spread


def draw_personas(count: int, seed: int) -> tuple[Persona, ...]:
    """People as the US employed are: occupation, sex, age and a wage within the occupation.

    `skills_of` gives the skills that go with them.

    **Raises:** `UserError` for no people or a negative seed.
    """
    if count < 1 or seed < 0:
        raise UserError("personas", f"{count} people, seed {seed}", "at least 1, a seed from 0")
    random, table = np.random.default_rng(seed), census()
    cells = random.choice(table.share.size, count, p=table.share.ravel())
    where = np.stack(np.unravel_index(cells, table.share.shape), axis=-1)
    return tuple(_person(table, cell.tolist(), None, random) for cell in where)


def personas_for(skill: Float[np.ndarray, " workers"], seed: int) -> tuple[Persona, ...]:
    """People whose wage at 40 hours is that of their skill, in $/yr for each weekly hour.

    Occupation, sex and age are drawn given the band that the wage lies in, so that income and
    persona agree whichever distribution the skills come from.

    **Raises:** `UserError` for no skills, a negative one or a negative seed.
    """
    wages = np.asarray(skill, float) * FULL_WEEK
    if not len(wages) or seed < 0 or not np.all(np.isfinite(wages) & (wages >= 0)):
        raise UserError("personas", "skills or a seed that cannot be", "numbers of at least 0")
    random, table = np.random.default_rng(seed), census()
    given = table.share / table.share.sum(axis=(0, 1, 2))
    people = []
    for wage in wages:
        band = int(np.searchsorted(table.cuts, wage, side="right"))
        share = given[..., band]
        cell = np.unravel_index(random.choice(share.size, p=share.ravel()), share.shape)
        people.append(_person(table, [*map(int, cell), band], float(wage), random))
    return tuple(people)


def _person(
    table: Census, cell: Sequence[int], wage: float | None, random: np.random.Generator
) -> Persona:
    job, sex, age, band = cell
    first, last = list(AGES.values())[age]
    return described(
        Persona(
            occupation=table.occupations[job],
            sex=SEXES[sex],
            age=int(random.integers(first, last, endpoint=True)),
            wage=_wage(table, job, band, random) if wage is None else wage,
            taste=_taste(age, random),
        )
    )


def _wage(table: Census, job: int, band: int, random: np.random.Generator) -> float:
    """Within the occupation and the band."""
    spread = table.wages[job]
    low, high = table.ranks[job, band : band + 2]
    rank = low + (high - low) * random.uniform(0.001, 0.999)
    return float(spread.quantile(np.array([rank]))[0])


def _taste(age: int, random: np.random.Generator) -> Taste:
    effort = _AGE_EFFORT[age] * np.exp(_EFFORT_SPREAD * random.standard_normal())
    low, high = _TOLERANCE
    return Taste(round(float(effort), 2), float(random.integers(low, high, endpoint=True)))
