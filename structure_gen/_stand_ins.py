"""What data say where a small model said nothing."""

from __future__ import annotations

from collections.abc import Sequence

from structure_gen._answers import Quantity
from structure_gen._mapping import present_value
from structure_gen._stage_job import StageJob
from wmjax.series import CatalogueEntry
from wmjax.spec._variable import Group


_ROWS = 20
_GROUPS: dict[str, Group] = {
    "co2": "resources", "cereal": "resources", "fertiliser": "resources", "life": "well-being",
    "hdi": "well-being", "pop": "well-being", "rd": "innovation", "internet": "innovation",
}  # fmt: skip


def stand_in(
    actor: str, series: Sequence[CatalogueEntry], start: int, most: int, job: StageJob
) -> list[Quantity]:
    """The likeliest series of the catalogue as quantities of an actor that has none."""
    usable = [e for e in series if e.n >= _ROWS][:most]
    if usable:
        why = "no usable answer: series of the catalogue stand in"
        job.ledger.missing("quantities", actor, why)
    return [quantity_of(e, start) for e in usable]


def quantity_of(entry: CatalogueEntry, start: int) -> Quantity:
    """A stock that a series measures; no field of it was written by a language model."""
    name = entry.id.rpartition(".")[2]
    group = next((g for word, g in _GROUPS.items() if name.startswith(word)), "economic")
    return Quantity.model_construct(
        _fields_set=set(), name=name, group=group, kind="stock", unit=entry.unit,
        value=present_value(entry.id, start), part_of="", uncertainty_percent=10, series=entry.id,
        meaning=entry.meaning[:400],
    )  # fmt: skip
