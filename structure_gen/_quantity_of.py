"""A series of the catalogue as a quantity."""

from __future__ import annotations

from structure_gen._answers import Quantity
from structure_gen._mapping import present_value
from wmjax.series import CatalogueEntry
from wmjax.spec._variable import Group


_GROUPS: dict[str, Group] = {
    "co2": "resources", "cereal": "resources", "fertiliser": "resources", "life": "well-being",
    "hdi": "well-being", "pop": "well-being", "rd": "innovation", "internet": "innovation",
}  # fmt: skip


def quantity_of(entry: CatalogueEntry, start: int, written: set[str] | None = None) -> Quantity:
    """A stock that a series measures; `written`: the fields that a language model wrote."""
    name = entry.id.rpartition(".")[2]
    group = next((g for word, g in _GROUPS.items() if name.startswith(word)), "economic")
    return Quantity.model_construct(
        _fields_set=written or set(), name=name, group=group, kind="stock", unit=entry.unit,
        value=present_value(entry.id, start), part_of="", uncertainty_percent=10, series=entry.id,
        meaning=entry.meaning[:400],
    )  # fmt: skip
