"""Answers put together into a spec, as far as they fit."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, final

from structure_gen._brief import STEP
from structure_gen._draft import Draft, Measured
from structure_gen._mapping import convertible
from structure_gen._slug import slug
from structure_gen._stage_job import StageJob
from structure_gen._web_data import Estimate


_NAME = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)*")
_HELPERS = (".base", ".scale", ".rate", ".limit", ".pace")


@final
class Assembly:
    """A spec in the making: plain data, and which answer each part comes from.

    `origins` maps paths of the spec (`variables.China.trade.equation`, `connections[2]`) to the
    answer's item, so that what is mended or left out is counted. `until`: the last time whose data
    may be used. `observed`: the series that measure something already; `estimates`: numbers that
    none does.
    """

    def __init__(self, draft: Draft, job: StageJob, until: float | None = None) -> None:
        self.draft, self.job, self.until = draft, job, until
        self.variables: dict[str, dict[str, Any]] = {}
        self.connections: list[dict[str, Any]] = []
        self.events: list[dict[str, Any]] = []
        self.levers: dict[str, dict[str, Any]] = {}
        self.actors: list[dict[str, Any]] = []
        self.origins: dict[str, Any] = {}
        self.observed: set[str] = set()
        self.estimates: list[Estimate] = []
        self._written: dict[str, str] = {}
        self._index: dict[str, str] = {}

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

    def number(self, name: str) -> str:
        """The parameter that holds the value of a quantity."""
        kind = self.variables[name]["kind"]
        ending = {"stock": ".start", "auxiliary": ".base"}.get(kind, "")
        return f"{name}{ending}"

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

    def resolved(self, m: Measured | None, text: str) -> str | None:
        """The quantity that an answer means: by its full name, or within the actor. Not before
        all quantities are placed."""
        candidates: Iterable[str] = [text, ".".join(slug(p) for p in text.split("."))]
        if m is not None:
            candidates = [*candidates, m.name(text)]
        if not self._index:
            self._index = {n.lower(): n for n in self.draft.names if n in self.variables}
        found = (self._index[c.lower()] for c in candidates if c.lower() in self._index)
        return next(found, None)

    def data(self) -> dict[str, Any]:
        """The spec as plain data."""
        scope = self.draft.scope
        step = STEP[scope.resolution]  # of a year: whole numbers of steps, whatever the dates
        return {
            "name": scope.title, "description": self.draft.brief.text,
            "time": {"start": scope.start_year, "end": scope.end_year, "step": step,
                     "save_every": step},
            "variables": self._used(), "connections": self.connections, "events": self.events,
            "levers": self.levers, "actors": self.actors,
            "provenance": {"tool": "structure_gen", "author": "a language model",
                           "notes": "themes: " + ", ".join(scope.themes)},
        }  # fmt: skip

    def _used(self) -> dict[str, dict[str, Any]]:
        """Without helping numbers that nothing reads any more."""
        text = " ".join(str(v.get("equation", "")) for v in self.variables.values())
        needed = set(_NAME.findall(text))
        needed |= {lever["target"] for lever in self.levers.values()}
        needed |= {n for v in self.variables.values() for n in v.get("constituents", ())}
        return {
            n: v for n, v in self.variables.items()
            if n in needed or "constituents" in v or not n.endswith(_HELPERS)
        }  # fmt: skip
