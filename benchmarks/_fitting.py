"""Worker: 10 parameters of World3 fitted to five noisy series. `python -m benchmarks._fitting`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks._jax import prepare
from benchmarks._workers.serve import serve
from benchmarks._world3 import FREE, OUTPUTS


_NOISE = 0.01  # of the logarithm
_AWAY = 0.15  # how far from the truth the fit starts
_CLOSE = 1.001  # a search has arrived when its loss is that close to the least
_PATIENCE = 20_000  # evaluations


class Problem:
    """Yearly data of a known truth with 1 % noise, and a start within 15 % of it."""

    def __init__(self) -> None:
        import wmjax

        self.model = wmjax.compile_model("world3")
        rng = np.random.default_rng(4)
        self.truth = np.array([float(self.model.parameters[n]) for n in FREE])
        self.start = self.truth * (1 + _AWAY * rng.uniform(-1, 1, len(FREE)))
        run = wmjax.simulate(self.model, save=OUTPUTS, save_every=1)
        self.times = np.asarray(run.times)
        self.data = {
            n: np.asarray(run[n]) * np.exp(_NOISE * rng.standard_normal(len(self.times)))
            for n in OUTPUTS
        }

    def __call__(self, name: str) -> Callable[[], list[float]]:
        return {"fit": self._fit(), "nelder-mead": self._nelder_mead}[name]

    def _fit(self) -> Callable[[], list[float]]:
        """Our fit with its defaults: how many evaluations, and the loss."""
        import pandas as pd

        import calibration
        import wmjax

        unit = {n: self.model.spec.variables[n].unit for n in OUTPUTS}
        table = pd.DataFrame({"time": self.times, **self.data})
        observed = wmjax.load_observations(table, units=unit)
        terms = [
            calibration.FitTerm(variable=n, observed=n, transform="log", sigma=_NOISE)
            for n in OUTPUTS
        ]
        begun = zip(FREE, self.start.tolist(), strict=True)
        free = {n: calibration.FreeParameter(initial=x) for n, x in begun}

        def run() -> list[float]:
            found = calibration.fit(self.model, observed, terms=terms, free=free, starts=1)
            return [found.evaluations, found.loss]

        return run

    def _nelder_mead(self) -> list[float]:
        """SciPy's simplex on the same loss: evaluations until it is as low as our fit's."""
        import scipy.optimize

        goal = _CLOSE * self._fit()()[1]
        loss = self._loss()
        spent = 0

        def counted(scale: np.ndarray) -> float:
            nonlocal spent
            spent += 1
            value = float(loss(scale * self.start))
            if value <= goal:
                raise StopIteration
            return value if np.isfinite(value) else 1e300

        options = {"maxfev": _PATIENCE, "adaptive": True, "xatol": 1e-9, "fatol": 1e-9}
        try:
            scipy.optimize.minimize(counted, np.ones(len(FREE)), method="Nelder-Mead",
                                    options=options)  # fmt: skip
        except StopIteration:
            return [spent, 1.0]
        return [spent, 0.0]

    def _loss(self) -> Callable[[np.ndarray], Any]:
        import jax
        import jax.numpy as jnp

        import wmjax

        logs = {n: np.log(x) for n, x in self.data.items()}

        @jax.jit
        def loss(theta: Any) -> Any:
            changed = wmjax.with_parameters(self.model, {n: theta[i] for i, n in enumerate(FREE)})
            run = wmjax.simulate(changed, save=OUTPUTS, save_every=1, throw=False)
            missed = [(jnp.log(run[n]) - logs[n]) / _NOISE for n in OUTPUTS]
            return sum(0.5 * jnp.sum(r**2) for r in missed)

        return lambda theta: loss(jnp.asarray(theta))


if __name__ == "__main__":
    prepare()
    serve(Problem())
