"""Equations and links of an assembly."""

from __future__ import annotations

from typing import Any

from structure_gen._answers import LinkIdea
from structure_gen._assembly import Assembly
from structure_gen._draft import Measured


def place_equations(assembly: Assembly) -> None:
    for m in assembly.draft.measured:
        for idea in m.equations.equations if m.equations else ():
            name = assembly.resolved(m, idea.quantity)
            if name is None:
                assembly.job.ledger.reject(idea, "equations", idea.quantity, "no such quantity")
            else:
                assembly.equation(name, idea.equation, idea)


def place_links(assembly: Assembly) -> None:
    for m in assembly.draft.measured:
        for link in m.links.links if m.links else ():
            _link(assembly, m, link)


def _link(assembly: Assembly, m: Measured, link: LinkIdea) -> None:
    ledger = assembly.job.ledger
    source, end = assembly.resolved(None, link.source), assembly.resolved(m, link.target)
    if source is None or end is None or source == end:
        ledger.reject(link, "links", f"{link.source} -> {link.target}",
                      "an end that is not there, or twice the same")  # fmt: skip
        return
    target = assembly.target(end) or _around(assembly, end)
    evens = link.form != "diffusion" or _are_alike(assembly, source, end)
    form = link.form if evens else "elasticity"
    form = "delay" if link.delay_years and form == "elasticity" else form
    if form != link.form:
        ledger.repair(link, 1)
    why = _objection(assembly, source, target)
    if why:
        ledger.reject(link, "links", f"{source} -> {target}", why)
        return
    delay = float(max(link.delay_years, 1)) if form == "delay" else None
    assembly.origins[f"{source} -> {target}"] = link
    assembly.connections.append({
        "from": source, "to": target, "polarity": link.polarity, "form": form, "delay": delay,
        "reasoning": link.reasoning, "origin": "llm", "prior": {"normal": [0.0, 0.3]}
        if form != "lookup" else None,
    })  # fmt: skip


def _are_alike(assembly: Assembly, source: str, end: str) -> bool:
    """Whether one quantity can take after the other: a stock, and a cause in its unit."""
    cause, stock = assembly.variables[source], assembly.variables[end]
    return stock["kind"] == "stock" and cause.get("unit") == stock.get("unit")


def _objection(assembly: Assembly, source: str, target: str) -> str:
    if any((c["from"], c["to"]) == (source, target) for c in assembly.connections):
        return "there already"
    moves = assembly.variables[source]["kind"] != "parameter"
    return "" if moves and _is_ratio(assembly, source) else "a cause that does not move"


def _is_ratio(assembly: Assembly, name: str) -> bool:
    """Whether the cause has a start to be a ratio to."""
    start: dict[str, Any] | None = assembly.variables.get(assembly.number(name))
    return start is None or start["value"] > 0


def _around(assembly: Assembly, name: str) -> str:
    """A constant that something acts on: an auxiliary around its own value."""
    old = assembly.variables[name]
    base = f"{name}.base"
    assembly.variables[base] = old
    kept = {k: v for k, v in old.items() if k in ("unit", "group", "doc")}
    assembly.variables[name] = {"kind": "auxiliary", **kept, "equation": base}
    for other in assembly.variables.values():
        if name in other.get("constituents", ()):
            other["constituents"] = [base if n == name else n for n in other["constituents"]]
    return name
