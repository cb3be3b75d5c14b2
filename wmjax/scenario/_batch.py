"""Many runs of one structure: what differs between them, and what they share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, PyTree

from wmjax._errors import UserError, UserErrors
from wmjax.model import CompiledModel, Inputs, value_array
from wmjax.sim import apply_scenario, effect_rows
from wmjax.sim._scenario import _as_scenario
from wmjax.spec import Scenario, bundled_models, load_scenarios


Scenarios: TypeAlias = (
    "Mapping[str, Scenario | Mapping[str, Any] | None] | Iterable[Scenario | str] | None"
)
Leaves = dict[int, np.ndarray]


@dataclass(frozen=True, eq=False)
class Batch:
    """The runs of every scenario with every draw, scenario by scenario.

    Leaves of `(model, inputs)` are numbered in the order of flattening. Those that are equal in all
    runs stay in `shared`; of the others there is one row a scenario, or one a draw.
    """

    shared: PyTree
    by_scenario: Leaves
    by_draw: Leaves
    overruled: Leaves
    """For leaves by draw: True for the scenarios that set the value themselves."""
    scenarios: int
    draws: int

    def __len__(self) -> int:
        return self.scenarios * self.draws

    def rows(self, runs: np.ndarray) -> Leaves:
        """The leaves that vary, for some runs by number, along a new first axis."""
        scenario, draw = np.divmod(runs, self.draws)
        rows = {i: table[scenario] for i, table in self.by_scenario.items()}
        for i, table in self.by_draw.items():
            set_by_scenario = self.overruled[i][scenario]
            drawn = table[draw]
            if set_by_scenario.any():
                where = set_by_scenario.reshape(-1, *(1,) * (drawn.ndim - 1))
                drawn = np.where(where, rows[i], drawn)
            rows[i] = drawn
        return rows


def combined(shared: PyTree, row: Mapping[int, Array]) -> tuple[CompiledModel, Inputs | None]:
    """The model and inputs of one run; traceable."""
    leaves, structure = jax.tree.flatten(shared)
    for i, leaf in row.items():
        leaves[i] = leaf
    return jax.tree.unflatten(structure, leaves)


def named_scenarios(model: CompiledModel, scenarios: Scenarios) -> dict[str, Scenario]:
    """Scenarios by name, from any of the forms that `sweep` takes.

    **Raises:** `UserError` for a name that the bundled model has no scenario of, or given twice.
    """
    if scenarios is None:
        return {"baseline": Scenario(name="baseline")}
    if isinstance(scenarios, Mapping):
        found = [
            _as_scenario(value).model_copy(update={"name": name})
            for name, value in scenarios.items()
        ]
    else:
        given = [scenarios] if isinstance(scenarios, str | Scenario) else list(scenarios)
        found = [_bundled(model, s) if isinstance(s, str) else s for s in given]
    names = [s.name for s in found]
    twice = sorted({n for n in names if names.count(n) > 1})
    if twice or not names:
        raise UserError(
            "scenarios", f"{', '.join(map(repr, twice))} twice" if twice else "none",
            "at least one scenario, each name once", "rename one, or pass scenarios=None",
        )  # fmt: skip
    return dict(zip(names, found, strict=True))


def batch(
    model: CompiledModel, scenarios: Sequence[Scenario], draws: Mapping[str, Any] | None
) -> Batch:
    """Every scenario, padded to one shape, with every draw.

    **Raises:** `UserErrors` naming every scenario or draw that does not fit the model.
    """
    drawn = _checked(model, draws or {})
    like = effect_rows(model, scenarios)
    world = apply_scenario(model, scenarios[0] if len(scenarios) == 1 else None, like=like)
    leaves, structure = jax.tree.flatten(world)
    place = _leaf_numbers(world, drawn)
    changes = {i: {} for i in place.values()} | _changes(model, scenarios, like, world)
    by_scenario: Leaves = {}
    for i, values in changes.items():
        table = np.repeat(np.asarray(leaves[i])[None], len(scenarios), axis=0)
        for scenario, value in values.items():
            table[scenario] = value
        if i in place.values() or (table != table[:1]).any():
            by_scenario[i] = table
        else:
            leaves[i] = jnp.asarray(table[0])
    return Batch(
        shared=jax.tree.unflatten(structure, leaves),
        by_scenario=by_scenario,
        by_draw={place[n]: value for n, value in drawn.items()},
        overruled={
            place[n]: np.array([n in s.parameters for s in scenarios]) for n in drawn
        },
        scenarios=len(scenarios),
        draws=len(next(iter(drawn.values()))) if drawn else 1,
    )  # fmt: skip


def _changes(
    model: CompiledModel, scenarios: Sequence[Scenario], like: Any, world: PyTree
) -> dict[int, dict[int, np.ndarray]]:
    """By number of the leaf and of the scenario the values that are not those of `world`.

    Scenarios that only set parameters, of which there may be very many, are not applied one by one.
    """
    found: dict[int, dict[int, np.ndarray]] = {}
    if len(scenarios) == 1:
        return found
    leaves = list(map(np.asarray, jax.tree.leaves(world)))
    number = _leaf_numbers(world, model.parameters)
    for k, scenario in enumerate(scenarios):
        if scenario.events or scenario.series or not set(scenario.parameters) <= set(number):
            own = map(np.asarray, jax.tree.leaves(apply_scenario(model, scenario, like=like)))
            for i, (value, usual) in enumerate(zip(own, leaves, strict=True)):
                if (value != usual).any():
                    found.setdefault(i, {})[k] = value
            continue
        for name, value in scenario.parameters.items():
            array = value_array(model.spec, name, value).astype(model.dtype)
            found.setdefault(number[name], {})[k] = array
    return found


def _bundled(model: CompiledModel, name: str) -> Scenario:
    home = model.spec.name
    known = load_scenarios(home) if home in bundled_models() else {}
    if name not in known:
        raise UserError(
            f"scenario {name!r}", f"no such scenario of the model {home!r}",
            ", ".join(known) or "a Scenario: this model has none with a name",
            "load_scenarios(path) reads scenario files",
        )  # fmt: skip
    return known[name]


def _leaf_numbers(world: PyTree, names: Iterable[str]) -> dict[str, int]:
    """The number of the leaf that holds a parameter, or the y values of a lookup."""
    numbered = jax.tree.unflatten(
        jax.tree.structure(world), range(len(jax.tree.leaves(world)))
    )[0]  # fmt: skip
    return {
        n: numbered.parameters[n] if n in numbered.parameters else numbered.lookups[n].y
        for n in names
    }


def _checked(model: CompiledModel, draws: Mapping[str, Any]) -> dict[str, np.ndarray]:
    """Draws as arrays of the model's number type, each of shape `(n, *shape)`."""
    shapes = {n: p.shape for n, p in model.parameters.items()}
    shapes |= {n: t.y.shape for n, t in model.lookups.items()}
    arrays = {n: np.asarray(v) for n, v in draws.items()}
    first = next((len(a) for a in arrays.values() if a.ndim), 0)
    errors = [
        UserError(f"draws[{n!r}]", "no such name in the model", "a parameter or a lookup")
        for n in arrays if n not in shapes
    ]  # fmt: skip
    errors += [
        UserError(
            f"draws[{n!r}]", f"shape {a.shape}", f"{(max(first, 1), *shapes[n])}",
            "the first axis counts the draws and is equally long for all",
        )
        for n, a in arrays.items()
        if n in shapes and (a.shape != (first, *shapes[n]) or not first)
    ]  # fmt: skip
    if errors:
        raise errors[0] if len(errors) == 1 else UserErrors(errors)
    return {n: a.astype(model.dtype, copy=False) for n, a in arrays.items()}
