"""What holds for every test: checked types, 64-bit floats, no network, a store of its own."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import jax
import matplotlib
import pytest
from jaxtyping import install_import_hook


# Annotated types and shapes are checked at run time; a whole number may stand for a float.
install_import_hook(
    ["wmjax.program", "wmjax.model", "wmjax.sim", "wmjax.scenario", "wmjax.tax", "calibration"],
    "beartype.beartype(conf=beartype.BeartypeConf(is_pep484_tower=True))",
)

_ROOT = Path(__file__).resolve().parent.parent
_LOOPBACK = ("127.", "::1", "localhost")

jax.config.update("jax_enable_x64", True)
jax.config.update("jax_numpy_dtype_promotion", "strict")
matplotlib.use("Agg")

# Programs that tests start find compiled functions of earlier tests here.
os.environ.setdefault("WMJAX_CACHE", str(_ROOT / ".cache" / "jax-tests"))
for _name in ("WMJAX_NO_CACHE", "WMJAX_DEBUG", "HYDRA_FULL_ERROR"):
    os.environ.pop(_name, None)


@pytest.fixture(autouse=True)
def _own_store(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs are stored in a folder that is this test's alone."""
    monkeypatch.setenv("WMJAX_HOME", str(tmp_path_factory.mktemp("store") / "runs"))


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Connections leave this machine in no test: they fail at once and say so."""
    real = socket.socket.connect

    def connect(self: socket.socket, address: object) -> None:
        host = str(address[0]) if isinstance(address, tuple) else ""
        if isinstance(address, tuple) and not host.startswith(_LOOPBACK):
            raise OSError(f"tests have no network: connection to {host} refused")
        real(self, address)  # type: ignore[arg-type]

    monkeypatch.setattr(socket.socket, "connect", connect)
    yield
