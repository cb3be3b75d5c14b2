"""`wmjax sweep`: many scenarios and parameter draws at once, and who moves what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from wmjax._errors import UserError, UserErrors
from wmjax.app._console import progress
from wmjax.app._jax import chosen_devices, is_follower
from wmjax.app._model import (
    ParameterValues,
    check_names,
    compiled,
    explicit_solver,
    futures,
)
from wmjax.app._output import check_output, write_whole
from wmjax.app._recorded import open_store, recorded
from wmjax.app._settings import Count, JaxSettings, Solver, Text
from wmjax.app._sweep_tables import print_indices, print_runs


if TYPE_CHECKING:
    import xarray as xr

    from calibration import FitResult
    from wmjax.model import CompiledModel
    from wmjax.scenario import Design, Keep, ResidualProcess
    from wmjax.spec import ModelSpec
    from wmjax.store import Run


class Settings(JaxSettings):
    """What has a default here is absent from runs of older versions."""

    solver: Solver
    model: Text
    scenarios: list[Text] | None
    calibration: Text | None
    draws: Annotated[int, Field(ge=0)]
    design: Literal["sobol", "latin_hypercube"] | None = None
    sensitivity: Literal["sobol", "morris"] | None = None
    n: Count | None = None
    vary: list[Text] | dict[str, list[float] | dict[str, list[float]]] | None = None
    outcomes: list[Text] | None = None
    parameters: ParameterValues
    save: list[Text] | None
    keep: Literal["trajectories", "final", "summary", "statistics"] = "trajectories"
    statistics: list[Text] | None = None
    end: float | None
    seed: int
    chunk: Count | None
    output: Text | None
    report: Text | None = None


def run(settings: Settings) -> int:
    if settings.output is not None:
        check_output(settings.numbered(settings.output), (".nc",))
    from wmjax.spec import load_spec

    spec = load_spec(settings.model)
    mistakes = _mistakes(settings)
    if mistakes:
        raise mistakes[0] if len(mistakes) == 1 else UserErrors(mistakes)
    _check_names(settings, spec)
    futures(settings.model, settings.scenarios)
    if settings.calibration is not None:
        open_store(settings).get(settings.calibration)
    return recorded("sweep", settings, work, spec, settings.seed)


def work(settings: Settings, run: Run) -> int:
    return (_indices if settings.sensitivity else _runs)(settings, run)


def _mistakes(settings: Settings) -> list[UserError]:
    """Settings that do not go together."""
    sampled = settings.design or settings.sensitivity
    ways = [k for k in ("draws", "design", "sensitivity") if getattr(settings, k)]
    wrong: list[tuple[str, str, str, str]] = []
    if settings.draws and not settings.calibration:
        wrong.append(("draws", f"{settings.draws} draws and no calibration to draw from",
                      "calibration=RUN, or design=sobol",
                      "wmjax calibrate makes one; wmjax runs list only=calibrate"))  # fmt: skip
    if len(ways) > 1:
        wrong.append((ways[1], f"{ways[0]} as well", "one of them", "leave the others out"))
    for key in ("n", "vary"):
        if getattr(settings, key) is not None and not sampled:
            wrong.append((key, "no design that it belongs to", "design=sobol",
                          "or design=latin_hypercube, sensitivity=sobol, sensitivity=morris"))
    if bool(settings.sensitivity) != bool(settings.outcomes):
        found = "nothing" if settings.sensitivity else "no indices that they belong to"
        wrong.append(("outcomes", found, "outcomes=[population] with sensitivity=sobol or morris",
                      "name the variables of which it is asked what moves them"))
    if settings.report is not None and (settings.sensitivity or settings.keep != "trajectories"):
        wrong.append(("report", "no trajectories to draw", "keep=trajectories",
                      "leave report out, or keep the trajectories"))
    if settings.sensitivity and len(settings.scenarios or []) > 1:
        wrong.append(("scenarios", f"{len(settings.scenarios or [])} scenarios", "one",
                      "ask in one world at a time; -m scenarios=[a],[b] asks in several"))
    return [UserError(f"wmjax sweep, {key}", *rest) for key, *rest in wrong]


def _check_names(settings: Settings, spec: ModelSpec) -> None:
    outcomes = [o.partition("[")[0] for o in settings.outcomes or ()]
    check_names(spec, settings.parameters, [*(settings.save or ()), *outcomes])


def _runs(settings: Settings, run: Run) -> int:
    from wmjax.scenario import sweep

    model, draws = _start(settings)
    devices = chosen_devices(settings.compute)
    path = _path(settings, run, "sweep")
    with progress("sweep") as show:
        dataset = sweep(
            model, futures(settings.model, settings.scenarios), draws, n=settings.draws,
            key=settings.seed, save=settings.save, keep=_keep(settings),
            to=path, chunk=settings.chunk, end=settings.end, progress=show, devices=devices,
            solver=explicit_solver(settings.solver, model.spec.time.method),
        )  # fmt: skip
    with dataset:
        print_runs(dataset)
        run.event("output", str(path.absolute()))
        print(f"written: {path}")
        if settings.report is not None and not is_follower():
            print(f"report: {_report(settings, run, model.spec, dataset, settings.report)}")
    return 0


def _report(
    settings: Settings, run: Run, spec: ModelSpec, dataset: xr.Dataset, folder: str
) -> Path:
    from wmjax.app._picture import picture

    worlds = futures(settings.model, settings.scenarios)
    drawn = f"Bands span the draws of the {settings.design} design." if settings.design else (
        "Bands hold what the fit left uncertain in the parameters, and no more.")  # fmt: skip
    return picture(settings, run, spec, settings.model, dataset, worlds, folder, drawn)


def _indices(settings: Settings, run: Run) -> int:
    from wmjax.scenario import sensitivity

    assert settings.sensitivity is not None and settings.outcomes is not None
    model = compiled(settings.model, settings.parameters)
    worlds = futures(settings.model, settings.scenarios or ["baseline"])
    devices = chosen_devices(settings.compute)
    with progress("sensitivity") as show:
        found = sensitivity(
            model, settings.outcomes, settings.vary, method=settings.sensitivity, n=settings.n,
            seed=settings.seed, scenario=next(iter(worlds.values())), end=settings.end,
            summary=_one_statistic(settings), chunk=settings.chunk, devices=devices,
            solver=explicit_solver(settings.solver, model.spec.time.method), progress=show,
            to=run.checkpoint_path("runs.nc"),
        )  # fmt: skip
    print_indices(found)
    path = _path(settings, run, "sensitivity")
    write_whole(path, lambda draft: found.to_netcdf(draft, engine="h5netcdf"))
    print(f"written: {path}")
    return 0


def _path(settings: Settings, run: Run, name: str) -> Path:
    if settings.output is None:
        return run.folder / f"{name}.nc"
    return settings.numbered(settings.output)


def _keep(settings: Settings) -> Keep:
    from wmjax.scenario import Final, Statistics, Summary, Trajectories

    if settings.keep in ("summary", "statistics"):
        kind = Summary if settings.keep == "summary" else Statistics
        return kind(*(settings.statistics or ()))
    if settings.statistics:
        raise UserError("wmjax sweep, statistics", f"keep={settings.keep}",
                        "keep=summary or keep=statistics")  # fmt: skip
    return Final() if settings.keep == "final" else Trajectories()


def _one_statistic(settings: Settings) -> Any:
    wanted = settings.statistics or ["final"]
    if len(wanted) > 1:
        raise UserError("wmjax sweep, statistics", f"{len(wanted)} of them", "one for indices")
    return wanted[0]


def _start(settings: Settings) -> tuple[CompiledModel, Design | _Held | None]:
    """The model, as it was fitted if a calibration is named, and what the sweep is to draw."""
    if settings.calibration is None:
        model, drawn = compiled(settings.model, settings.parameters), None
    else:
        model, drawn = _fitted(settings)
    if settings.design is None:
        return model, drawn
    from wmjax.scenario import Design

    return model, Design(settings.design, settings.vary, settings.n, settings.seed)


def _fitted(settings: Settings) -> tuple[CompiledModel, _Held | None]:
    from wmjax.app._fitted import stored_fit
    from wmjax.model import with_parameters

    assert settings.calibration is not None
    fit = stored_fit(settings, settings.calibration, settings.model)
    model = with_parameters(fit.model, settings.parameters)
    return model, _Held(fit, model, tuple(settings.parameters)) if settings.draws else None


@dataclass(frozen=True)
class _Held:
    """Draws of a fit in which some parameters hold the values of the model."""

    fit: FitResult
    model: CompiledModel
    held: tuple[str, ...]

    def draws(self, key: Any, n: int) -> dict[str, Any]:
        import jax.numpy as jnp

        drawn = self.fit.draws(key, n)
        held = [name for name in self.held if name in drawn]
        values = {x: jnp.broadcast_to(self.model.parameters[x], drawn[x].shape) for x in held}
        return {**drawn, **values}

    def residual_process(self) -> Mapping[str, ResidualProcess]:
        return self.fit.residual_process()
