"""What the application, and never the library, sets in JAX."""

from __future__ import annotations

import os
from pathlib import Path

from wmjax.app._settings import Compute


def prepare_jax(compute: Compute) -> None:
    """64-bit floats, the platform, and compiled programs kept between starts."""
    import jax

    jax.config.update("jax_enable_x64", compute.precision == 64)
    if compute.platform:
        jax.config.update("jax_platforms", {"gpu": "cuda"}.get(compute.platform, compute.platform))
    if compute.cache and os.environ.get("WMJAX_NO_CACHE", "0") in ("", "0"):
        jax.config.update("jax_compilation_cache_dir", str(cache_folder()))
        jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.0)
        jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)


def cache_folder() -> Path:
    """`$WMJAX_CACHE/jax`, else `~/.cache/wmjax/jax`."""
    stated = os.environ.get("WMJAX_CACHE")
    return (Path(stated) if stated else Path.home() / ".cache" / "wmjax") / "jax"
