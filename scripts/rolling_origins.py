"""The table of rolling origins inside 1960-1999 in data/models/world/README.md.

`python scripts/rolling_origins.py` fits the world model at each origin by its protocol and scores
the years after it, up to twenty and up to 1999. Later rows are cut off before anything reads them,
so 2000-2019 is never scored here.
"""

from __future__ import annotations

import jax


jax.config.update("jax_enable_x64", True)

import wmjax  # noqa: E402 - after the switch to 64 bits
from calibration import backtest, load_protocol  # noqa: E402
from wmjax._resources import resource_dir  # noqa: E402


ORIGINS = (1976, 1979, 1982, 1985, 1988, 1991)
LAST = 1999


def main() -> None:
    file = load_protocol(resource_dir("data") / "models/world/protocol.yaml")
    history = wmjax.load_observations("world").window(1900, LAST)
    known = {v: s for v, s in (file.series or {}).items() if s.observed in history}
    file = file.model_copy(update={"series": known})
    model = wmjax.compile_model("world")
    print("| origin | horizon | series | best naive | its MASE | model's MASE ", end="")
    print("| ratio | won | 50 % | 90 % |\n" + "|---" * 10 + "|")
    for origin in ORIGINS:
        found = backtest(
            model, history, settings=file, fit_window=(1960, origin),
            score_window=(origin + 1, min(origin + 20, LAST)), key=0,
        ).without(file.backtest.apart)  # fmt: skip
        s = found.summary
        print(
            f"| {origin} | {min(20, LAST - origin)} | {s.series} | {s.best_naive} "
            f"| {s.geometric_mase[s.best_naive]:.2f} | {s.geometric_mase['model']:.2f} "
            f"| {s.ratio:.2f} | {100 * s.won:.0f} % | {100 * s.coverage_50:.0f} % "
            f"| {100 * s.coverage_90:.0f} % |",
            flush=True,
        )


if __name__ == "__main__":
    main()
