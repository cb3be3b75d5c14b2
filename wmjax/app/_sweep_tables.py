"""What `wmjax sweep` prints."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wmjax.app._console import table


if TYPE_CHECKING:
    import xarray as xr

_SHOWN = 20
_LOOKED_AT = 1000  # draws that the printed table looks at


def print_runs(dataset: xr.Dataset) -> None:
    """One number a variable and scenario: at the last time, and the median over the draws."""
    some = dataset.isel(draw=slice(_LOOKED_AT))
    title = _medians(some.sizes["draw"], dataset.sizes["draw"])
    if "statistic" in dataset.dims:
        title = f"{dataset['statistic'].values[0]}, {title}"
        some = some.isel(statistic=0)
    if "count" in dataset:
        title = f"{dataset['statistic'].values[0]} of {int(dataset['count'].sum())} finite runs"
    if "time" in some.dims:
        some = some.isel(time=-1)
    if "time" in some.coords:
        title += f" in {float(some['time']):g}"
    last = some.drop_vars(["finite", "count"], errors="ignore").median("draw")
    plain = [n for n, v in last.data_vars.items() if v.dims == ("scenario",)]
    rows = [
        (str(n), dataset[n].attrs.get("units", ""), *map(float, last[n].values))
        for n in plain[:_SHOWN]
    ]
    table(title, ("variable", "unit", *map(str, dataset["scenario"].values)), rows)
    if len(dataset.data_vars) - len(rows) > 2:
        print("the other variables are in the file")


def _medians(looked_at: int, draws: int) -> str:
    if draws == 1:
        return "one run of each scenario"
    return f"medians of {'' if looked_at == draws else f'the first {looked_at} of '}{draws} draws"


def print_indices(found: xr.Dataset) -> None:
    """Of every outcome the parameters that move it most, the strongest first."""
    keys = ("ST", "ST_conf", "S1", "S1_conf") if "ST" in found else (
        "mu_star", "mu_star_conf", "mu", "sigma")  # fmt: skip
    names = [str(p) for p in found["parameter"].values]
    for outcome in map(str, found["outcome"].values[:_SHOWN]):
        one = found.sel(outcome=outcome)
        ranks = (-one[keys[0]]).fillna(0).values.argsort(kind="stable")[:_SHOWN]
        rows = [(names[i], *(float(one[k].values[i]) for k in keys)) for i in ranks]
        unit = f" [{one['unit'].item()}]" if "mu" in found and one["unit"].item() else ""
        title = f"what moves {outcome}{unit} ({found.attrs['summary']}), {found.attrs['runs']} runs"
        table(title, ("parameter", *keys), rows)
    if found.attrs["excluded"]:
        print(f"left out: {found.attrs['excluded']} groups of runs with one that is not finite")
