"""Specs and scenarios on disk."""

from __future__ import annotations

import difflib
import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pydantic

from wmjax._errors import SpecError, UserError
from wmjax._resources import resource_dir
from wmjax.spec._issue import Issue
from wmjax.spec._model_spec import ModelSpec
from wmjax.spec._read import read_spec, salvage_spec
from wmjax.spec._scenario import Scenario
from wmjax.spec._yaml import read_yaml, write_yaml


_MODEL_FILE = "model.yaml"
_LARGEST = 200_000_000  # bytes


def bundled_models() -> tuple[str, ...]:
    """Names of the models that come with wmjax."""
    folder = resource_dir("data") / "models"
    return tuple(sorted(p.parent.name for p in folder.glob(f"*/{_MODEL_FILE}")))


def load_spec(source: str | os.PathLike[str] | Mapping[str, Any] | ModelSpec) -> ModelSpec:
    """Reads a spec.

    **Arguments:**

    - `source`: the name of a bundled model, the path of a `.yaml` or `.json` file, or plain data.

    **Raises:** `UserError` if there is no such model or file; `SpecError` if the content does not
    fit the format, with every error that `check_spec` finds. What the equations of a spec that
    fits say is checked by `check_spec`.
    """
    if isinstance(source, ModelSpec):
        return source
    data, place = _data(source)
    try:
        return read_spec(data, place)
    except SpecError as error:
        from wmjax.spec.check import check_spec

        known = {(i.code, i.path, i.message) for i in error.issues}
        more = (i for i in check_spec(source) if i.severity == "error")
        others = [i for i in more if (i.code, i.path, i.message) not in known]
        raise SpecError(place, [*error.issues, *others]) from None


def inspect_source(
    source: str | os.PathLike[str] | Mapping[str, Any] | ModelSpec,
) -> tuple[ModelSpec | None, tuple[Issue, ...], frozenset[str]]:
    """Reads as much as can be read: the spec or None, issues of format, variables left out."""
    if isinstance(source, ModelSpec):
        return source, (), frozenset()
    data, place = _data(source)
    return salvage_spec(data, place)


def _data(source: str | os.PathLike[str] | Mapping[str, Any]) -> tuple[Any, str]:
    if isinstance(source, Mapping):
        return dict(source), "spec"
    path = model_path(source)
    return read_file(path), str(source)


def model_path(source: str | os.PathLike[str]) -> Path:
    """The file behind a name of a bundled model or a path.

    **Raises:** `UserError` with the nearest bundled name.
    """
    path = Path(source)
    if path.is_file():
        return path
    if path.is_dir() and (path / _MODEL_FILE).is_file():
        return path / _MODEL_FILE
    names = bundled_models()
    if str(source) in names:
        return resource_dir("data") / "models" / str(source) / _MODEL_FILE
    near = difflib.get_close_matches(str(source), names, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"bundled models: {', '.join(names)}"
    raise UserError(
        f"model {str(source)!r}", "neither a file nor a bundled model",
        "a path of a .yaml or .json file, or a bundled name", hint,
    )  # fmt: skip


def read_file(path: Path) -> Any:
    """Plain data of a `.yaml`, `.yml` or `.json` file.

    **Raises:** `UserError` for an unknown suffix, unreadable text, or text that does not parse.
    """
    suffix = path.suffix.lower()
    if suffix not in (".yaml", ".yml", ".json"):
        raise UserError(
            str(path), f"a file of kind {suffix or 'without suffix'!r}", ".yaml, .yml or .json",
            "convert the model, or rename the file",
        )  # fmt: skip
    try:
        if path.stat().st_size > _LARGEST:
            raise UserError(str(path), f"{path.stat().st_size} bytes", f"at most {_LARGEST}")
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as e:
        raise UserError(str(path), f"unreadable: {e}", "a readable file of UTF-8 text") from None
    return _read_json(text, str(path)) if suffix == ".json" else read_yaml(text, str(path))


def _read_json(text: str, place: str) -> Any:
    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        keys = [k for k, _ in pairs]
        twice = sorted({k for k in keys if keys.count(k) > 1}) if len(set(keys)) < len(keys) else []
        if twice:
            raise UserError(place, f"the key {twice[0]!r} twice", "each key once", "rename one")
        return dict(pairs)

    try:
        return json.loads(text, object_pairs_hook=once)
    except json.JSONDecodeError as e:
        where = f"{place}, line {e.lineno}, column {e.colno}"
        raise UserError(where, e.msg, "JSON", "check commas and quotes") from None
    except RecursionError:
        raise UserError(place, "nesting too deep", "JSON of a spec") from None


def save_spec(spec: ModelSpec, path: str | os.PathLike[str]) -> Path:
    """Writes a spec as `.yaml` or `.json`; the file appears whole or not at all.

    **Raises:** `UserError` for another suffix or a folder that cannot be written.
    """
    path = Path(path)
    suffix = path.suffix.lower()
    if suffix in (".yaml", ".yml"):
        text = write_yaml(spec.to_dict()) or ""
    elif suffix == ".json":
        text = json.dumps(spec.to_dict(), indent=2, ensure_ascii=False) + "\n"
    else:
        raise UserError(str(path), f"suffix {suffix!r}", ".yaml or .json", "choose one of these")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, suffix=suffix)
        with os.fdopen(handle, "w", encoding="utf-8") as f:
            f.write(text)
        os.replace(name, path)
    except OSError as e:
        raise UserError(str(path), str(e), "a folder that can be written") from None
    return path


def load_scenarios(source: str | os.PathLike[str]) -> dict[str, Scenario]:
    """Scenarios by name, `baseline` first: of a bundled model, a folder of files, or one file.

    **Raises:** `UserError` if there are none; `SpecError` if one does not fit the format.
    """
    found: dict[str, Scenario] = {}
    for file in _scenario_files(source):
        try:
            scenario = Scenario.model_validate(read_file(file))
        except pydantic.ValidationError as error:
            issues = [
                Issue(code="format", path=".".join(map(str, e["loc"])), message=e["msg"])
                for e in error.errors(include_url=False)
            ]
            raise SpecError(str(file), issues) from None
        if scenario.name in found:
            raise UserError(str(file), f"scenario {scenario.name!r} again", "each name once")
        found[scenario.name] = scenario
    if "baseline" in found:
        return {"baseline": found.pop("baseline"), **found}
    return found


def _scenario_files(source: str | os.PathLike[str]) -> list[Path]:
    path = Path(source)
    if path.is_file() and path.name != _MODEL_FILE:
        return [path]
    folder = path if path.is_dir() else model_path(source).parent
    folder = folder / "scenarios" if (folder / "scenarios").is_dir() else folder
    files = sorted(f for f in folder.glob("*.yaml") if f.name != _MODEL_FILE)
    if folder.name != "scenarios" and not path.is_dir():
        return []
    return files
