"""Rows of work over devices: each device computes some rows of a batch, alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar, final

import equinox as eqx
import jax
import numpy as np
from jax.sharding import AxisType, Mesh, NamedSharding, PartitionSpec
from jaxtyping import PyTree

from wmjax._errors import UserError


_AXIS = "rows"

T = TypeVar("T")


@final
@dataclass(frozen=True)
class Devices:
    """Devices that share the rows of a batch; equal and hashable by which devices these are.

    In a job of several processes (`jax.distributed`) these are the devices of all of them, every
    process calls the same things in the same order with the same numbers, and what is gathered is
    whole in each.

    ```python
    all_of_them = devices()
    f = jax.jit(all_of_them.each(lambda shared, rows: jax.vmap(...)(rows)))
    found = all_of_them.gather(f(all_of_them.copy(shared), all_of_them.shard(rows)), n)
    ```
    """

    mesh: Mesh

    def __len__(self) -> int:
        return self.mesh.size

    @property
    def is_shared(self) -> bool:
        """Whether some of the devices belong to another process."""
        return self.mesh.is_multi_process

    @property
    def is_first(self) -> bool:
        """Whether this process is the one that writes and says what all have found."""
        return not self.is_shared or jax.process_index() == 0

    @property
    def platform(self) -> str:
        """`cpu`, `gpu` or `tpu`."""
        return self.mesh.devices.flat[0].platform

    @property
    def described(self) -> str:
        """Such as `4 devices (gpu)`, and of how many processes if there are several."""
        count = len({d.process_index for d in self.mesh.devices.flat})
        several = f", {count} processes" if self.is_shared else ""
        return f"{len(self)} device{'s' if len(self) > 1 else ''} ({self.platform}{several})"

    def padded(self, rows: int) -> int:
        """The least multiple of the number of devices that is at least `rows`, and not zero."""
        return max(-(-rows // len(self)), 1) * len(self)

    def shard(self, tree: PyTree) -> Any:
        """Arrays `(rows, ...)` with their first axis over the devices, `(padded(rows), ...)`; the
        last row is repeated to fill the last devices."""

        def one(leaf: Any) -> np.ndarray:
            rows = np.asarray(leaf)
            lacking = self.padded(len(rows)) - len(rows)
            return np.concatenate([rows, np.repeat(rows[-1:], lacking, 0)]) if lacking else rows

        return self._put(jax.tree.map(one, tree), PartitionSpec(_AXIS))

    def copy(self, tree: T) -> T:
        """The arrays of a pytree whole on every device; other leaves as they are."""
        arrays, rest = eqx.partition(tree, _is_array)
        return eqx.combine(self._put(jax.tree.map(np.asarray, arrays), PartitionSpec()), rest)

    def _put(self, tree: Any, spec: PartitionSpec) -> Any:
        """numpy's arrays on the devices: all in one call, but where some are another process's."""
        sharding = NamedSharding(self.mesh, spec)
        if not self.is_shared:
            return jax.device_put(tree, sharding)
        return jax.tree.map(
            lambda x: jax.make_array_from_callback(x.shape, sharding, x.__getitem__), tree
        )

    def each(self, work: Callable[[Any, Any], PyTree]) -> Callable[[Any, Any], PyTree]:
        """`work(shared, rows)` as one program in which each device is given its own rows only.

        `shared` is whole everywhere. Every array that `work` returns must have the rows as its
        first axis. Traceable under `jit` and differentiable.
        """
        rows = PartitionSpec(_AXIS)

        def program(shared: Any, mine: Any) -> PyTree:
            arrays, rest = eqx.partition(shared, eqx.is_array)
            return jax.shard_map(
                lambda whole, part: work(eqx.combine(whole, rest), part),
                mesh=self.mesh, in_specs=(PartitionSpec(), rows), out_specs=rows, check_vma=False,
            )(arrays, mine)  # fmt: skip

        return program

    def of_first(self, content: bytes | None) -> bytes | None:
        """What the first process passed, in every process."""
        if not self.is_shared:
            return content
        from jax.experimental.multihost_utils import broadcast_one_to_all

        mine = np.frombuffer(content or b"", np.uint8)
        count = int(broadcast_one_to_all(np.int32(-1 if content is None else len(mine))))
        if count < 0:
            return None
        buffer = np.zeros(count, np.uint8)
        if jax.process_index() == 0:
            buffer[:] = mine
        return np.asarray(broadcast_one_to_all(buffer), np.uint8).tobytes()

    def gather(self, tree: PyTree, rows: int) -> PyTree:
        """The first `rows` rows of arrays that are spread over the devices, as numpy arrays; in
        every process all of them."""
        if self.is_shared:
            from jax.experimental.multihost_utils import process_allgather

            return jax.tree.map(lambda a: np.asarray(a)[:rows], process_allgather(tree, tiled=True))
        return jax.tree.map(lambda a: np.asarray(a)[:rows], tree)


def _is_array(leaf: Any) -> bool:
    return eqx.is_array_like(leaf) and not isinstance(leaf, bool | int | float | complex)


def as_devices(chosen: Devices | Sequence[Any] | None) -> Devices | None:
    """What `devices=` takes: devices, a list of them, or nothing for the one that jax takes."""
    return chosen if chosen is None or isinstance(chosen, Devices) else devices(chosen)


def devices(chosen: Sequence[Any] | None = None) -> Devices:
    """These devices, by default all there are: of every process in a job of several.

    **Raises:** `UserError` for none, or one twice.
    """
    found = list(jax.devices() if chosen is None else chosen)
    if not found or len(set(found)) != len(found):
        raise UserError("devices", f"{found}", "at least one device, and each once")
    mesh = jax.make_mesh((len(found),), (_AXIS,), axis_types=(AxisType.Auto,), devices=found)
    return Devices(mesh)
