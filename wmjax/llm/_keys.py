"""Keys: read from the environment or a .env file, shown to nobody."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from wmjax._errors import UserError


HIDDEN = "***"
_read: set[str] = set()


def find_key(names: Sequence[str]) -> str | None:
    """The first of these variables that is set in the environment, or else in ./.env."""
    for source in (os.environ, _dotenv(Path(".env"))):
        for name in names:
            value = source.get(name, "").strip()
            if value:
                _read.add(value)
                return value
    return None


def need_key(provider: str, names: Sequence[str]) -> str:
    """As `find_key`. **Raises:** `UserError` that names the variables if there is none."""
    key = find_key(names)
    if key is None:
        raise UserError(
            f"language model {provider!r}",
            "no key",
            f"a key in {' or '.join(names)}",
            f"export {names[0]}=..., or write that line into a file .env in the working directory; "
            "llm=local needs no key",
        )
    return key


def known_keys() -> frozenset[str]:
    """Every key that this process has read. For hiding them, nothing else."""
    return frozenset(_read)


def scrub(text: str) -> str:
    """`text` without any key that this process has read."""
    for key in _read:
        text = text.replace(key, HIDDEN)
    return text


def _dotenv(path: Path) -> dict[str, str]:
    """Lines NAME=VALUE, with or without `export` and quotes; they never enter the environment."""
    if not path.is_file():
        return {}
    values = {}
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        name, equals, value = line.strip().removeprefix("export ").partition("=")
        if equals and not name.startswith("#"):
            values[name.strip()] = value.strip().strip("'\"")
    return values
