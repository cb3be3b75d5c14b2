"""Rows over devices: what is put where, and what comes back. One device here, more in programs."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from wmjax._errors import UserError
from wmjax.sim import as_devices, devices


def test_rows_come_back_in_their_order_and_number() -> None:
    here = devices()
    rows = {"a": np.arange(5.0), "b": np.arange(10.0).reshape(5, 2)}

    @jax.jit
    def run(shared, rows):
        return here.each(lambda s, r: {"c": s["k"] * r["a"][:, None] + r["b"]})(shared, rows)

    found = run(here.copy({"k": np.float64(3)}), here.shard(rows))
    back = here.gather(found, 5)["c"]
    np.testing.assert_array_equal(back, 3 * rows["a"][:, None] + rows["b"])


def test_it_can_be_differentiated() -> None:
    here = devices()

    def total(k, rows):
        return here.each(lambda s, r: jnp.sin(s * r))(k, rows).sum()

    rows = np.linspace(0, 1, 4)
    slope = jax.jit(jax.grad(total))(jnp.asarray(2.0), here.shard(rows))
    assert float(slope) == pytest.approx(float((rows * np.cos(2 * rows)).sum()))


def test_numbers_that_are_no_arrays_stay_what_they_are() -> None:
    here = devices()
    assert here.copy({"a": 3, "b": "text"}) == {"a": 3, "b": "text"}


def test_devices_are_equal_when_they_are_the_same_ones() -> None:
    here = devices()
    assert here == devices(jax.devices()) and hash(here) == hash(devices(jax.devices()))
    assert as_devices(None) is None and as_devices(here) is here
    assert here.padded(0) == here.padded(1) == len(here)


def test_none_or_one_twice_is_refused() -> None:
    one = jax.devices()[0]
    for wrong in ([], [one, one]):
        with pytest.raises(UserError, match="each once"):
            devices(wrong)
