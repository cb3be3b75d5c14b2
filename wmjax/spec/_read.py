"""Plain data to a spec, with every mistake found at once."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import Any

import pydantic

from wmjax._errors import SpecError
from wmjax._garbage import garbage_later
from wmjax.spec._issue import Issue
from wmjax.spec._migrate import migrate
from wmjax.spec._model_spec import ModelSpec


_ROUNDS = 20  # of pruning; each removes at least one faulty part


def read_spec(data: Any, place: str = "spec") -> ModelSpec:
    """A spec from plain data.

    **Raises:** `SpecError` listing every place where the data do not fit the format.
    """
    spec, issues, _ = salvage_spec(data, place)
    if spec is None or issues:
        raise SpecError(place, issues)
    return spec


def salvage_spec(
    data: Any, place: str = "spec"
) -> tuple[ModelSpec | None, tuple[Issue, ...], frozenset[str]]:
    """As much of a spec as fits the format, the issues of the rest, and the names left out."""
    found = salvage(data, place)
    return found.spec, found.issues, frozenset(found.lost)


@dataclass(frozen=True)
class Salvage:
    """What could be read of a spec.

    - `spec`: the valid part, None if there is none.
    - `issues`: what is wrong with the rest.
    - `lost`: the parts left out by name: variables, dimensions with their elements, and so on.
    """

    spec: ModelSpec | None
    issues: tuple[Issue, ...]
    lost: dict[str, Any]


@garbage_later()
def salvage(data: Any, place: str = "spec") -> Salvage:
    """Takes out the parts with issues until the rest is valid, so that one misspelt key does not
    hide the mistakes elsewhere.

    **Raises:** `UserError` for a format that this version cannot read.
    """
    if not isinstance(data, dict):
        found = f"found {type(data).__name__}; wanted a mapping with name, time and variables"
        return Salvage(None, (Issue(code="format", path=place, message=found),), {})
    data = migrate(data, place)
    issues: dict[str, Issue] = {}
    lost: dict[str, Any] = {}
    taken: set[str] = set()
    for _ in range(_ROUNDS):
        try:
            return Salvage(ModelSpec.model_validate(data), tuple(issues.values()), lost)
        except pydantic.ValidationError as error:
            errors = error.errors(include_url=False, include_context=False)
            for issue in map(_issue, errors):
                if not _ours(issue.path, taken):
                    issues.setdefault(f"{issue.path}: {issue.code}", issue)
            data = _mended(data, errors, taken, lost)
    return Salvage(None, tuple(issues.values()), lost)


def _ours(path: str, taken: set[str]) -> bool:
    """Whether something is wrong only since we took out a key. All keys of the time axis but its
    ends may be absent."""
    return path in taken or path != "time" and any(t.startswith(f"{path}.") for t in taken)


def _issue(error: Any) -> Issue:
    path, loc = _path(error["loc"]), _plain(error["loc"])
    kind, value, key = error["type"], error["input"], repr(error["loc"][-1])
    message = error["msg"].removeprefix("Value error, ")
    if kind == "extra_forbidden":
        found = f"there is no key {key} here"
        return Issue(code="unknown-key", path=path, message=found, hint=_spelling(error))
    if loc[0] == "variables" and loc[-1] == "initial" and value in ("", None) or kind == "missing":
        return _missing(path, loc)
    if kind.startswith("union_tag"):
        kinds = "stock, flow, auxiliary, parameter, lookup or series"
        found = value.get("kind") if isinstance(value, dict) else value
        return Issue(
            code="format", path=f"{path}.kind", message=f"found {_shown(found)}; wanted {kinds}"
        )
    if path == "time" and "step" in message:
        return Issue(code="time-step", path=path, message=message, hint="change step or the span")
    return Issue(code="format", path=path, message=f"{message}; found {_shown(value)}")


def _missing(path: str, loc: tuple[Any, ...]) -> Issue:
    if loc[0] == "variables" and loc[-1] == "initial":
        return Issue(
            code="missing-initial", path=path, message=f"the stock {loc[1]!r} has no initial value",
            hint="add `initial: ` with a number or an expression",
        )  # fmt: skip
    return Issue(code="missing-key", path=path, message=f"the key {str(loc[-1])!r} is missing")


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "..."


def _spelling(error: Any) -> str:
    """The nearest key that exists where an unknown one was found."""
    from wmjax.spec import _known_keys

    near = difflib.get_close_matches(str(error["loc"][-1]), _known_keys(), n=1, cutoff=0.7)
    return f"did you mean {near[0]!r}?" if near else "delete it, or check the spelling"


_TAGS = {"stock", "flow", "auxiliary", "parameter", "lookup", "series"}


def _plain(loc: tuple[Any, ...]) -> tuple[Any, ...]:
    """A location without the names of union members that pydantic puts between the keys."""
    kept = []
    for i, part in enumerate(loc):
        tag = i == 2 and loc[0] == "variables" and part in _TAGS
        if not tag and not (isinstance(part, str) and ("[" in part or part in ("float", "str"))):
            kept.append(part)
    return tuple(kept)


def _path(loc: tuple[Any, ...]) -> str:
    text = ""
    for part in _plain(loc):
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text or "spec"


def _mended(
    data: dict[str, Any], errors: list[Any], taken: set[str], lost: dict[str, Any]
) -> dict[str, Any]:
    """The data without the faulty keys, so that the rest of their parts is examined too; where that
    is not enough, without the parts."""
    data, rest = dict(data), []
    for error in errors:
        loc = _plain(error["loc"])
        part, key = _part_of(data, loc)
        path = _path(error["loc"])
        if error["type"] == "missing" and loc[0] == "variables" and key == "initial":
            part[key] = 0.0
        elif isinstance(part, dict) and key in part and key not in _IDENTITY:
            _lose(lost, path, part.pop(key))
        else:
            rest.append(error)
            continue
        taken.add(path)
    return _without(data, rest, lost) if rest else data


_IDENTITY = ("kind", "name")  # keys without which nothing can be said of a part


def _part_of(data: dict[str, Any], loc: tuple[Any, ...]) -> tuple[Any, Any]:
    """A copy, laid into the data, of the part in which an error lies, and the key it lies under;
    the time axis counts as a part."""
    depth = 1 if loc and loc[0] == "time" else 2
    if len(loc) <= depth:
        return None, None
    whole = data.get(loc[0])
    if depth == 1:
        part = data[loc[0]] = dict(whole) if isinstance(whole, dict) else whole
        return part, loc[1]
    if not isinstance(whole, dict | list):
        return None, None
    try:
        part = whole[loc[1]]
    except LookupError:
        return None, None
    if not isinstance(part, dict):
        return None, None
    data[loc[0]] = whole = list(whole) if isinstance(whole, list) else dict(whole)
    whole[loc[1]] = part = dict(part)
    return part, loc[2]


def _without(data: dict[str, Any], errors: list[Any], lost: dict[str, Any]) -> dict[str, Any]:
    """The data without the smallest optional part around each error."""
    data = dict(data)
    doomed: dict[str, set[Any]] = {}
    for error in errors:
        loc = _plain(error["loc"])
        if len(loc) >= 2 and isinstance(data.get(str(loc[0])), dict | list) and loc[0] != "time":
            doomed.setdefault(str(loc[0]), set()).add(loc[1])
        elif loc and loc[0] in data and loc[0] not in ("variables",):
            whole = data.pop(loc[0])
            for name, value in whole.items() if isinstance(whole, dict) else ():
                _lose(lost, str(name), value)
        elif loc == ("name",):
            data["name"] = "unnamed"
        else:
            data["variables"] = {}
    if not isinstance(data.get("name", ""), str) or not data.get("name"):
        data["name"] = "unnamed"
    for part, keys in doomed.items():
        data[part] = _pruned(data[part], keys, lost)
    return data


def _pruned(part: Any, keys: set[Any], lost: dict[str, Any]) -> Any:
    for key, value in enumerate(part) if isinstance(part, list) else part.items():
        if key in keys or str(key) in keys:
            _lose(lost, str(key), value)
    if isinstance(part, list):
        return [v for i, v in enumerate(part) if i not in keys]
    return {k: v for k, v in part.items() if k not in keys and str(k) not in keys}


def _lose(lost: dict[str, Any], name: str, value: Any) -> None:
    """Notes a part, and the elements in it that equations may name."""
    lost[name] = value
    if isinstance(value, dict):
        lost[str(value.get("name", name))] = value
        value = value.get("elements")
    if isinstance(value, list | tuple):
        lost.update({str(e): None for e in value if isinstance(e, str | int)})
