"""Plain data to a spec, with every mistake found at once."""

from __future__ import annotations

import difflib
from typing import Any

import pydantic

from wmjax._errors import SpecError
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
    """As much of a spec as fits the format, the issues of the rest, and the variables left out.

    The parts with issues are taken out until the rest is valid, so that one misspelt key does not
    hide the mistakes elsewhere.
    """
    if not isinstance(data, dict):
        found = f"found {type(data).__name__}; wanted a mapping with name, time and variables"
        return None, (Issue(code="format", path=place, message=found),), frozenset()
    data = migrate(data, place)
    issues: list[Issue] = []
    dropped: set[str] = set()
    for _ in range(_ROUNDS):
        try:
            return ModelSpec.model_validate(data), tuple(issues), frozenset(dropped)
        except pydantic.ValidationError as error:
            errors = error.errors(include_url=False, include_context=False)
            issues += [i for i in map(_issue, errors) if i not in issues]
            data = _without(data, errors, dropped)
    return None, tuple(issues), frozenset(dropped)


def _issue(error: Any) -> Issue:
    path = _path(error["loc"])
    kind, value = error["type"], error["input"]
    message = error["msg"].removeprefix("Value error, ")
    if kind == "extra_forbidden":
        return Issue(code="unknown-key", path=path, message=f"there is no key {error['loc'][-1]!r} here",
                     hint=_spelling(error))  # fmt: skip
    if kind == "missing":
        return Issue(code="missing-key", path=path, message=f"the key {error['loc'][-1]!r} is missing")
    if kind.startswith("union_tag"):
        kinds = "stock, flow, auxiliary, parameter, lookup or series"
        found = value.get("kind") if isinstance(value, dict) else value
        return Issue(code="format", path=f"{path}.kind", message=f"found {found!r}; wanted {kinds}")
    shown = repr(value)
    shown = shown if len(shown) <= 80 else shown[:77] + "..."
    return Issue(code="format", path=path, message=f"{message}; found {shown}")


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


def _without(data: dict[str, Any], errors: list[Any], dropped: set[str]) -> dict[str, Any]:
    """The data without the smallest optional part around each error."""
    data = dict(data)
    doomed: dict[str, set[Any]] = {}
    for error in errors:
        loc = _plain(error["loc"])
        if len(loc) >= 2 and isinstance(data.get(str(loc[0])), dict | list) and loc[0] != "time":
            doomed.setdefault(str(loc[0]), set()).add(loc[1])
        elif loc and loc[0] in data and loc[0] not in ("variables",):
            data.pop(str(loc[0]))
        elif loc == ("name",):
            data["name"] = "unnamed"
        else:
            data["variables"] = {}
    if not isinstance(data.get("name", ""), str) or not data.get("name"):
        data["name"] = "unnamed"
    for part, keys in doomed.items():
        data[part] = _pruned(data[part], keys)
        if part == "variables":
            dropped |= {str(k) for k in keys}
    return data


def _pruned(part: Any, keys: set[Any]) -> Any:
    if isinstance(part, list):
        return [v for i, v in enumerate(part) if i not in keys]
    return {k: v for k, v in part.items() if k not in keys and str(k) not in keys}
