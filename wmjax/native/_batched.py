"""Kernels under the transformations of JAX: batches side by side, derivatives by JAX."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
from jax.custom_batching import custom_vmap
from jax.custom_derivatives import SymbolicZero
from jaxtyping import Array, Float

from wmjax.native._job import Job
from wmjax.native._kernel import Kernel, kernel


Found = tuple[list[Array], Array]
"""For each name what is kept, and 0, or NaN for a run that left the finite numbers."""
Reference = Callable[[Array, Sequence[Array]], Found]


@dataclass(frozen=True)
class Runs:
    """Runs of a job as a function of the axis of `Kernel` and of the leaves of `Job.leaves`.

    - `reference`: the same by JAX, for one run; its derivatives are those of the function.
    - `rows`: values kept of each number.
    """

    job: Job
    reference: Reference
    rows: int

    def __call__(self, axis: Float[Array, " 5"], leaves: Sequence[Array]) -> Found:
        reference = self.reference

        @jax.custom_jvp
        def run(axis: Array, *leaves: Array) -> Found:
            return self._computed(self.job)(axis, *leaves)

        @partial(run.defjvp, symbolic_zeros=True)
        def _(primals: Sequence[Array], tangents: Sequence[Any]) -> tuple[Found, Found]:
            """What does not vary is held: zeros would be carried through every step."""
            vary = [i for i, t in enumerate(tangents) if not isinstance(t, SymbolicZero)]

            def of(*some: Array) -> Found:
                every = list(primals)
                for i, x in zip(vary, some, strict=True):
                    every[i] = x
                return reference(every[0], every[1:])

            return jax.jvp(of, [primals[i] for i in vary], [tangents[i] for i in vary])

        return run(axis, *leaves)

    def _computed(self, job: Job) -> Callable[..., Found]:
        """The runs of a job, of which some leaves have the runs as first axis."""
        found = kernel(job)
        if isinstance(found, str):  # a batch too large for a kernel, of runs that have one
            return self._by_reference(job)

        @custom_vmap
        def call(axis: Array, *leaves: Array) -> Found:
            return self._called(found, axis, leaves)

        @call.def_vmap
        def _(size: int, batched: Sequence[bool], axis: Array, *leaves: Array) -> tuple[Found, Any]:
            return self._mapped(job, size, batched, axis, leaves)

        return call

    def _called(self, found: Kernel, axis: Array, leaves: Sequence[Array]) -> Found:
        own = sorted(found.job.varied or ())
        shared = jnp.concatenate([
            jnp.zeros(size) if i in own else leaves[i].reshape(-1)
            for i, size in enumerate(found.job.sizes)
        ])  # fmt: skip
        values, wrong = found(axis, shared, [leaves[i] for i in own], self.rows)
        if found.job.varied is None:
            return [v[0] for v in values], wrong[0]
        return values, wrong

    def _mapped(
        self, job: Job, size: int, batched: Sequence[bool], axis: Array, leaves: Sequence[Array]
    ) -> tuple[Found, Any]:
        """One more axis of runs, joined with the one that is there."""
        if batched[0] or not any(batched):
            found = jax.lax.map(
                lambda row: self._computed(job)(row[0], *row[1]), (axis, list(leaves))
            )  # fmt: skip
            return found, jax.tree.map(lambda _: True, found)
        inside = job.varied or frozenset()
        varied = inside | {i for i, b in enumerate(batched[1:]) if b}
        runs = next((leaves[i].shape[batched[i + 1]] for i in inside), 1)
        joined = list(leaves)
        for i in varied:
            x, shape = leaves[i], job.leaves[i]
            x = x if batched[i + 1] else x[None]
            x = x if i in inside else x[:, None]
            joined[i] = jnp.broadcast_to(x, (size, runs, *shape)).reshape(size * runs, *shape)
        values, wrong = self._computed(replace(job, varied=varied))(axis, *joined)
        lead = (size, runs) if job.varied is not None else (size,)
        found = ([v.reshape(*lead, *v.shape[1:]) for v in values], wrong.reshape(lead))
        return found, jax.tree.map(lambda _: True, found)

    def _by_reference(self, job: Job) -> Callable[..., Found]:
        axes = [0 if i in (job.varied or ()) else None for i in range(len(job.leaves))]

        def one(axis: Array, *leaves: Array) -> Found:
            return self.reference(axis, leaves)

        return one if job.varied is None else jax.vmap(one, in_axes=(None, *axes))
