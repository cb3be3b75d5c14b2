"""Actors as records for other programs, and back without loss."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import os
from pathlib import Path
from typing import Any

from wmjax._errors import UserError
from wmjax.spec import Actor, ModelSpec, Parameter, load_spec, save_spec
from wmjax.spec._names import read_name


VERSION = 1
"""Of the record format."""

_FORMAT = "wmjax actors"
_COLUMNS: tuple[str, ...] = (
    "name", "category", "level", "parent", "influence_score", "mandate", "parameters", "actions",
    "connections",
)  # fmt: skip


def export(spec: ModelSpec, path: str | os.PathLike[str]) -> Path:
    """Writes a spec: `.actors.json` and `.csv` as records of actors, every other ending (`.yaml`,
    `.json`, `.sd.json`, ...) by `save_spec`.

    A record has name, level, influence_score, parameters (name: value), actions (parameter:
    increase, decrease, hold with step and bounds) and connections such as "China.trade". The JSON
    holds the whole spec beside the records; the CSV has it in a file `NAME.csv.spec.json` beside
    it. `import_actors` gives the same spec back.

    **Raises:** `UserError` for an ending that nobody knows or a folder that cannot be written.
    """
    path = Path(path)
    try:
        if path.name.endswith(".actors.json"):
            path.write_text(_json(spec), encoding="utf-8")
        elif path.suffix == ".csv":
            path.write_text(_csv(spec), encoding="utf-8")
            _beside(path).write_text(_json(spec), encoding="utf-8")
        else:
            save_spec(spec, path)
    except OSError as error:
        raise UserError(str(path), str(error), "a file that can be written") from None
    return path


def import_actors(path: str | os.PathLike[str]) -> ModelSpec:
    """The spec of an exported file. What was edited in the records of actors (influence, mandate)
    holds instead of what the spec says.

    **Raises:** `UserError` for a file that is none, or of another version.
    """
    path = Path(path)
    whole = _beside(path) if path.suffix == ".csv" else path
    try:
        document = json.loads(whole.read_text(encoding="utf-8"))
        table = path.read_text(encoding="utf-8") if path.suffix == ".csv" else ""
    except (OSError, ValueError) as error:
        raise UserError(str(whole), str(error), "a file of structure_gen.export") from None
    about = document.get("metadata", {}) if isinstance(document, dict) else {}
    if about.get("format") != _FORMAT or about.get("version") != VERSION:
        found = f"{about.get('format')!r}, version {about.get('version')!r}"
        raise UserError(str(whole), found, f"{_FORMAT!r}, version {VERSION}")
    spec = load_spec(document["spec"])
    records = list(csv.DictReader(io.StringIO(table))) if table else document["actors"]
    edited = {str(r["name"]): r for r in records}
    actors = tuple(_edited(a, edited.get(a.name), str(path)) for a in spec.actors)
    return spec.model_copy(update={"actors": actors})


def records(spec: ModelSpec) -> list[dict[str, Any]]:
    """One record an actor."""
    return [
        {
            "name": a.name, "category": a.category, "level": a.level, "parent": a.parent,
            "influence_score": a.influence, "mandate": a.mandate,
            "parameters": {p: _value(spec, p) for p in a.parameters},
            "actions": _actions(spec, a), "connections": _connections(spec, a),
        }
        for a in spec.actors
    ]  # fmt: skip


def _json(spec: ModelSpec) -> str:
    document = {
        "metadata": {"format": _FORMAT, "version": VERSION, "name": spec.name, "hash": spec.hash,
                     "description": spec.description,
                     "provenance": spec.provenance.model_dump(exclude_defaults=True)},
        "actors": records(spec), "spec": spec.to_dict(),
    }  # fmt: skip
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def _csv(spec: ModelSpec) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(_COLUMNS), lineterminator="\n")
    writer.writeheader()
    for record in records(spec):
        writer.writerow({k: json.dumps(v, ensure_ascii=False) if isinstance(v, dict | list) else v
                         for k, v in record.items()})  # fmt: skip
    return text.getvalue()


def _beside(path: Path) -> Path:
    return path.with_name(path.name + ".spec.json")


def _value(spec: ModelSpec, name: str) -> Any:
    variable = spec.variables.get(read_name(name).name)
    if isinstance(variable, Parameter):
        return variable.model_dump(mode="json")["value"]
    text = getattr(variable, "equation", None) or getattr(variable, "initial", None)
    return _number(spec, text) if isinstance(text, str) else text


def _number(spec: ModelSpec, text: str) -> Any:
    """The number that a text is or names; the text itself if it has to be computed."""
    with contextlib.suppress(ValueError):
        return float(text)
    held = spec.variables.get(text.strip().strip('"'))
    return _value(spec, text.strip()) if isinstance(held, Parameter) else text


def _actions(spec: ModelSpec, actor: Actor) -> dict[str, Any]:
    found = {}
    for name in actor.levers:
        lever = spec.levers.get(name)
        if lever is not None:
            found[lever.target] = {"actions": ["increase", "decrease", "hold"], "step": lever.step,
                                   "bounds": list(lever.bounds), "mechanism": lever.mechanism,
                                   "cost": lever.cost}  # fmt: skip
    return found


def _connections(spec: ModelSpec, actor: Actor) -> list[str]:
    """What acts on something of the actor, by the name of the cause."""
    own = {read_name(p).name for p in actor.parameters}
    flows = {f for p in own for f in (*getattr(spec.variables.get(p), "inflows", ()),
                                      *getattr(spec.variables.get(p), "outflows", ()))}  # fmt: skip
    causes = (c.source for c in spec.connections if read_name(c.target).name in own | flows)
    return list(dict.fromkeys(causes))


def _edited(actor: Actor, record: dict[str, Any] | None, path: str) -> Actor:
    if record is None:
        return actor
    try:
        influence = float(record["influence_score"])
        changes = {"influence": influence, "mandate": str(record["mandate"])}
        return Actor.model_validate({**dict(actor), **changes})
    except (KeyError, ValueError) as error:
        raise UserError(f"{path}, actor {actor.name!r}", str(error).splitlines()[0],
                        "influence_score between 0 and 1 and a mandate") from None  # fmt: skip
