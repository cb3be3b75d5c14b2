"""`wmjax convert`: write a model in another format, with edits that were reviewed."""

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
    edits: Text | None = None
    output: Text


def run(settings: Settings) -> int:
    from wmjax.formats import XMILE, save_spec

    path = settings.numbered(settings.output)
    check_output(path, (".yaml", ".yml", ".json", ".csv", *XMILE))
    spec = _edited(_read(settings.model), settings.edits)
    if path.suffix.lower() in XMILE:
        _write_xmile(spec, path)
    elif _holds_actors(path.name):
        from structure_gen import export

        export(spec, path)
    else:
        write_whole(path, lambda draft: save_spec(spec, draft))
    print(f"written: {path}")
    return 0


def _holds_actors(name: str) -> bool:
    """Whether a file is a table or a JSON of actors (see `structure_gen.export`)."""
    return name.lower().endswith((".actors.json", ".csv"))


def _read(model: str) -> ModelSpec:
    from wmjax.spec import load_spec

    if not _holds_actors(model):
        return load_spec(model)
    from structure_gen import import_actors

    return import_actors(model)


def _edited(spec: ModelSpec, path: str | None) -> ModelSpec:
    """The spec after the edits of a file such as `wmjax refine news=...` writes."""
    if path is None:
        return spec
    from structure_gen import apply_edit, load_edits

    for proposal in load_edits(path):
        spec = apply_edit(spec, proposal.edit)
        print(f"done: {proposal.edit}")
    return spec


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
