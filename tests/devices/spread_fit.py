"""A fit from several starts, as a program: `spread_fit.py DEVICES CHECKPOINT PAUSE METHOD`.

DEVICES is the number of processors to act as, 0 for none but the default. Prints a line for every
evaluation, and at the end the numbers as JSON.
"""

from __future__ import annotations

import json
import os
import sys
import time


def main(count: int, checkpoint: str, pause: float, method: str) -> None:
    if count:
        os.environ["XLA_FLAGS"] = f"--xla_force_host_platform_device_count={count}"
    import jax

    jax.config.update("jax_enable_x64", True)
    from tests.devices.problem import logistic_fit
    from wmjax.sim import devices

    def show(done: int, total: int, text: str) -> None:
        print(f"evaluation {done}: {text}", flush=True)
        time.sleep(pause)

    found = logistic_fit(
        method=method, checkpoint=checkpoint or None, progress=show,
        devices=devices() if count else None,
    )  # fmt: skip
    told = {"devices": len(jax.devices()), "loss": found.loss, "z": found.z.tolist(),
            "starts": [s.loss for s in found.starts],
            "sd": found.table()["sd"].tolist()}  # fmt: skip
    print(json.dumps(told))


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], float(sys.argv[3]), sys.argv[4])
