"""Fits on disk: a header of JSON and arrays in one `.npz` file."""

from __future__ import annotations

import dataclasses
import os
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import jax.numpy as jnp
import numpy as np

from calibration._checkpoint import read_arrays, write_arrays
from calibration._free import FreeElement
from calibration._laplace import Information
from calibration._layout import Layout, Window
from calibration._residual_process import ResidualRule
from calibration._term import FitTerm
from wmjax.model import CompiledModel, Forcing, compile_model, with_parameters
from wmjax.series import ObservedSeries
from wmjax.spec import Prior, TimeAxis, load_spec


if TYPE_CHECKING:
    from calibration._fit_result import FitResult

_KIND = "wmjax fit"


def write(fit: FitResult, path: str | os.PathLike[str]) -> Path:
    """**Raises:** `UserError` if the folder cannot be written."""
    path = Path(path)
    header = {
        "spec": fit.model.spec.to_dict(), "loss": fit.loss, "method": fit.method,
        "ended": fit.ended, "evaluations": fit.evaluations,
        "starts": [asdict(s) for s in fit.starts],
        "window": asdict(fit.window), "rule": fit.rule.model_dump(),
        "elements": [_element(e) for e in fit.elements],
        "terms": [t.model_dump() for t in fit.terms],
        "series": [_about(s) for s in fit.layout.series],
        "axis": fit.layout.axis.model_dump(), "names": fit.layout.names,
        "columns": fit.layout.columns,
    }  # fmt: skip
    arrays = {"z": fit.z, "data_information": fit.information.data,
              "prior_information": fit.information.prior,
              "gradient": fit.information.gradient, "predicted": fit.predicted,
              "row_residuals": fit.row_residuals}  # fmt: skip
    for i, s in enumerate(fit.layout.series):
        arrays |= {f"times/{i}": s.times, f"values/{i}": s.values, f"sigma/{i}": s.sigma}
    for name, value in fit.model.parameters.items():
        arrays[f"parameter/{name}"] = np.asarray(value)
    for name, table in fit.model.lookups.items():
        arrays[f"lookup/{name}"] = np.asarray(table.y)
    for name, forcing in fit.model.series.items():
        arrays |= {f"forcing {k}/{name}": np.asarray(getattr(forcing, k)) for k in _FORCING}
    write_arrays(path, _KIND, header, arrays)
    return path


_FORCING = ("t", "v", "slope")


def read(path: str | os.PathLike[str]) -> FitResult:
    """**Raises:** `UserError` for a file that is no saved fit."""
    from calibration._fit_result import FitResult, StartResult

    header, arrays = read_arrays(Path(path), _KIND)
    return FitResult(
        model=_model(header, arrays), loss=header["loss"], method=header["method"],
        ended=header["ended"], evaluations=header["evaluations"],
        starts=tuple(StartResult(**s) for s in header["starts"]),
        window=Window(**header["window"]), rule=ResidualRule.model_validate(header["rule"]),
        elements=tuple(_read_element(e) for e in header["elements"]), z=arrays["z"],
        information=_information(arrays),
        layout=_layout(header, arrays), predicted=arrays["predicted"],
        row_residuals=arrays["row_residuals"],
    )  # fmt: skip


def _information(arrays: dict[str, np.ndarray]) -> Information:
    """Fits of older versions have no gradient: what they hold at a bound counts as unknown."""
    data, prior = arrays["data_information"], arrays["prior_information"]
    return Information(data, prior, arrays.get("gradient", np.zeros(len(data))))


def _model(header: dict, arrays: dict[str, np.ndarray]) -> CompiledModel:
    model = compile_model(load_spec(header["spec"]))
    values = {
        k.split("/", 1)[1]: v for k, v in arrays.items() if k.startswith(("parameter/", "lookup/"))
    }
    model = with_parameters(model, values)
    series = {
        n: Forcing(*(jnp.asarray(arrays[f"forcing {k}/{n}"], model.dtype) for k in _FORCING))
        for n in model.series
    }
    return dataclasses.replace(model, series=series)


def _layout(header: dict, arrays: dict[str, np.ndarray]) -> Layout:
    series = tuple(
        ObservedSeries(times=arrays[f"times/{i}"], values=arrays[f"values/{i}"],
                       sigma=arrays[f"sigma/{i}"], **about)
        for i, about in enumerate(header["series"])
    )  # fmt: skip
    ends = np.cumsum([len(s) for s in series])
    return Layout(
        terms=tuple(FitTerm.model_validate(t) for t in header["terms"]), series=series,
        slices=tuple(slice(int(e) - len(s), int(e)) for e, s in zip(ends, series, strict=True)),
        axis=TimeAxis.model_validate(header["axis"]), names=tuple(header["names"]),
        columns=tuple(header["columns"]),
    )  # fmt: skip


def _about(s: ObservedSeries) -> dict[str, object]:
    kept = ("name", "unit", "frequency", "source", "licence", "note", "estimated",
            "clock")
    return {k: getattr(s, k) for k in kept}


def _element(e: FreeElement) -> dict[str, object]:
    prior = e.prior.model_dump(exclude_none=True) if e.prior else None
    return {**asdict(e), "prior": prior}


def _read_element(data: dict) -> FreeElement:
    prior = Prior.model_validate(data["prior"]) if data["prior"] else None
    return FreeElement(**{**data, "prior": prior})
