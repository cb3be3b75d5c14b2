"""Older file formats brought up to the present one, one step at a time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from wmjax._errors import UserError
from wmjax.spec._model_spec import FORMAT


Document = dict[str, Any]


def _from_0(data: Document) -> Document:
    """Format 0, before the first release, called the time step `dt` and the saving interval
    `saveper`."""
    time = data.get("time")
    if isinstance(time, dict):
        new = {"dt": "step", "saveper": "save_every"}
        data["time"] = {new.get(k, k): v for k, v in time.items()}
    return data


_STEPS: dict[int, Callable[[Document], Document]] = {0: _from_0}


def migrate(data: Document, place: str) -> Document:
    """The same content in the present format. A missing version means the present one.

    **Raises:** `UserError` for a version that is no whole number, or newer than this code knows.
    """
    version = data.get("wmjax", FORMAT)
    if isinstance(version, bool) or not isinstance(version, int) or version < 0:
        raise UserError(
            f"{place}, key wmjax", repr(version), f"a format version, 0 to {FORMAT}",
            f"write `wmjax: {FORMAT}`",
        )
    if version > FORMAT:
        raise UserError(
            f"{place}, key wmjax", f"format {version}", f"format {FORMAT} or older",
            "install a newer wmjax",
        )
    data = dict(data)
    while version < FORMAT:
        data = _STEPS[version](data)
        version += 1
        data["wmjax"] = version
    return data
