"""Search by a surrogate: what a planner does that sees nothing but welfare."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from wmjax._errors import UserError
from wmjax.tax._economy import Economy
from wmjax.tax._planner import Planner, planned_welfare
from wmjax.tax._schedule import Schedule
from wmjax.tax._welfare import Welfare


class Bayes(Planner):
    """The best of a number of trials that optuna's tree-structured Parzen estimator chooses.

    Bergstra, Bardenet, Bengio & Kegl 2011, Advances in Neural Information Processing Systems 24.
    Needs the extra `bayes`.

    **Raises:** `UserError` if optuna is not installed.
    """

    floors: Float[Array, " brackets"]
    trials: int = 150
    seed: int = 0

    def plan(self, economy: Economy, welfare: Welfare) -> Schedule:
        try:
            import optuna
        except ImportError:
            raise UserError(
                "planner bayes", "no optuna", "the package optuna", "pip install 'wmjax[bayes]'"
            ) from None
        optuna.logging.set_verbosity(optuna.logging.WARNING)
        names = [f"rate {i + 1}" for i in range(self.floors.shape[0])]

        def value(trial: optuna.Trial) -> float:
            rates = [trial.suggest_float(name, 0.0, 1.0) for name in names]
            return float(planned_welfare(economy, welfare, self._with(rates)))

        sampler = optuna.samplers.TPESampler(seed=self.seed, multivariate=False)
        study = optuna.create_study(direction="maximize", sampler=sampler)
        study.optimize(value, n_trials=self.trials)
        return self._with([study.best_params[name] for name in names])

    def _with(self, rates: list[float]) -> Schedule:
        return Schedule(self.floors, jnp.asarray(np.asarray(rates), self.floors.dtype))
