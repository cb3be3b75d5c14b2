"""What cannot stay goes, or becomes plain: an assembly ends without errors."""

from __future__ import annotations

import re

from structure_gen._assembly import Assembly
from wmjax._errors import SpecError
from wmjax.program import lower
from wmjax.spec import Issue, ModelSpec, check_spec


_MOST = 60  # passes: each takes something away
_UNITS = re.compile(r"the equation of '[^']+': found (.+), wanted (.+)")
_QUOTED = re.compile(r"'([^']+)'")


def errors(assembly: Assembly) -> list[Issue]:
    """What is wrong with the spec as it stands."""
    return [i for i in check_spec(assembly.data()) if i.severity == "error"]


def mended(assembly: Assembly) -> tuple[ModelSpec, tuple[Issue, ...]]:
    """The spec without what is wrong, and the issues that are left.

    Equations with errors return to their plain form; connections, events, levers and references of
    actors with errors are left out; loops are opened by a delay, then by leaving links out.
    """
    for _ in range(_MOST):
        found = errors(assembly) or _unsound(assembly)
        if not found:
            break
        changed = [_mend(assembly, i) for i in sorted(found, key=lambda i: i.path)]
        if not any(changed):
            break
        _compact(assembly)
    data = assembly.data()
    issues = check_spec(data)
    if any(i.severity == "error" for i in issues):
        _strip(assembly)
        data = assembly.data()
        issues = check_spec(data)
    return ModelSpec.model_validate(data), issues


def _mend(assembly: Assembly, issue: Issue) -> bool:
    part = issue.path.partition(".")[0].partition("[")[0]
    if issue.code in ("algebraic-loop", "initial-loop"):
        return _open(assembly, issue)
    if part == "variables":
        return _variable(assembly, issue)
    if part == "connections":
        return _connection(assembly, issue)
    if part == "events":
        return _event(assembly, issue)
    if part == "levers":
        return _lever(assembly, issue)
    return _actor(assembly, issue) if part == "actors" else False


def _variable(assembly: Assembly, issue: Issue) -> bool:
    """The equation that the path names returns to its plain form."""
    words = issue.path.removeprefix("variables.").split(".")
    heads = (".".join(words[:n]) for n in range(len(words), 0, -1))
    name = next((h for h in heads if h in assembly.variables), "")
    item = assembly.origins.get(f"variables.{name}.equation")
    units = _UNITS.fullmatch(issue.message)
    if units and item is not None and assembly.scale(name, *map(_unit_text, units.groups())):
        assembly.job.ledger.repair(item, 1)
        return True
    if assembly.plain(name):
        assembly.origins.pop(f"variables.{name}.equation", None)
        assembly.job.ledger.reject(item, "equations", name, issue.message)
        return True
    return _unit(assembly, name, issue)


def _unit(assembly: Assembly, name: str, issue: Issue) -> bool:
    """Plain equations hold in any unit: one that cannot be read becomes a pure number."""
    found = assembly.variables.get(name)
    if found is None or issue.code not in ("syntax", "unit-clash") or found.get("unit") == "1":
        return False
    for one in [n for n in assembly.variables if n == name or n.startswith(f"{name}.")]:
        old = assembly.variables[one]
        ending = one.rpartition(".")[2]
        old["unit"] = {"change": "1/year", "rate": "1/year", "pace": "year"}.get(ending, "1")
        old.pop("observed", None)
    return True


def _unit_text(said: str) -> str:
    return "1" if said == "a pure number" else said


def _connection(assembly: Assembly, issue: Issue) -> bool:
    found = re.match(r"connections\[(\d+)\]", issue.path)
    return found is not None and _drop(assembly, int(found[1]), issue.message)


def _drop(assembly: Assembly, i: int, reason: str) -> bool:
    if i >= len(assembly.connections) or not assembly.connections[i]:
        return False
    ends = f"{assembly.connections[i]['from']} -> {assembly.connections[i]['to']}"
    item = assembly.origins.pop(ends, None)
    if item is not None:
        assembly.job.ledger.reject(item, "links", ends, reason)
    assembly.connections[i] = {}  # places stay as the other issues name them
    return True


def _compact(assembly: Assembly) -> None:
    assembly.connections[:] = [c for c in assembly.connections if c]
    assembly.events[:] = [e for e in assembly.events if e.get("effects")]


def _open(assembly: Assembly, issue: Issue) -> bool:
    """A loop without memory: its first link waits a year; without a link an equation gives way."""
    chain = [n.strip() for n in issue.message.rpartition(":")[2].split("->")]
    inside = set(chain)
    for i, c in enumerate(assembly.connections):
        if c and c["from"] in inside and c["to"] in inside:
            if c["form"] != "delay" and issue.code == "algebraic-loop":
                c |= {"form": "delay", "delay": 1.0}
                item = assembly.origins.get(f"{c['from']} -> {c['to']}")
                if item is not None:
                    assembly.job.ledger.repair(item, 1)
                return True
            return _drop(assembly, i, issue.message)
    for name in chain:
        if assembly.plain(name):
            item = assembly.origins.pop(f"variables.{name}.equation", None)
            assembly.job.ledger.reject(item, "equations", name, issue.message)
            return True
    return False


def _event(assembly: Assembly, issue: Issue) -> bool:
    for event in assembly.events:
        if issue.path.startswith(f"events.{event['name']}"):
            place = re.search(r"effects\[(\d+)\]", issue.path)
            item = assembly.origins.get(f"events.{event['name']}")
            if item is not None:
                assembly.job.ledger.repair(item, 1)
            event["effects"] = [e for k, e in enumerate(event["effects"])
                                if place is not None and k != int(place[1])]  # fmt: skip
            return True
    return False


def _lever(assembly: Assembly, issue: Issue) -> bool:
    rest = issue.path.removeprefix("levers.")
    for name in list(assembly.levers):
        if rest == name or rest.startswith(f"{name}."):
            del assembly.levers[name]
            item = assembly.origins.pop(f"levers.{name}", None)
            assembly.job.ledger.reject(item, "actions", name, issue.message)
            for actor in assembly.actors:
                actor["levers"] = [x for x in actor["levers"] if x != name]
            return True
    return False


def _actor(assembly: Assembly, issue: Issue) -> bool:
    gone = set(_QUOTED.findall(issue.message))
    changed = False
    for actor in assembly.actors:
        for key in ("parameters", "levers"):
            kept = [x for x in actor[key] if x not in gone]
            changed |= len(kept) < len(actor[key])
            actor[key] = kept
    return changed


def _unsound(assembly: Assembly) -> list[Issue]:
    """What only lowering sees."""
    try:
        lower(ModelSpec.model_validate(assembly.data()))
    except SpecError as error:
        return list(error.issues)
    except ValueError as error:
        return [Issue(code="format", path="spec", message=str(error))]
    return []


def _strip(assembly: Assembly) -> None:
    """Last resort: every equation plain, no links, events or levers."""
    for name in list(assembly.variables):
        if assembly.plain(name):
            item = assembly.origins.pop(f"variables.{name}.equation", None)
            assembly.job.ledger.reject(item, "equations", name, "the whole did not hold together")
    for i in range(len(assembly.connections)):
        _drop(assembly, i, "the whole did not hold together")
    assembly.events.clear()
    assembly.levers.clear()
    _compact(assembly)
    for actor in assembly.actors:
        actor["levers"] = []
