"""Where runs differ."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from wmjax.store._record import Metric, RunRecord
from wmjax.store._text import exact, flatten


_RECORD = ("verb", "status", "spec_hash", "seed")


def compare(runs: Sequence[tuple[RunRecord, Sequence[Metric]]]) -> list[dict[str, Any]]:
    """Rows {kind, name, run id: value, ...} of what is not the same in all runs."""
    ids = [record.id for record, _ in runs]
    kinds = {
        "record": [_facts(record) for record, _ in runs],
        "config": [flatten(record.config) for record, _ in runs],
        "metric": [{m.name: m.value for m in metrics} for _, metrics in runs],
    }
    return [
        {"kind": kind, "name": name, **dict(zip(ids, values, strict=True))}
        for kind, columns in kinds.items()
        for name, values in _differences(columns)
    ]


def _facts(record: RunRecord) -> dict[str, Any]:
    return {
        **{name: getattr(record, name) for name in _RECORD},
        **{f"code.{name}": value for name, value in record.code.items()},
    }


def _differences(columns: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, list[Any]]]:
    names = dict.fromkeys(name for column in columns for name in column)
    for name in names:
        values = [column.get(name) for column in columns]
        if len({exact(value) for value in values}) > 1:  # as text: NaN equals NaN, 1 is not True
            yield name, values
