"""Where several starts begin."""

from __future__ import annotations

from collections.abc import Sequence

import jax
import numpy as np
from jaxtyping import Array

from calibration._bijection import Bijection, inside
from calibration._free import FreeElement


def as_key(key: Array | int | None) -> Array:
    """A random key of JAX from a key, a seed, or nothing (seed 0)."""
    if key is None or isinstance(key, int | np.integer):
        return jax.random.key(0 if key is None else int(key))
    return key


def initial_z(elements: Sequence[FreeElement], bijection: Bijection) -> np.ndarray:
    """The initial values, shape `(p,)`."""
    return bijection.inverse(np.array([inside(e) for e in elements]))


def random_z(
    elements: Sequence[FreeElement], bijection: Bijection, key: Array, n: int
) -> np.ndarray:
    """Draws from the priors inside the bounds, shape `(n, p)`; between two bounds without a prior
    they are uniform in `value` (in its logarithm where the span is wide), elsewhere they scatter
    around the initial value by its size."""
    normal, uniform = jax.random.split(key)
    shape = (n, len(elements))
    noise = np.asarray(jax.random.normal(normal, shape)).astype(np.float64)
    inner = jax.random.uniform(uniform, shape, minval=0.02, maxval=0.98)
    share = np.asarray(inner).astype(np.float64)
    z0 = initial_z(elements, bijection)
    columns = [_column(e, bijection, i, z0[i], noise[:, i], share[:, i])
               for i, e in enumerate(elements)]  # fmt: skip
    return np.stack(columns, axis=1) if columns else np.zeros(shape)


def _column(
    e: FreeElement, bijection: Bijection, i: int, z0: float, noise: np.ndarray, share: np.ndarray
) -> np.ndarray:
    if e.prior is not None and e.prior.uniform is None:
        if e.prior.normal is not None:
            x = e.prior.normal[0] + e.prior.normal[1] * noise
        else:
            assert e.prior.lognormal is not None
            x = e.prior.lognormal[0] * np.exp(e.prior.lognormal[1] * noise)
        kept = np.array([inside(e, float(v)) for v in x])
        return _inverse(bijection, i, kept)
    if bool(bijection.two_sided[i]):
        return np.log(share / (1 - share))
    return z0 + noise


def _inverse(bijection: Bijection, i: int, x: np.ndarray) -> np.ndarray:
    one = jax.tree.map(lambda leaf: leaf[i], bijection)
    return one.inverse(x)
