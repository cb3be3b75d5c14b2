"""A world model that can be differentiated.

`import wmjax` is cheap: every name below is loaded when it is first used, and reading or checking
a spec never imports JAX. No global JAX setting is changed.
"""

from __future__ import annotations

import importlib
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any


try:
    __version__ = version("wmjax")
except PackageNotFoundError:  # a source tree that was never installed
    __version__ = "0+unknown"

if TYPE_CHECKING:
    from wmjax._errors import BudgetSpent as BudgetSpent
    from wmjax._errors import CheckFailed as CheckFailed
    from wmjax._errors import DataError as DataError
    from wmjax._errors import SimulationError as SimulationError
    from wmjax._errors import SpecError as SpecError
    from wmjax._errors import StoreError as StoreError
    from wmjax._errors import UserError as UserError
    from wmjax._errors import WmjaxError as WmjaxError
    from wmjax.formats import save_spec as save_spec
    from wmjax.model import CompiledModel as CompiledModel
    from wmjax.model import Grouped as Grouped
    from wmjax.model import Native as Native
    from wmjax.model import Scalar as Scalar
    from wmjax.model import compile_model as compile_model
    from wmjax.model import with_parameters as with_parameters
    from wmjax.scenario import Forecast as Forecast
    from wmjax.scenario import forecast as forecast
    from wmjax.scenario import sweep as sweep
    from wmjax.series import Observations as Observations
    from wmjax.series import load_observations as load_observations
    from wmjax.sim import RK2 as RK2
    from wmjax.sim import RK4 as RK4
    from wmjax.sim import Diffrax as Diffrax
    from wmjax.sim import Euler as Euler
    from wmjax.sim import State as State
    from wmjax.sim import Trajectory as Trajectory
    from wmjax.sim import advance as advance
    from wmjax.sim import initial_state as initial_state
    from wmjax.sim import simulate as simulate
    from wmjax.sim import verify as verify
    from wmjax.spec import Issue as Issue
    from wmjax.spec import ModelSpec as ModelSpec
    from wmjax.spec import Scenario as Scenario
    from wmjax.spec import check_spec as check_spec
    from wmjax.spec import load_scenarios as load_scenarios
    from wmjax.spec import load_spec as load_spec
    from wmjax.store import RunRecord as RunRecord
    from wmjax.store import RunStore as RunStore

_HOMES = {
    "wmjax._errors": (
        "BudgetSpent", "CheckFailed", "DataError", "SimulationError", "SpecError", "StoreError",
        "UserError", "WmjaxError",
    ),
    "wmjax.formats": ("save_spec",),
    "wmjax.model": (
        "CompiledModel", "Grouped", "Native", "Scalar", "compile_model", "with_parameters",
    ),
    "wmjax.scenario": ("Forecast", "forecast", "sweep"),
    "wmjax.series": ("Observations", "load_observations"),
    "wmjax.sim": (
        "RK2", "RK4", "Diffrax", "Euler", "State", "Trajectory", "advance", "initial_state",
        "simulate", "verify",
    ),
    "wmjax.spec": (
        "Issue", "ModelSpec", "Scenario", "check_spec", "load_scenarios", "load_spec",
    ),
    "wmjax.store": ("RunRecord", "RunStore"),
}  # fmt: skip
_HOME = {name: home for home, names in _HOMES.items() for name in names}

__all__ = sorted(_HOME)  # noqa: PLE0605  # pyright: ignore[reportUnsupportedDunderAll]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'wmjax' has no attribute {name!r}")
    value = getattr(importlib.import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOME})
