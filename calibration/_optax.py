"""Optimisers of optax by name."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, final

import jax
import jax.numpy as jnp
import numpy as np

from calibration._minimiser import CONVERGED, FAILED, RUNNING, State, Vector, flag, number


OPTIMISERS = (
    "adabelief", "adagrad", "adam", "adamw", "lion", "nadam", "radam", "rmsprop", "sgd", "yogi",
)  # fmt: skip
_PATIENCE = 100
_SMALLEST_RATE = 1e-6


@final
@dataclass(frozen=True)
class Optax:
    """One of `OPTIMISERS`, in the space of `z`.

    A step to where something is not finite is taken back to the best point and the rate is halved.
    Stops when 100 evaluations together lower the loss by less than `tolerance` of it.
    """

    name: str
    rate: float = 0.02
    tolerance: float = 1e-6
    limit: Vector | float = field(default=np.inf, compare=False)

    @property
    def wants(self) -> Literal["gradient"]:
        return "gradient"

    def start(self, z: Vector) -> State:
        leaves = jax.tree.leaves(_optimiser(self.name, self.rate).init(jnp.asarray(z)))
        memory = {f"memory{i}": np.asarray(x) for i, x in enumerate(leaves)}
        return {"z": z, "loss": number(np.inf), "at": z, "share": number(1.0), "slow": flag(0),
                "mark": number(np.inf), "status": flag(RUNNING), **memory}  # fmt: skip

    def ask(self, state: State) -> Vector:
        return state["at"]

    def tell(self, state: State, found: Mapping[str, np.ndarray]) -> State:
        loss, gradient = float(found["loss"]), found["gradient"]
        if not (np.isfinite(loss) and np.isfinite(gradient).all()):
            return self._back(state)
        state = dict(state)
        if loss < float(state["loss"]):
            state |= {"z": state["at"], "loss": number(loss)}
        mark = float(state["mark"])
        gained = float(state["loss"]) < mark - self.tolerance * abs(mark) or not np.isfinite(mark)
        slow = 0 if gained else int(state["slow"]) + 1
        state |= {"slow": flag(slow)} | ({"mark": state["loss"]} if gained else {})
        if slow >= _PATIENCE:
            return {**state, "status": flag(CONVERGED)}
        return self._moved(state, gradient)

    def _back(self, state: State) -> State:
        share = float(state["share"]) / 2
        lost = not np.isfinite(state["loss"])
        status = FAILED if lost else CONVERGED if share < _SMALLEST_RATE else RUNNING
        fresh = {k: v for k, v in self.start(state["z"]).items() if k.startswith("memory")}
        return {**state, **fresh, "at": state["z"], "share": number(share), "status": flag(status)}

    def _moved(self, state: State, gradient: Vector) -> State:
        shape = jax.tree.structure(_optimiser(self.name, self.rate).init(jnp.asarray(state["z"])))
        leaves = [jnp.asarray(state[f"memory{i}"]) for i in range(shape.num_leaves)]
        # optax mixes whole numbers with floats, which strict promotion forbids
        with jax.numpy_dtype_promotion("standard"):
            update, memory = _update(
                self.name, self.rate, jnp.asarray(gradient), jax.tree.unflatten(shape, leaves),
                jnp.asarray(state["at"]),
            )  # fmt: skip
        at = state["at"] + float(state["share"]) * np.asarray(update, np.float64)
        kept = {f"memory{i}": np.asarray(x) for i, x in enumerate(jax.tree.leaves(memory))}
        return {**state, **kept, "at": np.clip(at, -np.asarray(self.limit), np.asarray(self.limit))}


@functools.lru_cache(maxsize=16)
def _optimiser(name: str, rate: float) -> Any:
    import optax

    return getattr(optax, name)(rate)


@functools.partial(jax.jit, static_argnums=(0, 1))
def _update(name: str, rate: float, gradient: Any, memory: Any, at: Any) -> Any:
    return _optimiser(name, rate).update(gradient, memory, at)
