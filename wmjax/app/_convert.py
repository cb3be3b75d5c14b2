"""`wmjax convert`: write a model in another format."""

from __future__ import annotations

from wmjax.app._output import check_output, write_whole
from wmjax.app._settings import Text, VerbSettings


class Settings(VerbSettings):
    model: Text
    output: Text


def run(settings: Settings) -> int:
    from wmjax.spec import load_spec, save_spec

    path = settings.numbered(settings.output)
    check_output(path, (".yaml", ".yml", ".json"))
    spec = load_spec(settings.model)
    write_whole(path, lambda draft: save_spec(spec, draft))
    print(f"written: {path}")
    return 0
