"""Observed series: the shipped facts, a user's own tables, and fetched ones. No JAX.

```python
world = load_observations("world").select(["world.pop_persons", "world.gdp_2015usd"])
mine = load_observations("cases.csv", units={"cases": "person"})
```
"""

from wmjax.series._cache import cache_folder
from wmjax.series._catalogue import (
    CatalogueEntry,
    SeriesValues,
    catalogue,
    describe,
    series_values,
)
from wmjax.series._fetch_csv import fetch_csv
from wmjax.series._load import load_observations
from wmjax.series._model_time import ModelTime, in_model_time
from wmjax.series._observations import Observations
from wmjax.series._observed import Frequency, ObservedSeries
from wmjax.series._world_bank import fetch_world_bank
from wmjax.series._world_bank_search import Indicator, world_bank_indicators


__all__ = [
    "CatalogueEntry",
    "Frequency",
    "Indicator",
    "ModelTime",
    "Observations",
    "ObservedSeries",
    "SeriesValues",
    "cache_folder",
    "catalogue",
    "describe",
    "fetch_csv",
    "fetch_world_bank",
    "in_model_time",
    "load_observations",
    "series_values",
    "world_bank_indicators",
]
