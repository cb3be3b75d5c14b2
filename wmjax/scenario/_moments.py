"""Statistics over the draws of each scenario, updated as the runs come in."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, final

import numpy as np

from wmjax._errors import UserError
from wmjax.scenario._job import Journal, identity
from wmjax.scenario._keep import AcrossRuns
from wmjax.scenario._layout import FINITE, Layout
from wmjax.scenario._on_disk import JOB, job_of, opened, partial_paths, without_slashes
from wmjax.scenario._sink import Sink


if TYPE_CHECKING:
    import xarray as xr

_TOGETHER = 256  # runs whose values fit the cache
_BETWEEN = 1.0  # seconds between two states on disk

Arrays = dict[str, np.ndarray]


@final
class Moments:
    """Count, mean, sum of squared deviations, least and greatest, scenario by scenario.

    Parts are joined by the rule of Chan, Golub and LeVeque (1979), in double precision.
    """

    def __init__(self, layout: Layout) -> None:
        scenarios = layout.grid[0]
        self.count = np.zeros(scenarios, np.int64)
        start = {"mean": 0.0, "squares": 0.0, "min": np.inf, "max": -np.inf}
        self.of: dict[str, Arrays] = {
            n: {k: np.full((scenarios, *shape), v) for k, v in start.items()}
            for n, shape in layout.shapes.items()
        }

    def add(self, scenario: int, values: Mapping[str, np.ndarray]) -> None:
        """Some runs of one scenario, by name `(runs, *shape)`, all of them finite."""
        more = len(next(iter(values.values())))
        if not more:
            return
        before = self.count[scenario]
        total = before + more
        for name, rows in values.items():
            own = {k: v[scenario] for k, v in self.of[name].items()}
            mean = rows.mean(0, dtype=np.float64)
            apart = mean - own["mean"]
            own["squares"] += np.square(rows - mean).sum(0) + apart**2 * (before * more / total)
            own["mean"] += apart * (more / total)
            np.minimum(own["min"], rows.min(0), out=own["min"])
            np.maximum(own["max"], rows.max(0), out=own["max"])
        self.count[scenario] = total

    def statistic(self, name: str, which: AcrossRuns) -> np.ndarray:
        """`(scenarios, *shape)`; NaN where no run counts, and an sd of fewer than two."""
        shape = (-1, *(1,) * (self.of[name]["mean"].ndim - 1))
        count = self.count.reshape(shape)
        if which == "sd":
            spread = np.sqrt(self.of[name]["squares"] / np.maximum(count - 1, 1))
            return np.where(count > 1, spread, np.nan)
        return np.where(count > 0, self.of[name][which], np.nan)


@final
class AcrossDraws(Sink):
    """The moments in memory; with a path also, once a second, the state from which to go on."""

    def __init__(
        self, layout: Layout, wanted: tuple[AcrossRuns, ...], path: Path | None,
        parts: dict[str, str],
    ) -> None:  # fmt: skip
        self.done = 0
        self._layout, self._wanted, self._path = layout, wanted, path
        self._moments, self._finite = Moments(layout), np.zeros(layout.runs, bool)
        self._job, self._saved = identity(parts), time.monotonic()
        if path is not None:
            self._state, journal = partial_paths(path)
            self._journal = Journal(journal, parts)
            self._begin()

    def _begin(self) -> None:
        assert self._path is not None
        there = self._journal.read()
        if there is None and job_of(self._path) == self._job:
            self.done = self._layout.runs
        elif there is not None and self._state.exists():
            self._load()
        else:
            self._journal.write(0)

    def write(self, values: Arrays, finite: np.ndarray) -> None:
        draws = self._layout.grid[1]
        end = self.done + len(finite)
        self._finite[self.done : end] = finite
        first = self.done
        while first < end:
            last = min(end, first + _TOGETHER, (first // draws + 1) * draws)
            good = np.arange(first, last)[self._finite[first:last]] - self.done
            self._moments.add(first // draws, {n: v[good] for n, v in values.items()})
            first = last
        self.done = end
        if self._path is not None and time.monotonic() - self._saved > _BETWEEN:
            self._save()

    def close(self) -> None:
        if self._path is not None and self._journal.path.exists():
            self._save()

    def result(self) -> xr.Dataset:
        if self._path is None:
            return self._dataset()
        if self._journal.path.exists():
            draft = self._path.with_name(f"{self._path.name}.{os.getpid()}.tmp")
            found = without_slashes(self._dataset().assign_attrs({JOB: self._job}))
            found.to_netcdf(draft, engine="h5netcdf")
            os.replace(draft, self._path)
            self._state.unlink(missing_ok=True)
            self._journal.path.unlink()
        return opened(self._path)

    def _dataset(self) -> xr.Dataset:
        layout = self._layout
        dims = {n: ("scenario", "statistic", *layout.dims[n]) for n in layout.labels}
        data = {
            label: (
                dims[n], np.stack([self._moments.statistic(n, w) for w in self._wanted], axis=1),
                layout.attrs[n],
            )
            for n, label in layout.labels.items()
        }  # fmt: skip
        runs = {"long_name": "runs that are finite, and so count"}
        return layout.coords.assign({
            **data,
            "finite": (("scenario", "draw"), self._finite.reshape(layout.grid), FINITE),
            "count": ("scenario", self._moments.count, runs),
        })  # fmt: skip

    def _save(self) -> None:
        arrays = {f"{n}/{k}": a for n, by in self._moments.of.items() for k, a in by.items()}
        header = json.dumps({"job": self._job, "done": self.done}).encode()
        draft = self._state.with_name(f"{self._state.name}.{os.getpid()}.tmp")
        try:
            with draft.open("wb") as file:
                np.savez(file, header=np.frombuffer(header, np.uint8), count=self._moments.count,
                         finite=self._finite, **arrays)  # fmt: skip # pyright: ignore
            os.replace(draft, self._state)
        except OSError as error:
            raise UserError(
                str(self._state), error.strerror or str(error), "a file that can be written",
                "free some space; the same sweep then goes on where it stopped",
            ) from error  # fmt: skip
        self._saved = time.monotonic()

    def _load(self) -> None:
        try:
            with np.load(self._state, allow_pickle=False) as file:
                header = json.loads(file["header"].tobytes().decode())
                self._moments.count[...], self._finite[...] = file["count"], file["finite"]
                for name, by_kind in self._moments.of.items():
                    for kind, array in by_kind.items():
                        array[...] = file[f"{name}/{kind}"]
        except (OSError, ValueError, KeyError) as error:
            raise UserError(
                str(self._state), f"unreadable: {error}", "the state of a sweep",
                "delete it to start afresh",
            ) from None  # fmt: skip
        self.done = int(header["done"])
