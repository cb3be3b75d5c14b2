"""Gather the fragments of changelog.d/ into a section of CHANGELOG.md.

    python scripts/changelog.py 0.2.0            move the fragments into CHANGELOG.md
    python scripts/changelog.py --draft          show the section
"""

from __future__ import annotations

import datetime
import sys
from pathlib import Path


_ROOT = Path(__file__).resolve().parent.parent
_KINDS = ("added", "changed", "fixed", "removed")


def main(version: str) -> None:
    fragments = _fragments()
    text = _section(version, fragments)
    if version == "--draft":
        print(text)
        return
    path = _ROOT / "CHANGELOG.md"
    before = path.read_text(encoding="utf-8") if path.exists() else "# Changelog\n"
    title, _, rest = before.partition("\n")
    path.write_text(f"{title}\n\n{text}{rest}", encoding="utf-8")
    for files in fragments.values():
        for file in files:
            file.unlink()


def _fragments() -> dict[str, list[Path]]:
    files = sorted(p for p in (_ROOT / "changelog.d").glob("*.md") if p.name != "README.md")
    odd = [p.name for p in files if p.suffixes[0].lstrip(".") not in _KINDS]
    if odd:
        sys.exit(f"{', '.join(odd)}: wanted NAME.KIND.md, KIND one of {', '.join(_KINDS)}")
    return {k: [p for p in files if p.suffixes[0] == f".{k}"] for k in _KINDS}


def _section(version: str, fragments: dict[str, list[Path]]) -> str:
    title = "Unreleased" if version == "--draft" else f"{version} ({datetime.date.today()})"
    lines = [f"## {title}", ""]
    for kind, files in fragments.items():
        if files:
            entries = (f"- {' '.join(p.read_text(encoding='utf-8').split())}" for p in files)
            lines += [f"### {kind.capitalize()}", "", *entries, ""]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main(*sys.argv[1:2] or ["--draft"])
