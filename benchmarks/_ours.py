"""Worker: wmjax on World3. `python -m benchmarks._ours [DEVICES]`."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import cached_property, partial
from typing import Any

import numpy as np

from benchmarks._jax import prepare
from benchmarks._workers.serve import serve
from benchmarks._world3 import FREE, OUTPUTS, draws


class Cases:
    """What can be asked for, each made when it is first asked for."""

    def __init__(self) -> None:
        import wmjax

        self.model = wmjax.compile_model("world3")
        self.values = {n: float(v) for n, v in self.model.parameters.items()}
        self._made: dict[str, Callable[[], float]] = {}

    def __call__(self, name: str) -> Callable[[], float]:
        if name not in self._made:
            what, _, count = name.partition(":")
            self._made[name] = getattr(self, f"_{what}")(int(count or 0))
        return self._made[name]

    def _simulate(self, _: int) -> Callable[[], float]:
        """The plain call of the library."""
        import wmjax

        return lambda: float(np.asarray(wmjax.simulate(self.model, save=OUTPUTS)[OUTPUTS[0]])[-1])

    def _native(self, _: int) -> Callable[[], float]:
        """The same of a model that runs as generated C."""
        import wmjax

        model = wmjax.compile_model("world3", backend=wmjax.Native())
        return lambda: float(np.asarray(wmjax.simulate(model, save=OUTPUTS)[OUTPUTS[0]])[-1])

    def _run(self, _: int) -> Callable[[], float]:
        """A compiled function from all parameters to five trajectories."""
        import jax

        compiled = jax.jit(self._trajectories)
        arguments = dict(self.model.parameters)
        return lambda: float(np.asarray(compiled(arguments)[OUTPUTS[0]])[-1])

    def _value(self, batch: int) -> Callable[[], float]:
        return self._jitted(self._loss, batch)

    def _gradient(self, batch: int) -> Callable[[], float]:
        import jax

        return self._jitted(jax.value_and_grad(self._loss), batch)

    def _sweep(self, runs: int) -> Callable[[], float]:
        """The values at the end of a sweep over draws of 20 parameters."""
        return self._finals(runs)

    def _jax(self, runs: int) -> Callable[[], float]:
        """The same by JAX, which sweeps of this size leave to generated C."""
        import wmjax

        return self._finals(runs, backend=wmjax.Scalar())

    def _finals(self, runs: int, **how: Any) -> Callable[[], float]:
        import wmjax
        from wmjax.scenario import Final

        some = draws(self.values, runs)
        sweep = partial(wmjax.sweep, self.model, draws=some, save=OUTPUTS, keep=Final(), **how)
        return lambda: float(np.ravel(sweep()[OUTPUTS[0]].values)[-1])

    def _shared(self, runs: int) -> Callable[[], float]:
        """The same over all devices of this process."""
        from wmjax.sim import devices

        return self._finals(runs, devices=devices())

    def _trajectories(self, parameters: dict[str, Any]) -> dict[str, Any]:
        import wmjax

        changed = wmjax.with_parameters(self.model, parameters)
        return wmjax.simulate(changed, save=OUTPUTS, throw=False).values

    def _loss(self, theta: Any) -> Any:
        """Mean square of the relative distance from the reference run, over five outputs."""
        import jax.numpy as jnp

        scaled = {n: theta[i] * self.values[n] for i, n in enumerate(FREE)}
        found = self._trajectories(scaled)
        return sum(jnp.mean((found[n] / self._reference[n] - 1) ** 2) for n in OUTPUTS)

    @cached_property
    def _reference(self) -> dict[str, np.ndarray]:
        import wmjax

        run = wmjax.simulate(self.model, save=OUTPUTS)
        return {n: np.asarray(run[n]) for n in OUTPUTS}

    def _jitted(self, function: Callable[..., Any], batch: int) -> Callable[[], float]:
        import jax
        import jax.numpy as jnp

        rng = np.random.default_rng(10)
        self._reference  # noqa: B018 - computed before tracing
        theta = jnp.asarray(1 + 0.02 * rng.uniform(-1, 1, (max(batch, 1), len(FREE))))
        compiled = jax.jit(jax.vmap(function) if batch else function)
        theta = theta if batch else theta[0]

        def call() -> float:
            first = jax.tree.leaves(jax.block_until_ready(compiled(theta)))[0]
            return float(np.ravel(first)[0])

        return call


def main() -> None:
    prepare(host_devices=int(sys.argv[1]) if len(sys.argv) > 1 else None)
    serve(Cases())


if __name__ == "__main__":
    main()
