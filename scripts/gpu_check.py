"""Compare what a GPU computes with what the CPU computes, and say how fast each is.

    python scripts/gpu_check.py                       the GPU against the CPU
    python scripts/gpu_check.py --out DIR             and write DIR/gpu_check.json
    python scripts/gpu_check.py --platform cpu        the CPU against itself: a test of this script

Needs this repository, its dependencies and a jax that knows the device, such as jax[cuda12].
Exit status: 0 they agree, 1 they do not, 2 there is no such device.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any


sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import jax  # noqa: E402


jax.config.update("jax_enable_x64", True)

import jax.numpy as jnp  # noqa: E402
import numpy as np  # noqa: E402

import calibration  # noqa: E402
import wmjax  # noqa: E402
from wmjax.model import with_parameters  # noqa: E402
from wmjax.series import load_observations  # noqa: E402
from wmjax.spec import bundled_models, model_path  # noqa: E402


# The largest difference that is allowed, as a share of the largest value of the same variable.
# A run multiplies rounding, a gradient more so; a fit stops where its loss no longer falls.
TOLERANCES = {
    ("forward", 64): 1e-9, ("forward", 32): 2e-3,
    ("gradient", 64): 1e-7, ("gradient", 32): 5e-2,
    ("sweep", 64): 1e-9, ("sweep", 32): 2e-3,
    ("calibration", 64): 1e-6,
}  # fmt: skip
_SPREAD = 0.02  # of the parameters in a sweep
_STOCKS = 3
_ROUNDS = 4  # of a fit


@dataclass(frozen=True)
class Found:
    """One comparison: how far apart, and what each device does in a second."""

    model: str
    what: str
    bits: int
    difference: float
    allowed: float
    unit: str
    per_second_cpu: float
    per_second_device: float

    @property
    def agrees(self) -> bool:
        return self.difference <= self.allowed

    def row(self) -> str:
        verdict = "agrees" if self.agrees else "DISAGREES"
        return (f"{self.model:<8} {self.what:<12} f{self.bits}  {verdict:<10}"
                f"{self.difference:9.1e} of {self.allowed:7.0e}"
                f"{self.per_second_cpu:12.4g} -> {self.per_second_device:10.4g} {self.unit}/s"
                f"  ({self.per_second_device / self.per_second_cpu:.2f}x)")  # fmt: skip


def main(argv: list[str] | None = None) -> int:
    asked = _arguments(argv)
    try:
        device = jax.devices(asked.platform)[0]
    except RuntimeError as error:
        print(f"no {asked.platform}: {str(error).splitlines()[0]}\n"
              "  do: install jax for it, such as jax[cuda12]; --platform cpu tests this script",
              file=sys.stderr)  # fmt: skip
        return 2
    cpu = jax.devices("cpu")[0]
    print(f"jax {jax.__version__}: {cpu.device_kind} -> {device.device_kind} ({device.platform})")
    found = []
    for one in _compared(asked, cpu, device):
        found.append(one)
        print(one.row(), flush=True)
    if asked.out:
        _write(Path(asked.out), device, found)
    wrong = [f"{one.model} {one.what} f{one.bits}" for one in found if not one.agrees]
    print(f"disagree: {', '.join(wrong)}" if wrong else "all agree")
    return 1 if wrong else 0


def _arguments(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--platform", default="gpu", help="cpu, gpu or tpu")
    parser.add_argument("--models", default="world,world3", help="bundled models or paths")
    parser.add_argument("--runs", type=int, default=20_000, help="runs of a sweep")
    parser.add_argument("--starts", type=int, default=16, help="of a fit of the world; 0: no fit")
    parser.add_argument("--out", default="", help="folder for gpu_check.json")
    return parser.parse_args(argv)


def _compared(asked: argparse.Namespace, cpu: Any, device: Any) -> Iterator[Found]:
    for name in asked.models.split(","):
        if not Path(name).is_file() and name not in bundled_models():
            print(f"{name:<8} is not there: left out")
            continue
        for bits in (64, 32):
            for what, work, unit, amount in _works(name, bits, asked.runs):
                yield _pair(Path(name).stem, what, bits, unit, amount, work, cpu, device)
    if asked.starts:
        fitting = _fitting(asked.starts)
        yield _pair("world", "calibration", 64, "evaluations", 1, fitting, cpu, device)


def _pair(
    model: str, what: str, bits: int, unit: str, amount: int, work: Callable[[Any], Callable],
    cpu: Any, device: Any,
) -> Found:  # fmt: skip
    (ours, slow), (theirs, fast) = (_timed(work(d), d) for d in (cpu, device))
    gaps = [_gap(ours[n], theirs[n]) for n in ours]
    done = amount * int(ours.get("evaluations", 1))
    allowed = TOLERANCES[what, bits]
    return Found(model, what, bits, max(gaps), allowed, unit, done / slow, done / fast)


def _gap(ours: Any, theirs: Any) -> float:
    """The largest difference as a share of the largest value; infinite where only one is finite."""
    a, b = (np.asarray(x, np.float64) for x in (ours, theirs))
    if not np.array_equal(np.isfinite(a), np.isfinite(b)):
        return np.inf
    good = np.isfinite(a)
    scale = np.abs(a[good]).max(initial=0.0)
    return float(np.abs(a[good] - b[good]).max(initial=0.0) / (scale or 1.0))


def _timed(work: Callable[[], dict[str, Any]], device: Any) -> tuple[dict[str, Any], float]:
    """What it finds, and the seconds of the quickest of three calls after the first."""
    with jax.default_device(device):
        found = jax.device_get(work())
        times = []
        for _ in range(3):
            begun = time.perf_counter()
            jax.block_until_ready(work())
            times.append(time.perf_counter() - begun)
    return found, min(times)


def _works(name: str, bits: int, runs: int) -> Iterator[tuple[str, Callable, str, int]]:
    """What is compared of a model: its name, how to make it ready on a device, and its unit."""
    spec, dtype = wmjax.load_spec(name), (jnp.float64 if bits == 64 else jnp.float32)

    def compiled(device: Any) -> tuple[Any, tuple[str, ...], dict[str, Any]]:
        with jax.default_device(device):
            model = wmjax.compile_model(spec, dtype=dtype)
        return model, model.program.names("stock")[:_STOCKS], _moved(model)

    def forward(device: Any) -> Callable[[], dict[str, Any]]:
        model, _, _ = compiled(device)
        stocks = model.program.names("stock")
        return lambda: wmjax.simulate(model, save=stocks, throw=False).values

    def gradient(device: Any) -> Callable[[], dict[str, Any]]:
        model, stocks, moved = compiled(device)

        @jax.jit
        def slopes(values: dict[str, Any]) -> dict[str, Any]:
            def total(values: dict[str, Any]) -> Any:
                run = wmjax.simulate(with_parameters(model, values), save=stocks, throw=False)
                parts = (jnp.mean(v) / jax.lax.stop_gradient(jnp.abs(v).max() + 1e-30)
                         for v in run.values.values())  # fmt: skip
                return sum(parts, jnp.zeros((), dtype))

            return jax.grad(total)(values)

        return lambda: _effects(slopes(moved), moved)

    def swept(device: Any) -> Callable[[], dict[str, Any]]:
        model, stocks, moved = compiled(device)
        noise = np.random.default_rng(0).uniform(1 - _SPREAD, 1 + _SPREAD, (runs,))
        draws = {n: noise.reshape(-1, *(1,) * v.ndim) * np.asarray(v) for n, v in moved.items()}

        def work() -> dict[str, Any]:
            found = wmjax.sweep(model, None, draws, save=stocks)
            return {n: found[n].values for n in stocks}

        return work

    yield "forward", forward, "runs", 1
    yield "gradient", gradient, "gradients", 1
    yield "sweep", swept, "runs", runs


def _moved(model: Any) -> dict[str, Any]:
    """The parameters that may be fitted, or, where the spec names none, ten of them."""
    free = [n for n, v in model.spec.variables.items() if getattr(v, "trainable", False)]
    names = [n for n in free if n in model.parameters] or list(model.parameters)[:10]
    return {n: model.parameters[n] for n in names[:10]}


def _effects(slopes: dict[str, Any], values: dict[str, Any]) -> dict[str, Any]:
    """All slopes times their parameters, as one vector, so that each counts by its effect."""
    parts = [(slopes[n] * values[n]).reshape(-1) for n in sorted(slopes)]
    return {"effects": jnp.concatenate(parts)}


def _fitting(starts: int) -> Callable[[Any], Callable[[], dict[str, Any]]]:
    """A few rounds of a fit of the bundled world from several starts."""

    def ready(device: Any) -> Callable[[], dict[str, Any]]:
        model = wmjax.compile_model("world")
        names = {getattr(v, "observed", None) for v in model.spec.variables.values()}
        data = load_observations(sorted(n for n in names if n))
        protocol = model_path("world").parent / "protocol.yaml"

        def work() -> dict[str, Any]:
            found = calibration.fit(
                model, data, settings=protocol, starts=starts, key=0, max_evaluations=_ROUNDS,
                devices=[device],
            )  # fmt: skip
            losses = np.sort([s.loss for s in found.starts])
            # four random points are looked at for every further start, and the last one again
            count = starts * (_ROUNDS + (4 if starts > 1 else 0) + 1)
            return {"losses": losses, "evaluations": np.asarray(count)}

        return work

    return ready


def _write(folder: Path, device: Any, found: list[Found]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    about = {"jax": jax.__version__, "device": device.device_kind, "platform": device.platform}
    rows = [{**asdict(one), "agrees": one.agrees} for one in found]
    path = folder / "gpu_check.json"
    path.write_text(json.dumps({**about, "found": rows}, indent=1) + "\n", encoding="utf-8")
    print(f"written: {path}")


if __name__ == "__main__":
    sys.exit(main())
