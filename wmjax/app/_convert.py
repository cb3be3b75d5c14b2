"""`wmjax convert`: write a model in another format."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from wmjax.app._output import check_output, write_whole
from wmjax.app._settings import Text, VerbSettings


if TYPE_CHECKING:
    from wmjax.spec import ModelSpec


class Settings(VerbSettings):
    model: Text
    output: Text


def run(settings: Settings) -> int:
    from wmjax.formats import XMILE, save_spec
    from wmjax.spec import load_spec

    path = settings.numbered(settings.output)
    check_output(path, (".yaml", ".yml", ".json", *XMILE))
    spec = load_spec(settings.model)
    if path.suffix.lower() in XMILE:
        _write_xmile(spec, path)
    else:
        write_whole(path, lambda draft: save_spec(spec, draft))
    print(f"written: {path}")
    return 0


def _write_xmile(spec: ModelSpec, path: Path) -> None:
    """The file, and on standard error what other programs will not see as we do."""
    from wmjax.formats import to_xmile

    document = to_xmile(spec)
    write_whole(path, lambda draft: draft.write_text(document.text, encoding="utf-8"))
    for issue in document.issues:
        print(issue, file=sys.stderr)
    if document.kept:
        kept = ", ".join(document.kept)
        print(f"other programs pass over what XMILE has no words for: {kept}", file=sys.stderr)
