"""Merge what `pip freeze` prints on two Pythons into constraints.txt.

    python scripts/pins.py FREEZE_311 FREEZE_312 > constraints.txt

A package whose version is the same on both gets one line; where they differ each line carries an
environment marker. Lines that hold an address or a path (the editable project) are dropped.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path


_PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;]+)$")
_HEADER = """\
# Versions known to work together; `pip install -c constraints.txt -e ".[dev]"`.
# Made by scripts/pins.py from `pip freeze` on Python 3.11 and 3.12. No addresses, no hashes.
"""


def main(old_path: str, new_path: str) -> None:
    old, new = _read(old_path), _read(new_path)
    print(_HEADER, end="")
    for name in sorted(old.keys() | new.keys()):
        print("\n".join(_lines(name, old.get(name), new.get(name))))


def _read(path: str) -> dict[str, str]:
    matches = (_PIN.match(line.strip()) for line in Path(path).read_text().splitlines())
    return {m[1].lower().replace("_", "-"): m[2] for m in matches if m}


def _lines(name: str, old: str | None, new: str | None) -> list[str]:
    if old == new:
        return [f"{name}=={new}"]
    lines = []
    if new:
        lines.append(f'{name}=={new} ; python_version >= "3.12"')
    if old:
        lines.append(f'{name}=={old} ; python_version < "3.12"')
    return lines


if __name__ == "__main__":
    main(*sys.argv[1:3])
