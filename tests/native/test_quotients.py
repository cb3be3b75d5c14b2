"""Division by a known divisor is division, bit by bit, whatever the numbers."""

from __future__ import annotations

import ctypes
from pathlib import Path

import numpy as np
import pytest

import wmjax
from benchmarks import _c
from benchmarks._c._build import build
from wmjax import Native, Scalar, compile_model
from wmjax.native import compiler


pytestmark = pytest.mark.skipif(compiler() is None, reason="no C compiler")

_HOME = Path(wmjax.__file__).parent / "native"
_DIVIDE = """
#include <string.h>
void divide(long n, const double *a, const double *b, double *out) {
    for (long i = 0; i < n; i += LANES) {
        V x, y, by_each, by_one;
        memcpy(&x, a + i, sizeof x);
        memcpy(&y, b + i, sizeof y);
        by_each = vquotient(x, y, vreciprocal(y));
        memcpy(out + i, &by_each, sizeof by_each);
        for (int k = 0; k < LANES; k++) {  /* of a divisor that all share */
            by_one = vquotient(x, all(y[k]), all(reciprocal(y[k])));
            out[n + i + k] = by_one[k];
        }
    }
}
"""


def _quotients(a: np.ndarray, b: np.ndarray, folder: Path, flags: tuple[str, ...]) -> np.ndarray:
    headers = [(_HOME / name).read_text() for name in ("scalar.h", "vector.h")]
    library = build("\n".join([*headers, _DIVIDE]), folder, flags)
    out = np.empty((2, len(a)))
    pointers = (ctypes.c_void_p(x.ctypes.data) for x in (a, b, out))
    library.divide(ctypes.c_long(len(a)), *pointers)
    return out


def _extremes() -> np.ndarray:
    """Powers of two over the whole range and their neighbours, subnormal numbers, the ends."""
    powers = 2.0 ** np.concatenate([np.arange(-1074, -1015), np.arange(-1010, 1024, 13)])
    ends = np.array([0.0, 5e-324, 2.2250738585072009e-308, 2.0**1023, 1.7976931348623157e308])
    plain = np.concatenate([powers, np.nextafter(powers, np.inf), powers * 1.7, ends, [np.inf]])
    return np.concatenate([plain, -plain, [np.nan]])


def _pairs() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(1)
    extremes = _extremes()
    a, b = (x.reshape(-1) for x in np.meshgrid(extremes, extremes))
    bits = rng.integers(0, 2**64, (2, 200_000), dtype=np.uint64).view(np.float64)
    ordinary = rng.uniform(1, 2, (2, 200_000)) * 2.0 ** rng.integers(-70, 70, (2, 200_000))
    mixed = np.stack([rng.choice(extremes, 200_000), rng.normal(size=200_000)])
    a, b = (np.concatenate([x, *rest]) for x, *rest in zip(
        (a, b), bits, ordinary, mixed, mixed[::-1], strict=True))  # fmt: skip
    order = rng.permutation(len(a) // 8 * 8)  # numbers of all sizes side by side
    return np.ascontiguousarray(a[order]), np.ascontiguousarray(b[order])


@pytest.mark.parametrize("flags", [_c.FLAGS["vector"], ("-O2",)], ids=["wide", "any processor"])
def test_quotients_have_the_bits_of_division(flags: tuple[str, ...], tmp_path: Path) -> None:
    a, b = _pairs()
    with np.errstate(all="ignore"):
        wanted = a / b
    for found in _quotients(a, b, tmp_path, flags):
        none = np.isnan(wanted)
        np.testing.assert_array_equal(np.isnan(found), none)
        wrong = (found.view(np.uint64) != wanted.view(np.uint64)) & ~none
        assert not wrong.any(), list(zip(a[wrong][:5], b[wrong][:5], found[wrong][:5], strict=True))


def test_what_overflows_in_a_sweep_is_what_jax_says() -> None:
    model = compile_model({
        "name": "far", "time": {"start": 0, "end": 2, "step": 1},
        "variables": {
            "p": {"kind": "parameter", "value": 1.0},
            "x": {"kind": "stock", "initial": 1e200, "inflows": ["f"]},
            "f": {"kind": "flow", "equation": "0 * p"},
            "q": {"kind": "auxiliary", "equation": "x / p"},
            "c": {"kind": "auxiliary", "equation": "min(q, 10)"},
            "z": {"kind": "auxiliary", "equation": "1 / (1 + q)"},
        },
    })  # fmt: skip
    draws = {"p": np.array([1.0, 1e-150, 1e-310, 0.0, 1e308, -1e-150, 3.0, -0.0, 1e-200])}
    found, wanted = (wmjax.sweep(model, None, draws, backend=b) for b in (Native(), Scalar()))
    for name in ("q", "c", "z", "finite"):
        np.testing.assert_array_equal(found[name], wanted[name], err_msg=name)
