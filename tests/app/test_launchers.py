"""Hydra's launchers: the jobs of a multirun elsewhere than one after the other in this process."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from wmjax.store import RunStore


_TWO = ("run", "-m", "model=savings.yaml", "parameters.rate=0.1,0.2", "output=a.csv")


def _assert_both(folder: Path) -> None:
    """Both jobs wrote their table and their run."""
    ends = [pd.read_csv(folder / f"a-{i}.csv")["balance"].iloc[-1] for i in range(2)]
    assert ends == pytest.approx([100 * 1.025**40, 100 * 1.05**40])
    records = RunStore(folder / "runs").list(verb="run", status="done")
    assert len(records) == 2 and len({r.id for r in records}) == 2


@pytest.mark.parametrize("launcher", ["joblib", "cores", "submitit_local"])
def test_both_jobs_of_a_multirun_are_done_and_stored(program, folder, launcher) -> None:
    done = program(*_TWO, f"hydra/launcher={launcher}")
    assert done.status == 0, done.err
    _assert_both(folder)


@pytest.mark.slow
@pytest.mark.parametrize("launcher", ["joblib", "submitit_local"])
def test_a_sweep_of_each_of_two_models(program, folder, launcher) -> None:
    text = (folder / "savings.yaml").read_text()
    (folder / "poor.yaml").write_text(text.replace("value: 100,", "value: 10,"))
    done = program("sweep", "-m", "model=savings.yaml", "chunk=8,16", f"hydra/launcher={launcher}",
                   "compute=devices", "compute.host_devices=2")  # fmt: skip
    assert done.status == 0, done.err
    assert len(RunStore(folder / "runs").list(verb="sweep", status="done")) == 2


@pytest.mark.slow
@pytest.mark.parametrize("launcher", ["joblib", "submitit_local"])
def test_a_job_that_fails_elsewhere_gives_its_status_and_says_where(
    program, folder, launcher
) -> None:
    done = program("run", "-m", "model=savings.yaml", "parameters.rate=0.1,1e400", "output=a.csv",
                   f"hydra/launcher={launcher}")  # fmt: skip
    assert done.status == 2
    told = "finite number" if launcher == "joblib" else ".submitit"
    assert told in done.err and "Traceback" not in done.err
    statuses = {r.status for r in RunStore(folder / "runs").list(verb="run")}
    assert statuses == {"done", "failed"}


def test_the_preset_for_slurm_is_complete(wm, folder) -> None:
    said = wm("sweep", "model=savings.yaml", "hydra/launcher=slurm", "--cfg", "hydra")
    assert said.status == 0, said.err
    assert "SlurmLauncher" in said.out and "timeout_min: 240" in said.out


def test_a_launcher_that_is_not_there_is_named_with_what_to_install(wm, folder) -> None:
    said = wm(*_TWO, "hydra/launcher=nowhere")
    assert said.status == 2
    assert "nowhere" in said.err and "wmjax[joblib]" in said.err


@pytest.mark.slow
def test_ray_on_this_machine(ray_python, folder, ray_environment) -> None:
    _assert_ray(ray_python, folder, ray_environment, "ray")


@pytest.mark.slow
def test_a_ray_that_runs_already_is_joined(ray_python, folder, ray_environment) -> None:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{one.getsockname()[1]}"
    command = [
        str(ray_python), "-m", "ray.scripts.scripts", "start", "--head", "--block",
        f"--port={address.split(':')[1]}", "--node-ip-address=127.0.0.1", "--num-cpus=2",
        "--include-dashboard=false",
    ]  # fmt: skip
    with (folder / "head.log").open("w") as log:
        head = subprocess.Popen(command, cwd=folder, env=ray_environment, stdout=log, stderr=log)
        try:
            _wait_for(address, head, folder / "head.log")
            joining = {**ray_environment, "RAY_ADDRESS": address}
            _assert_ray(ray_python, folder, joining, "ray_cluster")
        finally:
            head.terminate()
            head.wait(60)


@pytest.fixture
def ray_environment(folder) -> Iterator[dict[str, str]]:
    """A Ray of this test's own: the shared folder names the cluster that was started last, and
    `ray` would join it. The name is short because a Unix socket's path must be."""
    with tempfile.TemporaryDirectory(prefix="r", ignore_cleanup_errors=True) as own:
        settings = {"HOME": str(folder), "RAY_TMPDIR": own, "RAY_USAGE_STATS_ENABLED": "0"}
        yield {**{k: v for k, v in os.environ.items() if k != "RAY_ADDRESS"}, **settings}


def _wait_for(address: str, head: subprocess.Popen, log: Path) -> None:
    host, port = address.split(":")
    deadline = time.monotonic() + 120
    while True:
        assert head.poll() is None and time.monotonic() < deadline, log.read_text()
        with socket.socket() as one:
            if one.connect_ex((host, int(port))) == 0 and "Ray runtime started" in log.read_text():
                return
        time.sleep(0.2)


def _assert_ray(python: Path, folder: Path, environment: dict[str, str], launcher: str) -> None:
    done = subprocess.run(
        [str(python), "-m", "wmjax", *_TWO, f"hydra/launcher={launcher}"],
        cwd=folder, env=environment, capture_output=True, text=True, timeout=400,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    _assert_both(folder)


@pytest.fixture(scope="session")
def ray_python() -> Path:
    """The interpreter of an environment with the `ray` extra, kept in .cache between runs."""
    root = Path(__file__).resolve().parents[2]
    version = "{}.{}".format(*sys.version_info)
    words = ["--venv", f".cache/ray-{version}", "--python", version, "--extras", "ray"]
    made = subprocess.run(
        [sys.executable, str(root / "scripts" / "bootstrap.py"), *words],
        capture_output=True, text=True, timeout=1500,
    )  # fmt: skip
    if made.returncode:
        pytest.skip(f"no environment with Ray: {(made.stdout + made.stderr)[-300:]}")
    return root / ".cache" / f"ray-{version}" / "bin" / "python"
