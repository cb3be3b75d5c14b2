"""What the results depend on besides the spec: versions, never the name of a machine."""

from __future__ import annotations

import functools
import hashlib
import importlib.metadata
import json
import os
import platform
import subprocess
import sys
from pathlib import Path
from typing import Any

from wmjax.store._text import plain


_CHECKOUT = Path(__file__).resolve().parents[2]
_GIT_SECONDS = 10.0


@functools.cache
def code_version() -> dict[str, Any]:
    """Versions of wmjax, Python, jax and numpy, and the commit where wmjax is a checkout.

    `commit` and `dirty` are None outside a checkout; `commit` also where nothing is committed.
    """
    commit, status = _git("rev-parse", "--verify", "HEAD"), _git("status", "--porcelain")
    packages = ("wmjax", "jax", "jaxlib", "numpy", "equinox", "diffrax")
    return {
        **{name: _version(name) for name in packages},
        "python": platform.python_version(),
        "platform": f"{sys.platform}-{platform.machine()}",
        "commit": commit,
        "dirty": None if status is None else bool(status),
    }


def _version(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def _git(*words: str) -> str | None:
    if not (_CHECKOUT / ".git").exists():
        return None
    try:
        done = subprocess.run(
            ["git", "-C", str(_CHECKOUT), *words],
            capture_output=True,
            text=True,
            timeout=_GIT_SECONDS,
            env={**os.environ, "GIT_OPTIONAL_LOCKS": "0"},
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def spec_document(spec: Any) -> Any:
    """A `ModelSpec` or a mapping as it stands in a file."""
    return plain(spec.to_dict() if hasattr(spec, "to_dict") else spec, "spec")


def spec_hash(document: Any) -> str:
    """SHA-256 of the content, the order of mappings aside: equal to `ModelSpec.hash`."""
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
