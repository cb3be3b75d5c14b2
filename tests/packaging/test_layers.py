"""What may be imported without paying for jax, seen from outside the linter."""

from __future__ import annotations

import importlib.util
import subprocess
import sys

import pytest


_HEAVY = ("jax", "jaxlib", "equinox", "diffrax", "hydra", "omegaconf")
_LIGHT = ("wmjax", "wmjax.spec", "wmjax.series", "wmjax.program", "wmjax.formats", "wmjax.llm")


@pytest.mark.parametrize("package", _LIGHT)
def test_light_packages_load_neither_jax_nor_hydra(package: str) -> None:
    if importlib.util.find_spec(package) is None:
        pytest.skip(f"{package} is not part of this version")
    code = f"import sys, {package}; print([m for m in {_HEAVY!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_nothing_switches_on_x64_by_being_imported() -> None:
    code = (
        "import wmjax, calibration, structure_gen, wmjax.model, wmjax.sim, wmjax.app\n"
        "import jax; print(jax.config.jax_enable_x64)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
