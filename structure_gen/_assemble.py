"""Answers put together into a spec, as far as they fit."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, final

from structure_gen._answers import LinkIdea, Quantity
from structure_gen._brief import STEP
from structure_gen._mapping import (
    alike,
    convertible,
    entry_tokens,
    matching,
    mean_growth,
    numbers,
    offered,
    present_value,
    tokens,
)
from structure_gen._slug import slug
from structure_gen._stage_job import StageJob
from structure_gen._stages import Draft, Measured
from wmjax._errors import UserError
from wmjax.series import CatalogueEntry
from wmjax.spec import convert_factor


_NAME = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)*")


@final
class Assembly:
    """A spec in the making: plain data, and which answer each part comes from.

    `origins` maps paths of the spec (`variables.China.trade.equation`, `connections[2]`) to the
    answer's item, so that what is mended or left out is counted.
    """

    def __init__(self, draft: Draft, job: StageJob, until: float | None = None) -> None:
        self.draft, self.job = draft, job
        self.variables: dict[str, dict[str, Any]] = {}
        self.connections: list[dict[str, Any]] = []
        self.events: list[dict[str, Any]] = []
        self.levers: dict[str, dict[str, Any]] = {}
        self.actors: list[dict[str, Any]] = []
        self.origins: dict[str, Any] = {}
        self._until = until
        self._quantities = {m.name(q.name): q for m in draft.measured for q in m.quantities}
        self._written: dict[str, str] = {}

    def equation(self, name: str, text: str, item: Any) -> None:
        """Sets the equation of a quantity; the place where it stands follows from its kind."""
        target = self.target(name)
        if target is None:
            self.job.ledger.reject(item, "equations", name, "has no equation of its own")
            return
        variable = self.variables[target]
        self._written.setdefault(target, variable["equation"])
        variable["equation"] = text
        variable["source"] = "written by a language model"
        self.origins[f"variables.{target}.equation"] = item

    def plain(self, target: str) -> bool:
        """Takes an equation back to its plain form. **Returns:** whether that changed anything."""
        if target not in self._written:
            return False
        self.variables[target]["equation"] = self._written.pop(target)
        self.variables[target]["source"] = "plain form"
        return True

    def target(self, name: str) -> str | None:
        """The flow or auxiliary that equations and links of a quantity go to; a constant that is
        acted on becomes an auxiliary around its own value."""
        found = self.variables.get(name)
        if found is None:
            return None
        if found["kind"] == "stock":
            return f"{name}.change"
        return name if found["kind"] == "auxiliary" else None

    def data(self) -> dict[str, Any]:
        """The spec as plain data."""
        scope = self.draft.scope
        return {
            "name": scope.title, "description": self.draft.brief.text,
            "time": _axis(scope.start_year, scope.end_year, scope.resolution),
            "variables": self._used(), "connections": self.connections, "events": self.events,
            "levers": self.levers, "actors": self.actors,
            "provenance": {"tool": "structure_gen", "author": "a language model",
                           "notes": "themes: " + ", ".join(scope.themes)},
        }  # fmt: skip

    def scale(self, target: str, found: str, wanted: str) -> bool:
        """Gives an equation in the wrong unit a coefficient with the unit that it lacks, whose
        value 1 data may correct. **Returns:** whether that could be done."""
        name = f"{target}.scale"
        if name in self.variables or target not in self._written:
            return False
        unit = f"({wanted})/({found})"
        if not convertible(unit, unit) or not found or not wanted:
            return False
        self.variables[name] = {
            "kind": "parameter", "value": 1.0, "unit": unit, "prior": {"lognormal": [1.0, 0.5]},
            "trainable": "observed" in self.variables[target.removesuffix(".change")],
            "source": "makes up for a unit that the equation lacks",
        }  # fmt: skip
        self.variables[target]["equation"] = f"{name} * ({self.variables[target]['equation']})"
        return True

    def _used(self) -> dict[str, dict[str, Any]]:
        """Without the values of auxiliaries that got an equation."""
        text = " ".join(str(v.get("equation", "")) for v in self.variables.values())
        read = set(_NAME.findall(text))
        moved = {lever["target"] for lever in self.levers.values()}
        needed = read | moved
        return {
            n: v for n, v in self.variables.items()
            if n in needed or not n.endswith((".base", ".scale", ".rate"))
        }  # fmt: skip

    def build(self) -> None:
        """Quantities, then what acts on them, then those who own them."""
        for m in self.draft.measured:
            for q in m.quantities:
                self._quantity(m, q)
        if not any("observed" in v for v in self.variables.values()):
            self._ground()
        self._sums()
        for m in self.draft.measured:
            for idea in m.equations.equations if m.equations else ():
                self._idea(m, idea)
        for m in self.draft.measured:
            for link in m.links.links if m.links else ():
                self._link(m, link)
            for action in m.actions.actions if m.actions else ():
                self._action(m, action)
        self._conditions()
        self._actors()

    def _quantity(self, m: Measured, q: Quantity) -> None:
        name, start = m.name(q.name), float(self.draft.scope.start_year)
        entry = self._entry(m, q)
        unit = self._unit(q, entry)
        value, about = q.value, "stated by a language model"
        common: dict[str, Any] = {"unit": unit, "group": q.group, "doc": q.meaning}
        if entry is not None:
            common["observed"] = entry.id
            value = present_value(entry.id, start) * _factor(entry.unit, unit)
            about = f"{entry.id}: {entry.source}"
            if abs(value - q.value) > 0.01 * abs(value):
                self.job.ledger.repair(q, 1)
        kind = "stock" if q.kind == "constant" and entry is not None else q.kind
        if kind == "stock" or (kind == "auxiliary" and entry is not None):
            self._stock(name, q, value, about, common, entry)
        elif kind == "auxiliary":
            self.variables[name] = {"kind": "auxiliary", **common, "equation": f"{name}.base"}
            self.variables[f"{name}.base"] = _parameter(q, value, unit, about, trainable=False)
        else:
            self.variables[name] = {**_parameter(q, value, unit, about, trainable=False), **common}
        self.origins[f"variables.{name}"] = q

    def _ground(self) -> None:
        """Where no quantity is measured, series of the catalogue that share words with the brief:
        without data nothing could be scored."""
        world = self.draft.measured[0]
        wanted = tokens(" ".join((self.draft.brief.text, *self.draft.scope.themes)))
        likely = sorted(offered(world.actor.name, "world", ""),
                        key=lambda e: -alike(wanted, entry_tokens(e)))  # fmt: skip
        for entry in likely[: self.draft.brief.quantities]:
            q = Quantity(
                name=entry.id.rpartition(".")[2], group="economic", kind="stock", unit=entry.unit,
                value=present_value(entry.id, self.draft.scope.start_year), part_of="",
                uncertainty_percent=10, series=entry.id, meaning=entry.meaning[:400],
            )  # fmt: skip
            world.quantities.append(q)
            self._quantities[world.name(q.name)] = q
            self._quantity(world, q)
        self.job.ledger.missing("quantities", world.actor.name, "none that is measured: series of "
                                "the catalogue stand in")  # fmt: skip

    def _stock(
        self, name: str, q: Quantity, value: float, about: str, common: dict[str, Any],
        entry: CatalogueEntry | None,
    ) -> None:  # fmt: skip
        unit, seen = common["unit"], entry is not None
        rate = 0.0 if entry is None else mean_growth(entry.id, self._until)
        why = "no growth, for want of data" if entry is None else f"mean growth of {entry.id}"
        self.variables |= {
            name: {"kind": "stock", **common, "initial": f"{name}.start",
                   "inflows": [f"{name}.change"]},
            f"{name}.start": _parameter(q, value, unit, about, trainable=seen),
            f"{name}.change": {"kind": "flow", "unit": _per_year(unit),
                               "equation": f"{name}.rate * {name}", "source": "plain form"},
            f"{name}.rate": {
                "kind": "parameter", "value": rate, "unit": "1/year", "trainable": seen,
                "prior": {"normal": [rate, 0.03]}, "bounds": [rate - 0.2, rate + 0.2],
                "source": why},
        }  # fmt: skip

    def _entry(self, m: Measured, q: Quantity) -> CatalogueEntry | None:
        """The series that measures a quantity: the one named, or the one that says the same."""
        among = {e.id: e for e in offered(m.actor.name, m.actor.category,
                                          " ".join(self.draft.scope.themes))}  # fmt: skip
        id = q.series
        if id and (id not in among or not convertible(among[id].unit, q.unit)):
            self.job.ledger.repair(q, 1)
            id = id if id in among else ""
        id = id or matching(q.name, q.meaning, q.unit, list(among.values()))
        used = {v.get("observed") for v in self.variables.values()}
        return among[id] if id and id not in used and len(numbers(id).times) > 3 else None

    def _unit(self, q: Quantity, entry: CatalogueEntry | None) -> str:
        """The stated unit if it is one, and that of the series where they do not agree."""
        wanted = q.unit.strip() or "1"
        if entry is not None and not convertible(entry.unit, wanted):
            return entry.unit
        try:
            convert_factor(wanted, wanted)
        except UserError:
            self.job.ledger.repair(q, 1)
            return entry.unit if entry is not None else "1"
        return wanted

    def _sums(self) -> None:
        """A quantity with components is their sum, where they are measured in one unit; a constant
        keeps them as its constituents."""
        for m in self.draft.measured:
            parts: dict[str, list[str]] = {}
            for q in m.quantities:
                whole = m.name(q.part_of) if q.part_of else ""
                if whole in self.variables and whole != m.name(q.name):
                    parts.setdefault(whole, []).append(m.name(q.name))
                elif q.part_of:
                    self.job.ledger.repair(q, 1)
            for whole, names in parts.items():
                self._sum(whole, names)

    def _sum(self, whole: str, names: list[str]) -> None:
        old = self.variables[whole]
        kinds = {self.variables[n]["kind"] for n in names}
        same = all(self.variables[n]["unit"] == old["unit"] for n in names)
        if old["kind"] == "parameter" and kinds == {"parameter"}:
            old["constituents"] = names
        elif old["kind"] == "auxiliary" and same and whole not in names:
            old["equation"] = " + ".join(names)
            self.variables.pop(f"{whole}.base", None)

    def _idea(self, m: Measured, idea: Any) -> None:
        name = self.resolved(m, idea.quantity)
        if name is None:
            self.job.ledger.reject(idea, "equations", idea.quantity, "no such quantity")
        else:
            self.equation(name, idea.equation, idea)

    def _link(self, m: Measured, link: LinkIdea) -> None:
        source, end = self.resolved(None, link.source), self.resolved(m, link.target)
        if source is None or end is None or source == end:
            self.job.ledger.reject(link, "links", f"{link.source} -> {link.target}",
                                   "an end that is not there, or twice the same")  # fmt: skip
            return
        target = self.target(end) or self._around(end)
        form = "elasticity" if link.form == "diffusion" else link.form
        form = "delay" if link.delay_years and form == "elasticity" else form
        if form != link.form:
            self.job.ledger.repair(link, 1)
        twice = any((c["from"], c["to"]) == (source, target) for c in self.connections)
        if twice or self.variables[source]["kind"] == "parameter" or not self._is_ratio(source):
            why = "there already" if twice else "a cause that does not move"
            self.job.ledger.reject(link, "links", f"{source} -> {target}", why)
            return
        delay = float(max(link.delay_years, 1)) if form == "delay" else None
        self.origins[f"{source} -> {target}"] = link
        self.connections.append({
            "from": source, "to": target, "polarity": link.polarity, "form": form, "delay": delay,
            "reasoning": link.reasoning, "origin": "llm", "prior": {"normal": [0.0, 0.3]}
            if form != "lookup" else None,
        })  # fmt: skip

    def _is_ratio(self, name: str) -> bool:
        """Whether the cause has a start to be a ratio to."""
        start = self.variables.get(f"{name}.start") or self.variables.get(f"{name}.base")
        return start is None or start["value"] > 0

    def _around(self, name: str) -> str:
        """A constant that something acts on: an auxiliary around its own value."""
        old = self.variables[name]
        base = f"{name}.base"
        self.variables[base] = {k: v for k, v in old.items() if k != "constituents"}
        kept = {k: v for k, v in old.items() if k in ("unit", "group", "doc")}
        self.variables[name] = {"kind": "auxiliary", **kept, "equation": base}
        return name

    def _action(self, m: Measured, action: Any) -> None:
        name = self.resolved(m, action.quantity)
        held = self.variables.get(name or "", {"kind": ""})
        target = f"{name}" if held["kind"] == "parameter" else f"{name}.base"
        found = self.variables.get(target)
        if found is None or found["kind"] != "parameter" or not found["value"]:
            self.job.ledger.reject(action, "actions", action.quantity, "nothing that can be moved")
            return
        value = abs(float(found["value"]))
        ends = sorted(float(found["value"]) * p / 100
                      for p in (action.lower_percent, action.upper_percent))  # fmt: skip
        if target in {lever["target"] for lever in self.levers.values()}:
            self.job.ledger.reject(action, "actions", action.quantity, "decided by others already")
            return
        low, high = found.get("bounds") or ends
        found["bounds"] = [min(low, ends[0]), max(high, ends[1])]
        lever = f"{target}.decision"
        self.levers[lever] = {
            "target": target, "bounds": ends, "step": value * action.step_percent / 100,
            "unit": found["unit"], "mechanism": action.mechanism,
            "cost": repr(action.cost_percent / 100),
        }  # fmt: skip
        self.origins[f"levers.{lever}"] = action

    def _conditions(self) -> None:
        scope = self.draft.scope
        seen: set[str] = set()
        for c in self.draft.conditions.conditions if self.draft.conditions else ():
            effects = [
                {"target": name, "multiply": max(1 + e.change_percent / 100, 0.0)}
                for e in c.effects if (name := self._movable(e.target)) is not None
            ]  # fmt: skip
            if not scope.start_year <= c.year < scope.end_year or not effects or c.name in seen:
                self.job.ledger.reject(c, "conditions", c.name, "outside of the dates, without an "
                                       "effect, or named twice")  # fmt: skip
                continue
            seen.add(c.name)
            self.origins[f"events.{c.name}"] = c
            self.events.append({"name": c.name, "kind": c.kind, "start": float(c.year),
                                "duration": float(c.duration_years) or None, "effects": effects,
                                "doc": c.reasoning, "source": "a language model"})  # fmt: skip

    def _movable(self, text: str) -> str | None:
        name = self.resolved(None, text)
        return None if name is None else self.target(name) or name

    def _actors(self) -> None:
        for m in self.draft.measured:
            names = [n for n in m.names if n in self.variables]
            prefix = f"{slug(m.actor.name)}."
            self.actors.append({
                **m.actor.model_dump(mode="json"), "parameters": names,
                "levers": [n for n in self.levers if n.startswith(prefix)],
            })  # fmt: skip

    def resolved(self, m: Measured | None, text: str) -> str | None:
        """The quantity that an answer means: by its full name, or within the actor."""
        candidates: Iterable[str] = [text, ".".join(slug(p) for p in text.split("."))]
        if m is not None:
            candidates = [*candidates, m.name(text)]
        known = {n.lower(): n for n in self._names()}
        for one in candidates:
            if one.lower() in known:
                return known[one.lower()]
        return None

    def _names(self) -> Iterable[str]:
        return (n for n in self._quantities if n in self.variables)


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


def _axis(start: int, end: int, resolution: str) -> dict[str, Any]:
    """Twelve or fifty-two steps a year are a whole number of steps, whatever the dates."""
    return {"start": start, "end": end, "step": STEP[resolution], "save_every": STEP[resolution]}


def _per_year(unit: str) -> str:
    return "1/year" if unit == "1" else f"({unit})/year"


def _factor(a: str, b: str) -> float:
    try:
        return convert_factor(a, b)
    except UserError:
        return 1.0
