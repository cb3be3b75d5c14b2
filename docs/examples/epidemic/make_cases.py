"""Makes cases.csv: the epidemic with known parameters, seen through noise and with days missing.

    python make_cases.py
"""

from __future__ import annotations

from pathlib import Path

import jax


jax.config.update("jax_enable_x64", True)

import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402

import wmjax  # noqa: E402


TRUTH = {"contact_rate": 0.34, "illness": 6.0, "reported": 0.4, "first_cases": 20.0}


def main() -> None:
    here = Path(__file__).parent
    model = wmjax.compile_model(here / "model.yaml")
    run = wmjax.simulate(wmjax.with_parameters(model, TRUTH)).to_dataframe()
    rng = np.random.default_rng(2026)
    days = run.index[run.index <= 90]
    seen = pd.DataFrame(index=days.astype(int).rename("day"))
    for name in ("cases", "in_care"):
        path = run.loc[days, name].to_numpy()
        noisy = np.round(path * np.exp(0.1 * rng.normal(size=len(days))))
        missing = rng.random(len(days)) < 0.1
        seen[name] = np.where(missing | (noisy < 1), np.nan, noisy)
    seen.to_csv(here / "cases.csv", float_format="%.0f")


if __name__ == "__main__":
    main()
