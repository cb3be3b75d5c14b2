"""What the application, and never the library, sets in JAX."""

from __future__ import annotations

import os
from pathlib import Path

from wmjax._errors import UserError
from wmjax.app._settings import Compute


def prepare_jax(compute: Compute) -> None:
    """64-bit floats, the platform, and compiled programs kept between starts."""
    import jax

    if compute.platform:
        _choose_platform(compute.platform)
    jax.config.update("jax_enable_x64", compute.precision == 64)
    if compute.cache and os.environ.get("WMJAX_NO_CACHE", "0") in ("", "0"):
        jax.config.update("jax_compilation_cache_dir", str(cache_folder()))
        jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.0)
        jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)


def _choose_platform(platform: str) -> None:
    import jax

    try:
        device = jax.devices(platform)[0]
    except RuntimeError as error:
        hint = "install jax for it (jax[cuda13], jax[tpu]) or leave compute.platform out"
        found = str(error).splitlines()[0]
        raise UserError("compute.platform", f"no {platform}: {found}", "cpu", hint) from None
    jax.config.update("jax_default_device", device)


def cache_folder() -> Path:
    """`$WMJAX_CACHE/jax`, else `~/.cache/wmjax/jax`."""
    stated = os.environ.get("WMJAX_CACHE")
    return (Path(stated) if stated else Path.home() / ".cache" / "wmjax") / "jax"
