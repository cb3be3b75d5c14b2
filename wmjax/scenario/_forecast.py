"""What a fitted model says of the future, with its uncertainty."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, final

from wmjax._errors import UserError
from wmjax.scenario._elements import element, labelled


if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr


@final
@dataclass(frozen=True, eq=False)
class Forecast:
    """An ensemble of paths under each scenario, and its quantiles.

    - `dataset`: quantiles of every variable, dimensions `(scenario, quantile, time, *dims)`; of a
        scenario without a single finite run they are NaN.
    - `ensemble`: the paths, dimensions `(scenario, draw, time, *dims)`, and `finite` (scenario,
        draw). Draw `i` has the same parameters and the same residuals in every scenario, so that
        differences between scenarios are differences in kind.
    """

    dataset: xr.Dataset
    ensemble: xr.Dataset

    @property
    def scenarios(self) -> tuple[str, ...]:
        return tuple(map(str, self.dataset["scenario"].values))

    def samples(self, variable: str, scenario: str | None = None) -> xr.DataArray:
        """Paths of a variable, `name` or `name[element]`; of the first scenario if none is named.

        Dimensions `(draw, time, *dims)`; only draws that stayed finite.

        **Raises:** `UserError` for a name that the forecast does not have.
        """
        name = self._scenario(scenario)
        paths = element(self.ensemble, variable).sel(scenario=name)
        return paths.isel(draw=self.ensemble["finite"].sel(scenario=name).values)

    def quantiles(self, variable: str, scenario: str | None = None) -> pd.DataFrame:
        """Quantiles of a variable without dimensions, or of an element, under one scenario.

        Index `time`, a column for each quantile.

        **Raises:** as `samples`, and `UserError` for a variable with dimensions.
        """
        found = element(self.dataset, variable).sel(scenario=self._scenario(scenario))
        if found.ndim != 2:
            raise UserError(
                f"quantiles of {variable!r}", f"dimensions {', '.join(map(str, found.dims[2:]))}",
                "one element", f"for example {labelled(self.dataset, variable)[0]!r}",
            )  # fmt: skip
        return found.transpose("time", "quantile").to_pandas()  # pyright: ignore

    def save(self, folder: str | os.PathLike[str]) -> Path:
        """Writes `forecast.nc` (the quantiles) and `ensemble.nc` (the paths, single precision).

        **Raises:** `UserError` for a folder that cannot be written.
        """
        folder = Path(folder)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self.dataset.to_netcdf(folder / "forecast.nc", engine="h5netcdf")
            narrow = {n: {"dtype": "float32"} for n in self.ensemble.data_vars if n != "finite"}
            self.ensemble.to_netcdf(folder / "ensemble.nc", engine="h5netcdf", encoding=narrow)
        except OSError as error:
            raise UserError(str(folder), str(error), "a folder that can be written") from error
        return folder

    def _scenario(self, name: str | None) -> str:
        if name is None:
            return self.scenarios[0]
        if name not in self.scenarios:
            raise UserError(f"scenario {name!r}", "not in this forecast", ", ".join(self.scenarios))
        return name
