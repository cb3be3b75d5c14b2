"""The process that serves a GGUF file: `python -m wmjax.llm._providers._serve`.

It reads its settings as one line of JSON, says where it listens and which grammars it reads, and
ends when its standard input does: with its parent, however that ends. The server itself cannot be
stopped.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import threading
import time
from typing import Any


ALIAS = "local"
# The weights by default are a base model: any chat frame that it was not trained on makes junk.
_TEMPLATE = (
    "{% for m in messages %}{{ m.role|capitalize }}: {{ m.content }}\n\n{% endfor %}Assistant:"
)


def main() -> None:
    settings: dict[str, Any] = json.loads(sys.stdin.readline())
    said = os.dup(1)
    os.dup2(2, 1)  # the library talks on standard output
    threading.Thread(target=_end_with_parent, args=(os.getppid(),), daemon=True).start()
    library: Any = importlib.import_module("xllamacpp")
    server = library.Server(_parameters(library.CommonParams(), settings))
    where = {"address": server.listening_address, "compact": _reads_guidance(library)}
    os.write(said, f"{json.dumps(where)}\n".encode())
    sys.stdin.read()
    os._exit(0)


def _reads_guidance(library: Any) -> bool:
    """Whether the library was built with grammars in which white space can be forbidden."""
    grammar = library.json_schema_to_grammar(json.dumps({"type": "object"}))
    return grammar.startswith("%llguidance")


def _parameters(p: Any, settings: dict[str, Any]) -> Any:
    p.model.path = settings["path"]
    p.model_alias, p.hostnames, p.port = {ALIAS}, ["127.0.0.1"], 0
    p.n_parallel = settings["parallel"]
    p.n_ctx = settings["context"] * settings["parallel"]
    p.ui, p.offline = False, True
    p.cpuparams.n_threads = p.cpuparams_batch.n_threads = settings["threads"]
    if settings["plain"]:
        p.use_jinja, p.chat_template = True, _TEMPLATE
    return p


def _end_with_parent(parent: int) -> None:
    """A forked sibling may hold the pipe open after the parent's death."""
    while os.getppid() == parent:
        time.sleep(1.0)
    os._exit(0)


if __name__ == "__main__":
    main()
