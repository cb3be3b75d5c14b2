"""Quantities of an assembly: stocks that grow as data say, auxiliaries, constants, and trees."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from structure_gen._answers import Quantity
from structure_gen._assembly import Assembly
from structure_gen._draft import Measured
from structure_gen._mapping import (
    alike,
    convertible,
    entry_tokens,
    matching,
    numbers,
    offered,
    present_value,
    tokens,
)
from structure_gen._missing import interpolate
from structure_gen._parts import depth_of
from structure_gen._plain_growth import plain_growth
from structure_gen._quantity_of import quantity_of
from structure_gen._slug import slug
from structure_gen._timeline import last_seen
from structure_gen._web_data import estimate
from wmjax._errors import UserError
from wmjax.series import CatalogueEntry, ObservedSeries, load_observations
from wmjax.spec import convert_factor


def place_quantities(assembly: Assembly) -> None:
    """Every quantity as variables of the spec; then what is the sum of its components."""
    asked = [(m, q) for m in assembly.draft.measured for q in m.quantities]
    entries = [_entry(assembly, m, q) for m, q in asked]
    _look_no_further(assembly, [e for e in entries if e is not None])
    for (m, q), entry in zip(asked, entries, strict=True):
        _place(assembly, m, q, entry)
    if not assembly.observed:
        _ground(assembly)
    for m in assembly.draft.measured:
        _trees(assembly, m)


def _look_no_further(assembly: Assembly, entries: Sequence[CatalogueEntry]) -> None:
    """Unless it was said what may be seen: all but the span in which `refine` tests."""
    if assembly.until is None and entries:
        scope = assembly.draft.scope
        times = (load_observations([e.id])[e.id].times for e in entries)
        assembly.until = last_seen(times, (scope.start_year, scope.end_year))


def _place(assembly: Assembly, m: Measured, q: Quantity, entry: CatalogueEntry | None) -> None:
    name = m.name(q.name)
    unit = _unit(assembly, q, entry)
    value, about = q.value, "stated by a language model"
    found = assembly.draft.looked_up.get(name)
    if entry is None and found is not None:
        ending = {"stock": ".start", "auxiliary": ".base"}.get(q.kind, "")
        told = estimate(f"{name}{ending}", found)
        assembly.estimates.append(told)
        value, about = told.value, f"estimated, {found.note}: {found.source}"
        q = q.model_copy(update={"uncertainty_percent": max(q.uncertainty_percent, 25)})
    common: dict[str, Any] = {"unit": unit, "group": q.group, "doc": q.meaning}
    if entry is not None:
        common["observed"] = entry.id
        value = present_value(entry.id, assembly.draft.scope.start_year) * _factor(entry, unit)
        about = f"{entry.id}: {entry.source}"
        if abs(value - q.value) > 0.01 * abs(value):
            assembly.job.ledger.repair(q, 1)
    if q.kind == "stock" or entry is not None:
        _stock(assembly, name, (q, value, about), common, entry)
    elif q.kind == "auxiliary":
        made = {"kind": "auxiliary", **common, "equation": f"{name}.base"}
        assembly.variables[name] = made
        assembly.variables[f"{name}.base"] = _parameter(q, value, unit, about, trainable=False)
    else:
        held = _parameter(q, value, unit, about, trainable=False)
        assembly.variables[name] = {**held, **common}
    assembly.origins[f"variables.{name}"] = q


def _stock(
    assembly: Assembly, name: str, first: tuple[Quantity, float, str], common: dict[str, Any],
    entry: CatalogueEntry | None,
) -> None:  # fmt: skip
    q, value, about = first
    grown = plain_growth(name, common["unit"], entry, assembly)
    value = value if grown.first is None else grown.first
    before = None if entry is None else _before(assembly, entry)
    if before is not None and entry is not None:
        factor = _factor(entry, common["unit"])
        assembly.estimates.append(estimate(f"{name}.start", before))
        value, about = float(before.values[0]) * factor, f"estimated: {before.source}"
        share = round(100 * float(before.sigma[0] / max(abs(before.values[0]), 1e-300)))
        q = q.model_copy(update={"uncertainty_percent": min(max(share, 1), 1000)})
    assembly.variables |= {
        name: {"kind": "stock", **common, "initial": f"{name}.start",
               "inflows": [f"{name}.change"]},
        f"{name}.start": _parameter(q, value, common["unit"], about, trainable=entry is not None),
        f"{name}.change": {"kind": "flow", "unit": _per_year(common["unit"]),
                           "equation": grown.equation, "source": "plain form"},
        **grown.numbers,
    }  # fmt: skip


def _before(assembly: Assembly, entry: CatalogueEntry) -> ObservedSeries | None:
    """The value at the start, computed where the series begins later."""
    series = load_observations([entry.id])[entry.id].window(None, assembly.until)
    start = assembly.draft.scope.start_year
    if len(series) < 3 or series.times[0] <= start + 1:
        return None
    return interpolate(series, [float(start)])


def _ground(assembly: Assembly) -> None:
    """Where no quantity is measured, series of the catalogue that share words with the brief:
    without data nothing could be scored."""
    draft = assembly.draft
    world = draft.measured[0]
    wanted = tokens(draft.words)
    likely = sorted(offered(world.actor.name, "world", ""),
                    key=lambda e: -alike(wanted, entry_tokens(e)))  # fmt: skip
    chosen = likely[: draft.brief.quantities]
    _look_no_further(assembly, chosen)
    for entry in chosen:
        q = quantity_of(entry, draft.scope.start_year)
        world.quantities.append(q)
        _place(assembly, world, q, _entry(assembly, world, q))
    assembly.job.ledger.missing("quantities", world.actor.name, "none that is measured: series of "
                                "the catalogue stand in")  # fmt: skip


def _entry(assembly: Assembly, m: Measured, q: Quantity) -> CatalogueEntry | None:
    """The series that measures a quantity: the one named, or the one that says the same."""
    mapped = assembly.draft.mapped.get(m.name(q.name))
    if mapped is not None:
        assembly.observed.add(mapped.id)
        return mapped
    among = {e.id: e for e in offered(m.actor.name, m.actor.category, assembly.draft.words)}
    id = q.series
    if id and (id not in among or not convertible(among[id].unit, q.unit)):
        assembly.job.ledger.repair(q, 1)
        id = id if id in among else ""
    id = id or matching(q.name, q.meaning, q.unit, list(among.values()))
    if not id or id in assembly.observed or len(numbers(id).times) <= 3:
        return None
    assembly.observed.add(id)
    return among[id]


def _unit(assembly: Assembly, q: Quantity, entry: CatalogueEntry | None) -> str:
    """The stated unit if it is one, and that of the series where they do not agree."""
    wanted = q.unit.strip() or "1"
    if entry is not None and not convertible(entry.unit, wanted):
        return entry.unit
    try:
        convert_factor(wanted, wanted)
    except UserError:
        assembly.job.ledger.repair(q, 1)
        return entry.unit if entry is not None else "1"
    return wanted


def _trees(assembly: Assembly, m: Measured) -> None:
    """Components of an auxiliary that are measured in its unit add up to it; all others stay as
    the constituents of the number that holds its value."""
    known = {slug(q.name).lower(): q for q in m.quantities}
    parts: dict[str, list[str]] = {}
    for q in m.quantities:
        depth, whole = depth_of(q, known), m.name(q.part_of) if q.part_of else ""
        if whole in assembly.variables and depth and depth <= assembly.draft.brief.parts:
            parts.setdefault(whole, []).append(m.name(q.name))
        elif q.part_of:
            assembly.job.ledger.repair(q, 1)
    for whole, names in parts.items():
        _tree(assembly, whole, names)


def _tree(assembly: Assembly, whole: str, names: list[str]) -> None:
    old = assembly.variables[whole]
    same = all(assembly.variables[n]["unit"] == old["unit"] for n in names)
    if old["kind"] == "auxiliary" and same:
        old["equation"] = " + ".join(names)
        assembly.variables.pop(f"{whole}.base", None)
    else:
        number = assembly.variables[assembly.number(whole)]
        number["constituents"] = [_held(assembly, n) for n in names]


def _held(assembly: Assembly, name: str) -> str:
    """What stands for a component: its number, or itself if it is a sum."""
    number = assembly.number(name)
    return number if number in assembly.variables else name


def _parameter(
    q: Quantity, value: float, unit: str, about: str, *, trainable: bool
) -> dict[str, Any]:
    """With a prior and bounds as wide as the stated uncertainty."""
    share = min(max(q.uncertainty_percent, 1), 300) / 100
    found: dict[str, Any] = {"kind": "parameter", "value": value, "unit": unit, "source": about,
                             "trainable": trainable}  # fmt: skip
    if value > 0:
        found |= {"prior": {"lognormal": [value, share]},
                  "bounds": [value / (1 + 4 * share), value * (1 + 4 * share)]}  # fmt: skip
    elif value < 0:
        found |= {"prior": {"normal": [value, share * -value]},
                  "bounds": [value * (1 + 4 * share), value / (1 + 4 * share)]}  # fmt: skip
    return found


def _per_year(unit: str) -> str:
    return "1/year" if unit == "1" else f"({unit})/year"


def _factor(entry: CatalogueEntry, unit: str) -> float:
    try:
        return convert_factor(entry.unit, unit)
    except UserError:
        return 1.0
