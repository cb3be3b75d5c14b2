"""The public namespace: what it holds, what importing it costs and changes."""

from __future__ import annotations

import subprocess
import sys

import wmjax


EXPORTS = """
BudgetSpent CheckFailed CompiledModel DataError Diffrax Euler Forecast Grouped Issue ModelSpec
Native Observations RK2 RK4 RunRecord RunStore Scalar Scenario SimulationError SpecError State
StoreError Trajectory UserError
WmjaxError advance check_spec compile_model forecast initial_state load_observations load_scenarios
load_spec save_spec simulate sweep verify with_parameters
""".split()


def _python(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_the_exports_are_these():
    assert sorted(wmjax.__all__) == sorted(EXPORTS)
    assert all(getattr(wmjax, name) is not None for name in EXPORTS)
    assert set(EXPORTS) <= set(dir(wmjax))


def test_an_unknown_name_is_an_attribute_error():
    assert not hasattr(wmjax, "nonsense")


def test_reading_and_checking_a_spec_loads_no_jax():
    code = (
        "import sys, wmjax; wmjax.check_spec(wmjax.load_spec('world'));"
        "wmjax.load_scenarios('world'); wmjax.load_observations('world');"
        "heavy = ('jax', 'equinox', 'diffrax', 'hydra', 'matplotlib');"
        "print([m for m in heavy if m in sys.modules])"
    )
    assert _python(code) == "[]"


def test_importing_everything_changes_no_setting_of_jax():
    code = (
        "import jax; before = {k: getattr(jax.config, k) for k in"
        " ('jax_enable_x64', 'jax_numpy_dtype_promotion', 'jax_compilation_cache_dir')};"
        "import wmjax, calibration, structure_gen; [getattr(wmjax, n) for n in wmjax.__all__];"
        "print(before == {k: getattr(jax.config, k) for k in before})"
    )
    assert _python(code) == "True"
