"""What a spec says that XMILE has no words for."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from wmjax.spec import ModelSpec


_SAID = {"wmjax", "name", "description", "time", "dimensions", "variables", "units", "events"}
_SAID_OF_VARIABLES = {"kind", "dims", "unit", "doc", "source", "initial", "inflows", "outflows",
                      "equation", "value", "x", "y", "outside", "times", "values",
                      "interpolation"}  # fmt: skip


def rest(spec: ModelSpec) -> dict[str, Any]:
    """The parts of a spec, as in a file of ours, that its XMILE file does not hold otherwise."""
    data = spec.to_dict()
    found = {key: value for key, value in data.items() if key not in _SAID}
    variables = {
        name: left
        for name, variable in data["variables"].items()
        if (left := _left(variable))
    }  # fmt: skip
    return {**found, **({"variables": variables} if variables else {})}


def _left(variable: dict[str, Any]) -> dict[str, Any]:
    scalar = variable["kind"] == "parameter"  # whose bounds are a range
    said = _SAID_OF_VARIABLES | ({"bounds"} if scalar else set())
    return {key: value for key, value in variable.items() if key not in said}


def rest_text(found: dict[str, Any]) -> str:
    """As JSON in ASCII, which any XML may hold."""
    return json.dumps(found, ensure_ascii=True)


def rest_summary(found: dict[str, Any]) -> tuple[str, ...]:
    """What it is, in words: `12 actors`, `prior of 3 variables`."""
    keys = Counter(k for variable in found.get("variables", {}).values() for k in variable)
    parts = [
        f"{len(value)} {key}" if isinstance(value, list | dict) and key != "provenance" else key
        for key, value in found.items() if key != "variables"
    ]  # fmt: skip
    return (*parts, *(f"{key} of {n} variable{'s' * (n > 1)}" for key, n in sorted(keys.items())))
