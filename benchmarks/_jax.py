"""JAX as the application sets it up: flags of the compiler, 64 bits, the cache where one is named.

Call before anything imports JAX's devices.
"""

from __future__ import annotations

from wmjax.app._flags import set_flags
from wmjax.app._settings import Compute


def prepare(host_devices: int | None = None, cache: str | None = None) -> None:
    """**Arguments:**

    - `host_devices`: number of virtual devices; one if absent.
    - `cache`: folder of compiled programs; none are kept if absent.
    """
    set_flags(Compute(platform="cpu", precision=64, cache=False, host_devices=host_devices))
    import jax

    jax.config.update("jax_enable_x64", True)
    if cache is not None:
        jax.config.update("jax_compilation_cache_dir", cache)
        jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.0)
        jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)
