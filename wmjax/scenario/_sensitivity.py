"""Who moves what over the whole range of the parameters: Sobol and Morris indices, by SALib."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, final

import numpy as np

from wmjax._errors import UserError
from wmjax.model import CompiledModel
from wmjax.scenario._design import drawing, refuse_no_power
from wmjax.scenario._elements import element, labelled
from wmjax.scenario._fold import OverTime
from wmjax.scenario._keep import Summary
from wmjax.scenario._margin import Margin, Parameters, draws_at, margins
from wmjax.scenario._memory import Drawing
from wmjax.scenario._sweep import Progress, sweep
from wmjax.spec import Scenario


if TYPE_CHECKING:
    import xarray as xr

Method = Literal["sobol", "morris"]
_TAIL = 0.01  # of a prior without ends, cut off at either side for Morris, whose points lie on them
_USUAL = {"sobol": 1024, "morris": 64}
_LEVELS = 4  # of the grid of Morris
_ABOUT = {
    "S1": "share of the variance that goes with this parameter alone",
    "S1_conf": "half the 95 % interval of S1",
    "ST": "share of the variance that goes with this parameter and its interactions",
    "ST_conf": "half the 95 % interval of ST",
    "mu": "mean elementary effect over the whole range",
    "mu_star": "mean size of the elementary effect over the whole range",
    "mu_star_conf": "half the 95 % interval of mu_star",
    "sigma": "standard deviation of the elementary effect: interaction or curvature",
}


def sensitivity(
    model: CompiledModel,
    outcomes: str | Sequence[str],
    parameters: Parameters = None,
    *,
    method: Method = "sobol",
    n: int | None = None,
    seed: int = 0,
    summary: OverTime = "final",
    scenario: Scenario | Mapping[str, Any] | None = None,
    end: float | None = None,
    solver: Any = None,
    chunk: int | None = None,
    devices: Any = None,
    to: str | os.PathLike[str] | None = None,
    progress: Progress | None = None,
) -> xr.Dataset:
    """How much of each outcome goes with each parameter, over the whole of their ranges.

    Sobol indices split the variance of an outcome (Saltelli et al. 2010, *Comput. Phys. Commun.*
    181) and take `n (p + 2)` runs for `p` parameters; Morris's elementary effects (Campolongo et
    al. 2007, *Environ. Model. Softw.* 22) screen many parameters with `n (p + 1)` runs. What is
    kept of a run is one number an outcome.

    **Arguments:**

    - `outcomes`: names of variables or of their elements (`gdp[China]`); a variable with dimensions
        stands for all its elements.
    - `parameters`: as in `sobol`. For Morris a prior without ends is cut off at its 1 and 99 %.
    - `n`: for Sobol a power of two, 1024 if absent; for Morris the number of paths, 64 if absent.
    - `seed`: of the design and of the bootstrap.
    - `summary`: which number of a run: as in `Summary`.
    - `scenario`: the world in which it is asked; parameters that it sets do not vary.
    - `end`, `solver`, `chunk`, `devices`, `to`, `progress`: as in `sweep`; with `to` the runs are
        kept there, and a call that was cut short goes on.

    **Returns:** a Dataset with dimensions `(outcome, parameter)`: `S1`, `ST`, `S1_conf`, `ST_conf`,
    or `mu`, `mu_star`, `sigma`, `mu_star_conf` in the unit of the outcome. Attributes say the
    `method`, `runs`, and how many `excluded` groups of runs held one that is not finite. The
    indices of an outcome that nothing moves are NaN.

    **Raises:** `UserError` for names, ranges, numbers that make no sense, more runs than there is
    room for, and where hardly any run is finite.
    """
    if method not in ("sobol", "morris"):
        raise UserError("sensitivity, method", repr(method), "'sobol' or 'morris'")
    wanted = [outcomes] if isinstance(outcomes, str) else list(outcomes)
    count = _USUAL[method] if n is None else n
    plan = (_Sobol if method == "sobol" else _Morris)(margins(model, parameters), count, seed)
    save = tuple(dict.fromkeys(o.partition("[")[0] for o in wanted))
    runs = sweep(
        model, {"runs": scenario}, plan, save=save, keep=Summary(summary), end=end, solver=solver,
        chunk=chunk, devices=devices, to=to, progress=progress,
    )  # fmt: skip
    with runs:
        if "finite" not in runs:
            raise UserError(
                f"sensitivity to {to}", "a file that only the first process of the job sees",
                "a file that all of them see", "name one in a folder that they share",
            )  # fmt: skip
        return _indices(runs.isel(statistic=0, drop=True), wanted, plan, method, summary)


@dataclass(frozen=True, eq=False)
class _Plan(ABC):
    """A design of SALib in the unit cube, and what makes indices of the outcomes there.

    Runs come in groups of `together`, which count only whole.
    """

    varied: tuple[Margin, ...]
    n: int
    seed: int

    @property
    @abstractmethod
    def together(self) -> int: ...

    @cached_property
    @abstractmethod
    def points(self) -> np.ndarray: ...

    @property
    @abstractmethod
    def quantiles(self) -> np.ndarray: ...

    @abstractmethod
    def analyse(self, good: np.ndarray, outcome: np.ndarray) -> Mapping[str, Any]:
        """Indices from the outcomes at some of the points."""

    def drawing(self, model: CompiledModel) -> Drawing:
        return drawing(model, self.varied, self.n, self.together)

    def draws(self, model: CompiledModel) -> dict[str, np.ndarray]:
        return draws_at(model, self.varied, self.quantiles)

    @property
    def problem(self) -> dict[str, Any]:
        return {
            "num_vars": len(self.varied), "names": [m.label for m in self.varied],
            "bounds": [[0.0, 1.0]] * len(self.varied),
        }  # fmt: skip


@final
class _Sobol(_Plan):
    @property
    def together(self) -> int:
        return len(self.varied) + 2

    @cached_property
    def points(self) -> np.ndarray:
        from SALib.sample import sobol

        refuse_no_power("sensitivity, n", self.n)
        return sobol.sample(self.problem, self.n, calc_second_order=False, seed=self.seed)

    @property
    def quantiles(self) -> np.ndarray:
        return self.points

    def analyse(self, good: np.ndarray, outcome: np.ndarray) -> Mapping[str, Any]:
        from SALib.analyze import sobol

        return sobol.analyze(self.problem, outcome, calc_second_order=False, seed=self.seed)


@final
class _Morris(_Plan):
    @property
    def together(self) -> int:
        return len(self.varied) + 1

    @cached_property
    def points(self) -> np.ndarray:
        from SALib.sample import morris

        if self.n < 2:
            raise UserError("sensitivity, n", str(self.n), "at least 2 paths")
        return morris.sample(self.problem, self.n, num_levels=_LEVELS, seed=self.seed)

    @property
    def quantiles(self) -> np.ndarray:
        tails = np.array([0.0 if m.is_bounded else _TAIL for m in self.varied])
        return tails + self.points * (1.0 - 2.0 * tails)

    def analyse(self, good: np.ndarray, outcome: np.ndarray) -> Mapping[str, Any]:
        from SALib.analyze import morris

        where = self.points[good]
        return morris.analyze(self.problem, where, outcome, num_levels=_LEVELS, seed=self.seed)


def _indices(
    runs: xr.Dataset, wanted: Sequence[str], plan: _Plan, method: Method, summary: str
) -> xr.Dataset:
    import xarray as xr

    finite = runs["finite"].values[0].reshape(-1, plan.together).all(1)
    if finite.sum() < 2:
        raise UserError(
            "sensitivity", f"{int((~runs['finite'].values).sum())} runs that are not finite",
            "runs that stay finite", "narrow the ranges; a sweep of them shows which do not",
        )  # fmt: skip
    good = np.repeat(finite, plan.together)
    names = [e for w in wanted for e in ([w] if "[" in w else labelled(runs, w))]
    keys = ("S1", "S1_conf", "ST", "ST_conf") if method == "sobol" else (
        "mu", "mu_star", "mu_star_conf", "sigma")  # fmt: skip
    table = np.full((len(keys), len(names), len(plan.varied)), np.nan)
    units = []
    for i, name in enumerate(names):
        one = element(runs, name)
        units.append(one.attrs.get("units", ""))
        outcome = one.values.reshape(-1).astype(np.float64)[good]
        if np.ptp(outcome) > 0:
            found = plan.analyse(good, outcome)
            table[:, i] = [np.asarray(found[k], np.float64) for k in keys]
    dims = ("outcome", "parameter")
    data = {k: (dims, rows, {"long_name": _ABOUT[k]}) for k, rows in zip(keys, table, strict=True)}
    coords = {"outcome": names, "parameter": [m.label for m in plan.varied],
              "unit": ("outcome", units)}  # fmt: skip
    about = {"method": method, "summary": summary, "runs": len(good),
             "excluded": int((~finite).sum())}  # fmt: skip
    return xr.Dataset(data, coords=coords, attrs={**about, "title": runs.attrs.get("title", "")})
