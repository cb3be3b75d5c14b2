"""What a search has done, one small file each: a killed search repeats nothing."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any, final

from wmjax._errors import UserError


@final
class Memory:
    """JSON documents by a key in words; in a folder, or nowhere but in this process."""

    def __init__(self, folder: str | os.PathLike[str] | None) -> None:
        self._folder = None if folder is None else Path(folder)
        self._here: dict[str, Any] = {}

    def get(self, kind: str, *key: str) -> Any | None:
        """What was kept under the key, None if nothing was.

        **Raises:** `UserError` for a file that somebody has damaged.
        """
        name = _name(kind, key)
        if name not in self._here and self._folder is not None:
            path = self._folder / kind / f"{name}.json"
            if not path.is_file():
                return None
            try:
                self._here[name] = json.loads(path.read_text(encoding="utf-8"))
            except (OSError, ValueError) as error:
                raise UserError(str(path), str(error), "a file as it was written",
                                "delete this file, and it is computed again") from None  # fmt: skip
        return self._here.get(name)

    def put(self, value: Any, kind: str, *key: str) -> None:
        """Keeps a value; the file appears whole or not at all."""
        name = _name(kind, key)
        self._here[name] = value
        if self._folder is None:
            return
        path = self._folder / kind / f"{name}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_suffix(f".{os.getpid()}.draft")
        draft.write_text(json.dumps(value, ensure_ascii=False), encoding="utf-8")
        draft.replace(path)


def _name(kind: str, key: tuple[str, ...]) -> str:
    return hashlib.sha256("\0".join((kind, *key)).encode()).hexdigest()[:32]
