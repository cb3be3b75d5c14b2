"""What the application, and never the library, sets in JAX, and the devices it computes on."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from wmjax._errors import UserError
from wmjax.app._flags import HOST_DEVICES, set_flags, stated_flags
from wmjax.app._settings import Compute


if TYPE_CHECKING:
    from wmjax.sim import Devices


def prepare_jax(compute: Compute) -> None:
    """Flags of the compiler, other processes, 64-bit floats, the platform, and compiled programs
    kept between starts.

    **Raises:** `UserError` for a device, or another process, that is not there.
    """
    stated = HOST_DEVICES in stated_flags()
    set_flags(compute)
    import jax

    if compute.over == "cluster":
        _join(compute)
    platform = _platform(compute)
    if platform:
        _choose_platform(platform)
    if compute.host_devices and not stated:
        _see_host_devices(compute.host_devices)
    jax.config.update("jax_enable_x64", compute.precision == 64)
    if compute.cache and os.environ.get("WMJAX_NO_CACHE", "0") in ("", "0"):
        jax.config.update("jax_compilation_cache_dir", str(cache_folder()))
        jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.0)
        jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)


def chosen_devices(compute: Compute) -> Devices | None:
    """The devices that share starts, draws and scenarios; None for the one that jax takes."""
    if compute.over == "device":
        return None
    import jax

    from wmjax.sim import devices

    return devices(jax.devices(_platform(compute)))


def _platform(compute: Compute) -> str | None:
    return compute.platform or ("cpu" if compute.host_devices else None)


def _choose_platform(platform: str) -> None:
    import jax

    try:
        device = jax.local_devices(backend=platform)[0]
    except RuntimeError as error:
        hint = "install jax for it (jax[cuda13], jax[tpu]) or leave compute.platform out"
        found = str(error).splitlines()[0]
        raise UserError("compute.platform", f"no {platform}: {found}", "cpu", hint) from None
    jax.config.update("jax_default_device", device)


def _see_host_devices(wanted: int) -> None:
    import jax

    found = len(jax.local_devices(backend="cpu"))
    if found != wanted:
        raise UserError(
            "compute.host_devices", f"{wanted}, and jax runs with {found} already",
            f"{found}, or a new process",
            "the number of devices of a process is fixed when it starts: start another wmjax",
        )  # fmt: skip


def _join(compute: Compute) -> None:
    """Joins the other processes of the job, or finds that it has done so."""
    import jax

    if jax.distributed.is_initialized():
        return
    stated = (compute.coordinator, compute.num_processes, compute.process_id)
    try:
        jax.distributed.initialize(*stated)
    except (ValueError, RuntimeError) as error:
        found = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise UserError(
            "compute=cluster", f"no cluster: {found}",
            "a job of SLURM, Open MPI or Kubernetes, or all three of compute.coordinator, "
            "compute.num_processes and compute.process_id",
            "start it with srun, or state compute.coordinator=HOST:PORT compute.num_processes=N "
            "compute.process_id=0, 1, ... in each process; compute=devices needs no cluster",
        ) from None  # fmt: skip


def is_follower() -> bool:
    """Whether another process of this job writes and speaks for all."""
    import jax

    return jax.distributed.is_initialized() and jax.process_index() > 0


def cache_folder() -> Path:
    """`$WMJAX_CACHE/jax`, else `~/.cache/wmjax/jax`."""
    stated = os.environ.get("WMJAX_CACHE")
    return (Path(stated) if stated else Path.home() / ".cache" / "wmjax") / "jax"
