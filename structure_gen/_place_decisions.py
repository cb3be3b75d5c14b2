"""Levers, events and actors of an assembly."""

from __future__ import annotations

from structure_gen._answers import ActionIdea
from structure_gen._assembly import Assembly
from structure_gen._draft import Measured
from structure_gen._slug import slug


def place_actions(assembly: Assembly) -> None:
    for m in assembly.draft.measured:
        for action in m.actions.actions if m.actions else ():
            _action(assembly, m, action)


def _action(assembly: Assembly, m: Measured, action: ActionIdea) -> None:
    ledger = assembly.job.ledger
    name = assembly.resolved(m, action.quantity)
    target = "" if name is None else assembly.number(name)
    found = assembly.variables.get(target)
    if found is None or found["kind"] != "parameter" or not found["value"]:
        ledger.reject(action, "actions", action.quantity, "nothing that can be moved")
        return
    if target in {lever["target"] for lever in assembly.levers.values()}:
        ledger.reject(action, "actions", action.quantity, "decided by others already")
        return
    value = float(found["value"])
    ends = sorted(value * p / 100 for p in (action.lower_percent, action.upper_percent))
    low, high = found.get("bounds") or ends
    found["bounds"] = [min(low, ends[0]), max(high, ends[1])]
    lever = f"{target}.decision"
    assembly.levers[lever] = {
        "target": target, "bounds": ends, "step": abs(value) * action.step_percent / 100,
        "unit": found["unit"], "mechanism": action.mechanism,
        "cost": repr(action.cost_percent / 100),
    }  # fmt: skip
    assembly.origins[f"levers.{lever}"] = action


def place_conditions(assembly: Assembly) -> None:
    scope, asked = assembly.draft.scope, assembly.draft.conditions
    seen: set[str] = set()
    for c in asked.conditions if asked else ():
        effects = [
            {"target": name, "multiply": max(1 + e.change_percent / 100, 0.0)}
            for e in c.effects if (name := _movable(assembly, e.target)) is not None
        ]  # fmt: skip
        if not scope.start_year <= c.year < scope.end_year or not effects or c.name in seen:
            assembly.job.ledger.reject(c, "conditions", c.name, "outside of the dates, without an "
                                       "effect, or named twice")  # fmt: skip
            continue
        seen.add(c.name)
        assembly.origins[f"events.{c.name}"] = c
        assembly.events.append({
            "name": c.name, "kind": c.kind, "start": float(c.year),
            "duration": float(c.duration_years) or None, "effects": effects, "doc": c.reasoning,
            "source": "a language model",
        })  # fmt: skip


def _movable(assembly: Assembly, text: str) -> str | None:
    name = assembly.resolved(None, text)
    return None if name is None else assembly.target(name) or name


def place_actors(assembly: Assembly) -> None:
    for m in assembly.draft.measured:
        prefix = f"{slug(m.actor.name)}."
        assembly.actors.append({
            **m.actor.model_dump(mode="json"),
            "parameters": [n for n in m.names if n in assembly.variables],
            "levers": [n for n in assembly.levers if n.startswith(prefix)],
        })  # fmt: skip
