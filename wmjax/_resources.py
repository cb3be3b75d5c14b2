"""Where the shipped configuration and data lie."""

from __future__ import annotations

from pathlib import Path
from typing import Literal


_PACKAGE = Path(__file__).resolve().parent


def resource_dir(kind: Literal["conf", "data"]) -> Path:
    """The folder of shipped configuration or data.

    A wheel carries both inside the package; a checkout has them beside it. The package's own copy
    is tried first, so that a foreign `conf/` next to an installed wmjax is never taken for ours.

    **Raises:** `FileNotFoundError` if neither place has the folder: the installation is damaged.
    """
    places = (_PACKAGE / kind, _PACKAGE.parent / kind)
    for place in places:
        if place.is_dir():
            return place
    raise FileNotFoundError(
        f"wmjax finds no {kind}/ folder; looked in {places[0]} and {places[1]}. Reinstall wmjax."
    )
