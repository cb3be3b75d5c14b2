"""Hidden worlds: data made by a structure that the search does not know."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from structure_gen import AddConnection
from wmjax.model import compile_model
from wmjax.series import Observations, load_observations
from wmjax.sim import simulate
from wmjax.spec import Connection, ModelSpec


SIZE = 5
_CYCLE = "(1 + a{i} * sin(6.2832 * (time - 1960) / p{i} + f{i}))"
_GROWTH = (f"r{{i}} * x{{i}} * {_CYCLE}", f"2 * r{{i}} * x{{i}} * (1 - x{{i}} / k{{i}}) * {_CYCLE}")


@dataclass(frozen=True)
class World:
    """A draft that lacks a link, observations of the truth, proposals: one true, nine false."""

    draft: ModelSpec
    observations: Observations
    edits: tuple[AddConnection, ...]
    true: AddConnection


def world(seed: int) -> World:
    rng = np.random.default_rng(seed)
    numbers = _numbers(rng)
    ends = [(a, b) for a in range(SIZE) for b in range(SIZE) if a != b]
    chosen = [ends[i] for i in rng.permutation(len(ends))[:10]]
    links = [_link(rng, a, b) for a, b in chosen]
    true = links[0].model_copy(update={"value": float(rng.choice([-1, 1]) * rng.uniform(0.4, 0.9))})
    truth = simulate(compile_model(_spec(seed, numbers, (true,)))).to_dataframe()
    seen = _noisy(rng, truth[[f"x{i}" for i in range(SIZE)]])
    guess = {k: v * float(np.exp(0.2 * rng.standard_normal())) if k[0] == "r" else v
             for k, v in numbers.items()}  # fmt: skip
    edits = tuple(AddConnection(connection=link) for link in links)
    shuffled = tuple(edits[i] for i in rng.permutation(10))
    observations = load_observations(seen, default_units=dict.fromkeys(seen.columns, "1"))
    return World(_spec(seed, guess, ()), observations, shuffled, edits[0])


def _link(rng: np.random.Generator, a: int, b: int) -> Connection:
    form = str(rng.choice(["elasticity", "linear", "saturating", "delay"]))
    delay = float(rng.integers(2, 8)) if form == "delay" else None
    ends = {"from": f"x{a}", "to": f"in{b}"}
    return Connection.model_validate({**ends, "form": form, "delay": delay})


def _noisy(rng: np.random.Generator, table: pd.DataFrame) -> pd.DataFrame:
    """Measurement errors of 1 to 3 %, some of which last from year to year."""
    out = {}
    for name in table.columns:
        sigma, rho = rng.uniform(0.01, 0.03), rng.choice([0.0, 0.3, 0.6])
        errors = np.zeros(len(table))
        for t, shock in enumerate(rng.standard_normal(len(table))):
            old = rho * errors[t - 1] if t else 0.0
            errors[t] = old + sigma * (np.sqrt(1 - rho**2) if t else 1.0) * shock
        out[name] = table[name] * np.exp(errors)
    return pd.DataFrame(out)


def _numbers(rng: np.random.Generator) -> dict[str, float]:
    found = {}
    for i in range(SIZE):
        found |= {f"x{i}_0": rng.uniform(5, 20), f"r{i}": rng.uniform(0.03, 0.06),
                  f"d{i}": rng.uniform(0.02, 0.05),
                  f"a{i}": rng.uniform(2, 4), f"p{i}": rng.uniform(8, 35),
                  f"f{i}": rng.uniform(0, 6.28),
                  f"k{i}": rng.uniform(40, 80)}  # fmt: skip
    return {k: float(v) for k, v in found.items()}


def _spec(seed: int, n: dict[str, float], links: tuple[Connection, ...]) -> ModelSpec:
    """Stocks that grow or fill up, each in cycles of its own: causes that move alike could not be
    told apart by anyone. Which stock does what is the same in all worlds."""
    variables: dict[str, object] = {}
    for i in range(SIZE):
        growth = _GROWTH[i % 2].format(i=i)
        variables |= {
            f"x{i}": {"kind": "stock", "unit": "1", "initial": f"x{i}_0", "inflows": [f"in{i}"],
                      "outflows": [f"out{i}"], "observed": f"x{i}"},
            f"in{i}": {"kind": "flow", "unit": "1/year", "equation": growth},
            f"out{i}": {"kind": "flow", "unit": "1/year", "equation": f"x{i} * d{i}"},
            f"x{i}_0": {"kind": "parameter", "unit": "1", "value": n[f"x{i}_0"], "trainable": True,
                        "prior": {"lognormal": [n[f"x{i}_0"], 0.1]}},
            f"r{i}": {"kind": "parameter", "unit": "1/year", "value": n[f"r{i}"], "trainable": True,
                      "prior": {"lognormal": [n[f"r{i}"], 0.5]}},
        }  # fmt: skip
        for name, unit in (("d", "1/year"), ("a", "1"), ("f", "1"), ("p", "year"), ("k", "1")):
            if f"{name}{i}" in growth + f"d{i}":
                variables[f"{name}{i}"] = {
                    "kind": "parameter", "unit": unit, "value": n[f"{name}{i}"],
                }  # fmt: skip
    axis = {"start": 1960, "end": 2020, "step": 0.5, "save_every": 1}
    return ModelSpec.model_validate({"name": f"hidden world {seed}", "time": axis,
                                     "variables": variables, "connections": links})  # fmt: skip
