"""Finding a run by part of its id."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from wmjax._errors import StoreError


_SHOWN = 5


def find(wanted: str, ids: Sequence[str]) -> str:
    """The id that `wanted` means: itself, the only one it begins, or the only one it ends.

    **Raises:** `StoreError` with the nearest ids if there is none or more than one.
    """
    if wanted in ids:
        return wanted
    matches = [i for i in ids if wanted and (i.startswith(wanted) or i.endswith(f"-{wanted}"))]
    if len(matches) == 1:
        return matches[0]
    if matches:
        raise StoreError(
            f"run {wanted!r}", f"{len(matches)} runs: {_some(matches)}", "one run", "add characters"
        )
    raise StoreError(f"run {wanted!r}", "no such run", "the id of a stored run", _hint(wanted, ids))


def _hint(wanted: str, ids: Sequence[str]) -> str:
    if not ids:
        return "the store is empty; WMJAX_HOME=FOLDER or store.path=FOLDER names another one"
    near = difflib.get_close_matches(wanted, ids, n=3, cutoff=0.5)
    return f"nearest: {_some(near)}" if near else f"newest: {_some(sorted(ids, reverse=True)[:3])}"


def _some(ids: Sequence[str]) -> str:
    rest = f" and {len(ids) - _SHOWN} more" if len(ids) > _SHOWN else ""
    return ", ".join(ids[:_SHOWN]) + rest
