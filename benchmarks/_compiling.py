"""One process: CPU seconds to trace and compile a model.

    python -m benchmarks._compiling MODEL WHAT [CACHE]

MODEL is world3, sparse:STOCKS or actors:COUNTxEQUATIONS; WHAT is forward or gradient; CACHE is a
folder of compiled programs. Imports, reading and checking the spec come first and are not counted.
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any

from benchmarks._jax import prepare
from benchmarks._world3 import FREE, OUTPUTS


_FREE = 10
_SAVED = 5


def main(name: str, what: str, cache: str | None = None) -> None:
    prepare(cache=cache)
    import jax
    import jax.numpy as jnp

    import wmjax.sim  # noqa: F401 - imports are not counted

    jnp.zeros(1).block_until_ready()  # nor is the start of the back end
    began = time.process_time()
    model, free, saved = _model(name)
    built = time.process_time() - began
    function = _function(model, free, saved)
    arguments = {n: jnp.asarray(model.parameters[n]) for n in free}
    if what == "gradient":
        function = jax.value_and_grad(function)
    began = time.process_time()
    trace = jax.jit(function).trace(arguments)
    traced = time.process_time() - began
    compiled = trace.lower().compile()
    spent = time.process_time() - began
    began = time.process_time()
    jax.block_until_ready(compiled(arguments))
    run = time.process_time() - began
    print(json.dumps({"compile": spent, "traced": traced, "built": built, "run": run}))


def _model(name: str) -> tuple[Any, tuple[str, ...], tuple[str, ...]]:
    """The compiled model, the parameters of the gradient, and what is saved."""
    import wmjax

    if name == "world3":
        return wmjax.compile_model("world3"), FREE, OUTPUTS
    model = wmjax.compile_model(_synthetic(name))
    program = model.program
    return model, program.names("parameter")[:_FREE], program.names("stock")[:_SAVED]


def _synthetic(name: str) -> Any:
    from benchmarks import _synthetic

    kind, _, size = name.partition(":")
    if kind == "sparse":
        return _synthetic.sparse(int(size), 0)
    count, equations = size.split("x")
    return _synthetic.actors(int(count), int(equations), 0)


def _function(model: Any, free: tuple[str, ...], saved: tuple[str, ...]) -> Any:
    import jax.numpy as jnp

    import wmjax

    def loss(parameters: dict[str, Any]) -> Any:
        changed = wmjax.with_parameters(model, parameters)
        run = wmjax.simulate(changed, save=saved, throw=False)
        return sum(jnp.mean(jnp.tanh(run[n])) for n in saved)

    return loss


if __name__ == "__main__":
    main(*sys.argv[1:])
