"""Observed series: the shipped facts, a user's own tables, and fetched ones. No JAX.

```python
world = load_observations("world").select(["world.pop_persons", "world.gdp_2015usd"])
mine = load_observations("cases.csv", units={"cases": "person"})
```
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any


if TYPE_CHECKING:
    from wmjax.series._cache import cache_folder as cache_folder
    from wmjax.series._catalogue import CatalogueEntry as CatalogueEntry
    from wmjax.series._catalogue import SeriesValues as SeriesValues
    from wmjax.series._catalogue import catalogue as catalogue
    from wmjax.series._catalogue import describe as describe
    from wmjax.series._catalogue import series_values as series_values
    from wmjax.series._fetch_csv import fetch_csv as fetch_csv
    from wmjax.series._load import load_observations as load_observations
    from wmjax.series._model_time import ModelTime as ModelTime
    from wmjax.series._model_time import in_model_time as in_model_time
    from wmjax.series._observations import Observations as Observations
    from wmjax.series._observed import Frequency as Frequency
    from wmjax.series._observed import ObservedSeries as ObservedSeries
    from wmjax.series._world_bank import fetch_world_bank as fetch_world_bank
    from wmjax.series._world_bank_search import Indicator as Indicator
    from wmjax.series._world_bank_search import world_bank_indicators as world_bank_indicators

# Loaded when first used: a model that reads a shipped series needs no pandas and no network.
_HOMES = {
    "_cache": ("cache_folder",),
    "_catalogue": ("CatalogueEntry", "SeriesValues", "catalogue", "describe", "series_values"),
    "_fetch_csv": ("fetch_csv",),
    "_load": ("load_observations",),
    "_model_time": ("ModelTime", "in_model_time"),
    "_observations": ("Observations",),
    "_observed": ("Frequency", "ObservedSeries"),
    "_world_bank": ("fetch_world_bank",),
    "_world_bank_search": ("Indicator", "world_bank_indicators"),
}
_HOME = {name: home for home, names in _HOMES.items() for name in names}

__all__ = sorted(_HOME)  # noqa: PLE0605  # pyright: ignore[reportUnsupportedDunderAll]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f"{__name__}.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOME})
