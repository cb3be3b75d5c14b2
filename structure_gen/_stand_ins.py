"""What data say where a small model said nothing."""

from __future__ import annotations

from collections.abc import Sequence

from structure_gen._answers import Quantity
from structure_gen._quantity_of import quantity_of
from structure_gen._stage_job import StageJob
from wmjax.series import CatalogueEntry


_ROWS = 20


def stand_in(
    actor: str, series: Sequence[CatalogueEntry], start: int, most: int, job: StageJob
) -> list[Quantity]:
    """The likeliest series of the catalogue as quantities of an actor that has none."""
    usable = [e for e in series if e.n >= _ROWS][:most]
    if usable:
        why = "no usable answer: series of the catalogue stand in"
        job.ledger.missing("quantities", actor, why)
    return [quantity_of(e, start) for e in usable]
