"""The engines we compare with, each in an environment of its own."""

from __future__ import annotations

import subprocess
import sys
import types
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

from wmjax._resources import resource_dir


ROOT = resource_dir("data").parent
HOME = ROOT / ".cache" / "bench-peers"


@dataclass(frozen=True)
class Peer:
    """A package of the index: what to install, and the Pythons to try, best first."""

    name: str
    requirements: tuple[str, ...]
    pythons: tuple[str, ...] = ("3.12", "3.13", "3.11")


PEERS = {
    peer.name: peer
    for peer in (
        Peer("pysimlin", ("pysimlin==0.8.5",)),
        Peer("fast-pyworld3", ("fast-pyworld3==1.0.0",), ("3.13",)),
        Peer("pyworld3", ("pyworld3==1.1",)),
        Peer("PySD", ("pysd==3.14.3",)),
        Peer("scipy", ("scipy==1.18.1",)),
    )
}  # fmt: skip


@dataclass(frozen=True)
class Installed:
    """The interpreter of a peer's environment, and the versions that stand in it."""

    python: Path
    versions: str


@dataclass(frozen=True)
class Skipped:
    """Why a peer takes no part."""

    reason: str


def installed(peer: Peer) -> Installed | Skipped:
    """The environment of a peer, made from the package index when it is first asked for."""
    reason = f"no Python {' or '.join(peer.pythons)} on this machine"
    for version, interpreter in _interpreters(peer):
        folder = HOME / f"{peer.name}-{version}"
        python = folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
        done = folder / "requirements.txt"
        wanted = "\n".join(peer.requirements)
        if not done.exists() or done.read_text() != wanted:
            print(f"benchmarks: installing {wanted} into {folder}", flush=True)
            failure = _make(interpreter, folder, python, peer)
            if failure:
                reason = f"Python {version}: {failure}"
                continue
            done.write_text(wanted)
        return Installed(python, f"{wanted.replace('==', ' ')} (Python {version})")
    return Skipped(reason)


def _make(interpreter: str, folder: Path, python: Path, peer: Peer) -> str:
    """Makes the environment and fills it; what went wrong, or nothing."""
    install = [str(python), "-m", "pip", "install", "-q", "--disable-pip-version-check"]
    for command in (
        [interpreter, "-m", "venv", "--clear", str(folder)], [*install, *peer.requirements],
    ):  # fmt: skip
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            return (done.stderr.strip().splitlines() or ["no message"])[-1]
    return ""


def _interpreters(peer: Peer) -> Iterator[tuple[str, str]]:
    """Versions and interpreters that run, as scripts/bootstrap.py finds them."""
    bootstrap = _bootstrap()
    for version in peer.pythons:
        for candidate in bootstrap._candidates(version):
            if bootstrap._usable(candidate, version):
                yield version, str(candidate)
                break


def _bootstrap() -> types.ModuleType:
    where = spec_from_file_location("bootstrap", ROOT / "scripts" / "bootstrap.py")
    assert where is not None and where.loader is not None
    module = module_from_spec(where)
    where.loader.exec_module(module)
    return module
