"""Workers and a planner that are small neural networks, trained through the economy itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import optax
from jaxtyping import Array, Float, PRNGKeyArray

from wmjax.tax._economy import Economy, picked
from wmjax.tax._planner import Planner
from wmjax.tax._saez import social_weights
from wmjax.tax._schedule import Schedule
from wmjax.tax._society import History, Hours
from wmjax.tax._welfare import Welfare


_LADDER = np.arange(10.0, 101.0, 10.0)  # per cent of the most hours at which pay is looked at
_MANY = 256  # workers of a training batch
Net = TypeVar("Net", bound=eqx.Module)


class Habits(eqx.Module):
    """Hours from what a worker can know: its wage, what it would keep of its pay at ten numbers of
    hours as it sees the law, and the rebate it got last. One net for all workers and brackets."""

    net: eqx.nn.MLP

    def __init__(self, key: PRNGKeyArray) -> None:
        self.net = eqx.nn.MLP(len(_LADDER) + 2, "scalar", 32, 2, jax.nn.tanh, key=key)

    def __call__(
        self, economy: Economy, schedule: Schedule, rebate: Float[Array, ""] | float
    ) -> Float[Array, " workers"]:
        """Hours a week."""
        pay = jnp.maximum(economy.skill * economy.most_hours, 1e-9)[:, None]
        income = pay * jnp.asarray(_LADDER) / 100
        kept = _seen_money(economy, schedule, income.T).T / pay
        wage = (jnp.log(pay) - 11.0) / 2.0
        features = jnp.concatenate([wage, jnp.tanh(rebate / pay), kept], axis=1)
        return economy.most_hours * jax.nn.sigmoid(jax.vmap(self.net)(features))


@dataclass(frozen=True)
class Neural:
    """Workers who decide by trained habits; `trained_habits` makes them."""

    habits: Habits

    async def decide(self, economy: Economy, schedule: Schedule, history: History) -> Hours:
        rebate = history[-1].rebate if len(history) else 0.0
        return Hours(np.asarray(_asked(self.habits, economy, schedule, rebate), float))


@eqx.filter_jit
def _asked(habits: Habits, economy: Economy, schedule: Schedule, rebate: float) -> Array:
    return habits(economy, schedule, rebate)


def trained_habits(
    economy: Economy, floors: Float[Array, " brackets"], seed: int = 0, rounds: int = 600
) -> Habits:
    """Habits that maximise what workers feel under schedules of random rates, by the exact gradient
    of utility in the weights of the net (Adam). They imitate nobody and see no best response."""

    def loss(habits: Habits, key: PRNGKeyArray) -> Array:
        some = _batch(economy, economy.skill.shape[0], key)
        rates = jax.random.uniform(jax.random.fold_in(key, 1), floors.shape)
        law = Schedule(floors, rates)
        most = jnp.mean(law.tax(some.skill * 40.0))
        rebate = most * jax.random.uniform(jax.random.fold_in(key, 2))
        hours = habits(some, law, rebate)
        felt = some.decides.utility(_seen_money(some, law, some.skill * hours) + rebate, hours)
        rest = some.decides.utility(jnp.zeros_like(hours) + rebate, jnp.zeros_like(hours))
        worth = jnp.abs(some.decides.utility(some.skill * 40.0 + rebate, 0 * hours) - rest)
        return -jnp.mean((felt - rest) / jnp.maximum(worth, 1e-9))

    return _trained(Habits(jax.random.key(seed)), loss, seed, rounds)


class NeuralPlanner(Planner):
    """A net that reads a population and writes a rate for each bracket, trained by ascent of
    welfare through the exact best responses of populations drawn from this one with replacement.

    It sees, of each bracket, its floor, the share of people and of income above it without tax, and
    how much a dollar to those people adds to welfare.
    """

    floors: Float[Array, " brackets"]
    seed: int = 0
    rounds: int = 200

    def plan(self, economy: Economy, welfare: Welfare) -> Schedule:
        workers = economy.skill.shape[0]

        def loss(net: eqx.nn.MLP, key: PRNGKeyArray) -> Array:
            some, judge = _batch((economy, welfare), workers, key)
            found = some.equilibrium(Schedule(self.floors, _rates(net, some, judge, self.floors)))
            return -judge(found.utility, found.income, found.money) / scale

        free = economy.equilibrium(Schedule(self.floors, jnp.zeros_like(self.floors)))
        scale = jnp.abs(welfare(free.utility, free.income, free.money)) + 1e-9
        net = eqx.nn.MLP(4, "scalar", 16, 2, jax.nn.tanh, key=jax.random.key(self.seed))
        trained = _trained(net, loss, self.seed, self.rounds)
        return Schedule(self.floors, _rates(trained, economy, welfare, self.floors))


@eqx.filter_jit
def _rates(net: eqx.nn.MLP, economy: Economy, welfare: Welfare, floors: Array) -> Array:
    free = Schedule(floors, jnp.zeros_like(floors))
    income = economy.equilibrium(free).income
    above = income[:, None] > floors
    people = jnp.mean(above, axis=0, dtype=floors.dtype)
    money = jnp.mean(jnp.where(above, income[:, None], 0.0), axis=0) / jnp.mean(income)
    weights = social_weights(economy, welfare, free)
    weight = jnp.mean(jnp.where(above, weights[:, None], 0.0), axis=0) / jnp.maximum(people, 1e-9)
    columns = [jnp.log1p(floors / 1e4), people, money, jnp.tanh(weight)]
    return jax.nn.sigmoid(jax.vmap(net)(jnp.stack(columns, axis=1)))


def _seen_money(economy: Economy, schedule: Schedule, income: Array) -> Array:
    """Pay after tax as the mind of the worker weighs it, without the rebate."""
    weight, extra = economy.mind.felt_rate()
    return income - weight * schedule.tax(income) - extra * income


Tree = TypeVar("Tree")


def _batch(tree: Tree, workers: int, key: PRNGKeyArray) -> Tree:
    who = jax.random.randint(key, (min(workers, _MANY),), 0, workers)
    return picked(tree, workers, who)


def _trained(net: Net, loss: Callable[[Net, PRNGKeyArray], Array], seed: int, rounds: int) -> Net:
    """The net after Adam with a rate that falls to nothing, in one compiled loop."""
    weights, rest = eqx.partition(net, eqx.is_inexact_array)
    method = optax.adam(optax.cosine_decay_schedule(0.01, rounds))

    def once(carry: tuple[Net, optax.OptState], key: PRNGKeyArray) -> tuple[object, None]:
        now, state = carry
        slope = jax.grad(lambda w: loss(eqx.combine(w, rest), key))(now)
        change, state = method.update(slope, state)
        return (eqx.apply_updates(now, change), state), None

    @jax.jit
    def all_rounds(weights: Net) -> Net:
        keys = jax.random.split(jax.random.fold_in(jax.random.key(seed), 7), rounds)
        return jax.lax.scan(once, (weights, method.init(weights)), keys)[0][0]  # pyright: ignore

    with jax.numpy_dtype_promotion("standard"):  # optax raises floats to whole numbers
        return eqx.combine(all_rounds(weights), rest)
